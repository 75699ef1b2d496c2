import { createHash } from 'node:crypto';
import { METHOD_VERSION } from '../../core/result.ts';
import type { Completion, Environment, InferenceSettings, Phase, Setting, Trial } from '../../core/run.ts';
import type { Domain, Sample } from '../../core/sample.ts';
import type { Seconds } from '../../core/units.ts';
import { uuidv7 } from '../../core/uuid.ts';
import type { Prompt, Workload } from '../../core/workload.ts';
import { canonicalJson } from '../../orchestrator/canonical-json.ts';
import { hashOf } from '../../orchestrator/workload.ts';
import type { WholeRun } from '../../storage/store.ts';

/** What a foreign file says of one run. */
export interface ForeignRun {
  /** Program that measured. */
  readonly program: string;
  readonly startedAt: string;
  readonly backend: string;
  readonly prompts: readonly Prompt[];
  readonly trials: readonly Trial[];
  readonly environment: Partial<Environment>;
  readonly inference?: Partial<InferenceSettings>;
  readonly domains?: readonly Domain[];
  readonly samples?: readonly Sample[];
  readonly simulated?: boolean;
}

/** Where it came from, and what imports it. */
export interface ImportContext {
  /** Name of the file without its folder. */
  readonly file: string;
  readonly toolVersion: string;
}

const UNKNOWN_ENVIRONMENT: Environment = {
  machine: null,
  chip: null,
  cores: null,
  memory_B: null,
  os: 'unknown',
  osBuild: null,
  node: 'none',
  powerSource: null,
  lowPowerMode: null,
  governor: null,
  elevated: false,
  backendVersion: null,
  engine: null,
  settings: [],
};

const UNKNOWN_INFERENCE: InferenceSettings = {
  temperature: null,
  topP: null,
  topK: null,
  minP: null,
  repeatPenalty: null,
  seed: null,
  maxOutput_tok: null,
};

/** A foreign run as the store takes it. The same figures always get the same id, so that none comes in twice. */
export function wholeRun(foreign: ForeignRun, { file, toolVersion }: ImportContext): WholeRun {
  const { domains = [], program, samples = [], startedAt, trials } = foreign;
  const digest = createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(foreign))))
    .digest();
  const models = [...new Set(trials.map(({ model }) => model))];
  return {
    run: {
      id: uuidv7(startedAt, digest),
      startedAt,
      origin_s: 0,
      state: 'finished',
      toolVersion,
      methodVersion: METHOD_VERSION,
      baselineState: 'B2',
      simulated: foreign.simulated === true,
      plan: {
        backend: foreign.backend,
        url: null,
        models,
        workload: workloadOf(foreign),
        samplers: [...new Set(domains.map(({ source }) => source))],
        interval_ms: 0,
        baseline_s: 0,
        baselineMax_s: 0,
        cooldown_s: 0,
        trials: trials.reduce((most, { repetition }) => Math.max(most, repetition + 1), 1),
        warmup: false,
        inference: { ...UNKNOWN_INFERENCE, ...foreign.inference },
        load: { context_tok: null, gpuOffload: null, flashAttention: null, parallel: null },
      },
      environment: { ...UNKNOWN_ENVIRONMENT, ...foreign.environment, imported: { program, file } },
    },
    part: { domains, samples, trials },
    tags: ['imported', program],
  };
}

/** Prompts stand as they were sent; those of another text are another workload, whatever its name. */
function workloadOf({ program, prompts }: ForeignRun): Workload {
  const sent = { nonce: false, prompts, system: null };
  const workload = {
    id: program,
    version: 1,
    title: `prompts of ${program}`,
    identity: 'text',
    ...sent,
  } as const;
  return { ...workload, sha256: hashOf(workload) };
}

/** An answer of which only a few figures are known. */
export interface ForeignAnswer {
  readonly promptId: string;
  readonly requested_s: Seconds;
  readonly ended_s: Seconds;
  readonly input_tok: number | null;
  readonly output_tok: number | null;
  readonly firstToken_s?: Seconds | null;
  /** The whole time was the prompt's. */
  readonly isPrefill?: boolean;
  readonly text?: string;
  /** The program's own figures, verbatim. */
  readonly statistics: Readonly<Record<string, unknown>>;
  readonly error?: string | null;
}

export function completionOf(answer: ForeignAnswer): Completion {
  const { ended_s, error = null, isPrefill = false, promptId, requested_s } = answer;
  return {
    promptId,
    requested_s,
    promptStart_s: isPrefill ? requested_s : null,
    promptEnd_s: isPrefill ? ended_s : null,
    tokens: [],
    firstToken_s: answer.firstToken_s ?? null,
    lastToken_s: null,
    ended_s,
    input_tok: answer.input_tok,
    cached_tok: null,
    output_tok: answer.output_tok,
    reasoning_tok: null,
    draft_tok: null,
    accepted_tok: null,
    tokenSource: answer.output_tok === null ? null : 'server',
    stopReason: error === null ? 'unknown' : 'failed',
    text: answer.text ?? '',
    serverStatistics: answer.statistics,
    error: error === null ? null : { code: 'REQUEST_FAILED', message: error },
  };
}

/** Trials of one program, numbered; `repetition` counts those of the same model and prompt. */
export function numbered(
  trials: readonly (Pick<Trial, 'model' | 'category' | 'phases'> & { readonly completion: Completion })[],
  workload: string,
): Trial[] {
  const seen = new Map<string, number>();
  return trials.map(({ category, completion, model, phases }, index) => {
    const key = JSON.stringify([model, completion.promptId]);
    const repetition = seen.get(key) ?? 0;
    seen.set(key, repetition + 1);
    const { promptId } = completion;
    return {
      index,
      model,
      workload,
      promptId,
      category,
      repetition,
      phases,
      completions: [completion],
      truth: null,
    };
  });
}

/** The one phase that a program without a meter has. */
export function inferenceOf({ ended_s, requested_s }: Completion): Phase[] {
  return [{ kind: 'inference', start_s: requested_s, end_s: ended_s }];
}

/** Parameters that a file names, but for those that it leaves open. */
export function settingsOf(
  row: Readonly<Record<string, unknown>>,
  names: readonly string[],
  side: 'requested' | 'effective',
): Setting[] {
  return names.flatMap((name): Setting[] => {
    const value = row[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
    return [
      side === 'effective'
        ? { name, requested: null, effective: value, source: 'server' }
        : { name, requested: value, effective: null, source: 'unknown' },
    ];
  });
}

/** A prompt by its text; the same text has the same id. */
export function promptOf(text: string, category: string, maxOutput_tok: number): Prompt {
  const id = `p-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  return { id, category, text, maxOutput_tok };
}
