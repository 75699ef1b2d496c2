/** `info`: good to know · `doubt`: the number stands, with this beside it · `void`: the joule is withheld (null). */
export type Severity = 'info' | 'doubt' | 'void';

interface CodeEntry {
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
}

/** Every reason to doubt or withhold a number. Source: METHOD §7. The one home of these texts. */
export const CODES = {
  NOT_BRACKETED: {
    severity: 'void',
    message: 'the meter has no reading before or after this window',
    remedy: 'keep the meter running longer around the request: raise --baseline and --cooldown',
  },
  GAP: {
    severity: 'doubt',
    message: 'readings are missing inside this window',
    remedy: 'run lmpower doctor; raise --interval if the meter cannot keep up',
  },
  COVERAGE_LOW: {
    severity: 'void',
    message: 'less than 95 % of this window is covered by readings',
    remedy: 'repeat the trial; run lmpower doctor if it happens again',
  },
  FEW_SAMPLES: {
    severity: 'doubt',
    message: 'fewer than 5 readings fall inside this window',
    remedy: 'ask for longer answers, or lower --interval',
  },
  PARTS_UNRESOLVED: {
    severity: 'info',
    message: 'prefill or decode is too short for the meter: fewer than 5 readings fall inside it',
    remedy: 'use longer prompts and answers, or lower --interval; or: lmpower run --workload energy-grid-v1',
  },
  DURATION_MISMATCH: {
    severity: 'doubt',
    message: "the meter's own widths do not add up to the time that passed",
    remedy: 'close other programs that use the meter and repeat',
  },
  COUNTER_RESET: {
    severity: 'void',
    message: 'the energy counter was reset inside this window',
    remedy: 'repeat the trial',
  },
  COUNTER_DISAGREES: {
    severity: 'doubt',
    message: "the meter's energy and power fields disagree",
    remedy: 'attach lmpower sample --json to a bug report',
  },
  BATCHED_COUNTER: {
    severity: 'doubt',
    message: 'the meter publishes new energy less often than it is asked',
    remedy: 'ask for longer answers: the real resolution is the time between publications',
  },
  STALE_READING: {
    severity: 'doubt',
    message: 'the meter repeated a reading',
    remedy: 'raise --interval to the update period of the source',
  },
  ZERO_UNDER_LOAD: {
    severity: 'void',
    message: 'the meter reads zero while the machine works',
    remedy: 'update the operating system or use another source: lmpower doctor lists them',
  },
  WINDOW_SKEW: {
    severity: 'doubt',
    message: "the GPU block's own window differs from the sample's: energy is shifted across sample edges",
    remedy: 'ask for longer answers; the shift is counted in the bound',
  },
  RAIL_MISSING: {
    severity: 'doubt',
    message: 'a power rail is missing in some readings',
    remedy: 'sums that need the rail are withheld; look at the rails that are there',
  },
  IMPLAUSIBLE_POWER: {
    severity: 'void',
    message: 'power outside what this class of machine can draw',
    remedy: 'attach lmpower sample --json to a bug report',
  },
  UNIT_SUSPECT: {
    severity: 'void',
    message: 'the reading looks a thousand times off: milliwatts taken for watts?',
    remedy: 'attach lmpower sample --json to a bug report',
  },
  SECOND_SAMPLER: {
    severity: 'doubt',
    message: 'another program reads the same meter',
    remedy: 'close it and repeat',
  },
  SAMPLER_STALLED: {
    severity: 'doubt',
    message: 'the meter fell silent for a while',
    remedy: 'run lmpower doctor; raise --interval',
  },
  SAMPLER_DIED: {
    severity: 'doubt',
    message: 'the meter ended before the run did',
    remedy: 'run lmpower doctor and repeat',
  },
  GARBAGE: {
    severity: 'doubt',
    message: 'the meter wrote something that is not a reading',
    remedy: 'see the events of the run; attach them to a bug report',
  },
  RING_OVERFLOW: {
    severity: 'doubt',
    message: 'the ring buffer was full and dropped readings',
    remedy: 'raise --interval, or shorten the phases',
  },
  ALIGNMENT_POOR: {
    severity: 'doubt',
    message: 'arrival of the readings jitters more than half their width',
    remedy: 'close other programs, or raise --interval',
  },
  BASELINE_MISSING: {
    severity: 'doubt',
    message: 'there is no baseline: only gross energy can be given',
    remedy: 'run with --baseline 10 or more',
  },
  BASELINE_ONE_SIDED: {
    severity: 'info',
    message: 'a baseline was measured on one side of the request only',
    remedy: 'let the run end by itself, so that the closing baseline is measured',
  },
  BASELINE_DRIFT: {
    severity: 'doubt',
    message: 'idle power before and after differ by more than 5 % of net power',
    remedy: 'raise --cooldown, and let background work finish',
  },
  BASELINE_NOISY: {
    severity: 'doubt',
    message: 'idle power is too uneven for net energy to 1 %',
    remedy: 'raise --baseline, and close other programs',
  },
  FOREIGN_LOAD: {
    severity: 'doubt',
    message: 'other work ran on the machine or the server, or requests overlapped',
    remedy: 'close it and repeat, one request at a time',
  },
  THROTTLED: {
    severity: 'doubt',
    message: 'the machine reported thermal pressure',
    remedy: 'let it cool: raise --cooldown',
  },
  ON_BATTERY: { severity: 'doubt', message: 'the machine ran on battery', remedy: 'plug it in and repeat' },
  LOW_POWER_MODE: { severity: 'doubt', message: 'low-power mode was on', remedy: 'switch it off and repeat' },
  MACHINE_SLEPT: {
    severity: 'void',
    message: 'the machine slept during the run',
    remedy: 'repeat; on a Mac: caffeinate -i lmpower run …',
  },
  CLOCK_STEP: {
    severity: 'info',
    message: 'the wall clock was set during the run; times are monotonic and not affected',
    remedy: 'nothing to do',
  },
  CACHE_HIT: {
    severity: 'doubt',
    message: "part of the prompt came from the server's cache: prefill energy is that of the rest",
    remedy: 'use a workload with nonces, or reload the model',
  },
  CACHE_UNKNOWN: {
    severity: 'info',
    message: 'the server does not say whether the prompt came from its cache',
    remedy: 'use a workload with nonces for prefill figures',
  },
  LENGTH_MISMATCH: {
    severity: 'doubt',
    message: 'counts of output tokens disagree',
    remedy: 'see the completion in the run document',
  },
  EARLY_EOS: {
    severity: 'info',
    message: 'the model stopped before the length asked for',
    remedy: 'nothing to do, unless lengths must be equal',
  },
  COUNT_ESTIMATED: {
    severity: 'doubt',
    message: 'the server gave no token count: deltas were counted',
    remedy: 'use a backend that reports counts',
  },
  MODEL_MISMATCH: {
    severity: 'void',
    message: 'another model answered than the one asked for',
    remedy: 'unload the others, or name the loaded one with --model',
  },
  MODEL_REMOTE: {
    severity: 'void',
    message: 'the model runs on another machine: its energy cannot be measured here',
    remedy: 'load the model on this machine',
  },
  CONFIG_NOT_APPLIED: {
    severity: 'doubt',
    message: 'the server did not apply a requested setting',
    remedy: 'see environment.settings in the run document',
  },
  RETRIED: {
    severity: 'info',
    message: 'the request was sent a second time because the model had been unloaded',
    remedy: 'load the model without a time limit',
  },
  REQUEST_FAILED: {
    severity: 'void',
    message: 'the server did not answer this prompt',
    remedy: 'see the completion error in the run document',
  },
  TRIAL_INTERRUPTED: {
    severity: 'void',
    message: 'the run was interrupted during this trial',
    remedy: 'repeat it; the trials that finished before stand',
  },
  DOMAIN_PARTIAL: {
    severity: 'info',
    message: 'the widest domain measured is not the whole machine',
    remedy: 'compare only numbers of the same scope',
  },
  NET_NEGATIVE: {
    severity: 'doubt',
    message: 'net energy is negative within noise',
    remedy: 'raise --baseline, or ask for longer answers',
  },
  BOUND_LARGE: {
    severity: 'doubt',
    message: 'the error bound exceeds 5 % of net energy',
    remedy: 'ask for longer answers, or lower --interval',
  },
  OUTLIER: {
    severity: 'info',
    message: 'this trial lies far from the others; it is kept',
    remedy: 'look at its timeline in the report',
  },
  FEW_TRIALS: {
    severity: 'info',
    message: 'too few repetitions for an interval',
    remedy: 'repeat with --trials 5 or more',
  },
  CI_NOT_REACHED: {
    severity: 'info',
    message: 'the interval did not become as narrow as --until-ci asked',
    remedy: 'raise --max-trials or --max-minutes',
  },
  LENGTHS_COLLINEAR: {
    severity: 'info',
    message: 'prompt and answer lengths vary together: a regression cannot tell prefill from decode',
    remedy: 'lmpower run --workload energy-grid-v1',
  },
  TRIALS_CORRELATED: {
    severity: 'doubt',
    message: 'successive trials resemble each other: the interval may be too narrow',
    remedy: 'raise --cooldown',
  },
  OUTSIDE_REFERENCE: {
    severity: 'info',
    message: 'energy per token lies outside what has been published for models of this size',
    remedy: 'look at scope, batch size and power source; nothing was corrected',
  },
  POWER_UNAVAILABLE: {
    severity: 'void',
    message: 'no power source could be read',
    remedy: 'lmpower doctor lists the sources and what each needs',
  },
  IMPORTED: {
    severity: 'doubt',
    message: 'another program measured this: times, counts and power are as its file states them',
    remedy: 'lmpower run measures the same model here',
  },
  REPLAYED: {
    severity: 'doubt',
    message: 'the power was replayed from a recording, not read while this run went on',
    remedy: 'run without --sampler replay:… for numbers of this machine',
  },
  SIMULATED: {
    severity: 'info',
    message: 'the power, or the server too, was simulated: these numbers are of no real machine',
    remedy: 'lmpower run with a source of lmpower doctor measures yours',
  },
} as const satisfies Record<string, CodeEntry>;

export type CodeId = keyof typeof CODES;

export function severityOf(code: CodeId): Severity {
  return CODES[code].severity;
}

/** True when any of the codes forbids a joule. */
export function isVoid(codes: Iterable<CodeId>): boolean {
  for (const code of codes) if (severityOf(code) === 'void') return true;
  return false;
}

/** Codes once each, in table order, so that documents are reproducible. */
export function sortCodes(codes: Iterable<CodeId>): CodeId[] {
  const present = new Set(codes);
  return (Object.keys(CODES) as CodeId[]).filter((code) => present.has(code));
}
