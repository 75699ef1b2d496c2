/** 0 good · 1 bug · 2 wrong usage · 3 machine or server not ready · 4 headline void · 130 interrupted. Source: DESIGN §6. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

interface ErrorEntry {
  readonly exitCode: ExitCode;
  readonly remedy: string;
}

/** Every way of failing: its exit code and, unless the thrower knows better, the next thing to type. */
export const ERRORS = {
  BUG: { exitCode: 1, remedy: 'please report it with the output of the same command and --debug' },
  USAGE: { exitCode: 2, remedy: 'lmpower --help' },
  WORKLOAD_INVALID: {
    exitCode: 2,
    remedy: 'lmpower workloads lists the built-in ones; the schema is in prompts/README.md',
  },
  CONFIG_INVALID: { exitCode: 2, remedy: 'lmpower config keys lists what a file may say' },
  PRESET_UNKNOWN: { exitCode: 2, remedy: 'lmpower presets list' },
  PRESET_READ_ONLY: { exitCode: 2, remedy: 'save it under a name of your own: lmpower presets save NAME' },
  RUN_NOT_FOUND: { exitCode: 2, remedy: 'lmpower runs lists what is recorded' },
  RUN_AMBIGUOUS: { exitCode: 2, remedy: 'give more characters of the id, or: lmpower runs' },
  REPLAY_INVALID: { exitCode: 2, remedy: 'use --sampler replay:powermetrics:FILE@0' },
  NOT_COMPARABLE: {
    exitCode: 2,
    remedy: 'to compare them all the same, with a note of what differs: lmpower compare … --across',
  },
  OUTPUT_UNWRITABLE: { exitCode: 2, remedy: 'choose a folder that exists and that you may write to' },
  IMPORT_INVALID: {
    exitCode: 2,
    remedy: 'lmpower import --help lists what can be imported',
  },
  PACKAGE_MISSING: { exitCode: 3, remedy: 'install the package that is named' },
  RECEIVER_FAILED: {
    exitCode: 3,
    remedy: 'look whether the receiver listens there; a collector does at http://HOST:4318/v1/metrics',
  },
  SAMPLER_UNKNOWN: { exitCode: 2, remedy: 'lmpower doctor lists the samplers' },
  SAMPLER_UNAVAILABLE: { exitCode: 3, remedy: 'lmpower doctor' },
  SAMPLER_NOT_PERMITTED: { exitCode: 3, remedy: 'sudo lmpower run, or: lmpower doctor for the other ways' },
  POWER_REQUIRED: { exitCode: 3, remedy: 'lmpower doctor lists the sources and what each needs' },
  BACKEND_UNKNOWN: { exitCode: 2, remedy: 'lmpower run --help lists the backends' },
  BACKEND_UNREACHABLE: {
    exitCode: 3,
    remedy: 'start the server (LM Studio, llama-server, Ollama …), then: lmpower doctor',
  },
  BACKEND_UNAUTHORIZED: { exitCode: 3, remedy: 'give the token: LM_API_TOKEN=… lmpower run' },
  BACKEND_PROTOCOL: { exitCode: 3, remedy: 'update the server, or try another --backend' },
  BACKEND_TIMEOUT: { exitCode: 3, remedy: 'look at the server; raise --timeout' },
  BACKEND_DISCONNECTED: { exitCode: 3, remedy: 'look whether the server still runs, then: lmpower doctor' },
  BACKEND_REFUSED: { exitCode: 3, remedy: 'see the message of the server above' },
  SETTING_UNSUPPORTED: { exitCode: 2, remedy: 'leave the setting out, or use another backend' },
  MODEL_NOT_LOADED: {
    exitCode: 3,
    remedy: 'load a model in the server, or name one: lmpower run --model KEY',
  },
  MODEL_NOT_FOUND: { exitCode: 3, remedy: 'lmpower models lists what the server has' },
  MODEL_LOAD_FAILED: {
    exitCode: 3,
    remedy: 'see the message of the server above; a smaller context may fit',
  },
  MODEL_UNLOADED: { exitCode: 3, remedy: 'load the model without a time limit, then repeat' },
  MODEL_REMOTE: { exitCode: 3, remedy: 'load the model on this machine' },
  RESUME_REFUSED: {
    exitCode: 3,
    remedy: 'run it anew: with --skip-known what is known already is not measured again',
  },
  STORE_TOO_NEW: { exitCode: 3, remedy: 'update lmpower, or name another file: --db FILE' },
  STORE_LOCKED: { exitCode: 3, remedy: 'end the other lmpower, or name another file: --db FILE' },
  STORE_CORRUPT: { exitCode: 3, remedy: 'move the file away, or name another: --db FILE' },
  STORE_UNWRITABLE: { exitCode: 3, remedy: 'name a file that you may write to: --db FILE' },
  INTERRUPTED: { exitCode: 130, remedy: 'what was recorded is kept: lmpower analyze latest' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** The one error of the program: what happened (`message`), what to type next (`remedy`), and the exit code. */
export class LmpowerError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LmpowerError';
    this.code = code;
    this.remedy = options.remedy ?? ERRORS[code].remedy;
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exitCode;
  }
}

/** Any thrown value as an LmpowerError; what is not ours keeps its message and becomes `fallback`. */
export function asLmpowerError(thrown: unknown, fallback: ErrorCode = 'BUG'): LmpowerError {
  if (thrown instanceof LmpowerError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LmpowerError(fallback, message, { cause: thrown });
}
