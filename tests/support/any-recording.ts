import fc from 'fast-check';
import { CODES, type CodeId } from '../../src/core/codes.ts';
import {
  type Completion,
  type Environment,
  PHASE_KINDS,
  type Phase,
  type Plan,
  type RunRecord,
  type Trial,
} from '../../src/core/run.ts';
import {
  type Domain,
  type Observation,
  type RecordedEvent,
  SAMPLE_KINDS,
  type Sample,
} from '../../src/core/sample.ts';

/** Finite doubles as JSON keeps them: every bit, but no negative zero. */
export const jsonNumber = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x));
/** Any text, NUL and emoji included. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'a\0b', '🔌 ⚡ 12 W', "';--"),
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const numberOrNull = orNull(jsonNumber);
const small = fc.nat(1000);

export const anyPhase: fc.Arbitrary<Phase> = fc.record(
  {
    kind: fc.constantFrom(...PHASE_KINDS),
    start_s: jsonNumber,
    end_s: jsonNumber,
    state: fc.constantFrom('B0' as const, 'B1' as const, 'B2' as const),
    model: anyText,
  },
  { requiredKeys: ['kind', 'start_s', 'end_s'] },
);

const anyCompletion: fc.Arbitrary<Completion> = fc.record({
  promptId: anyText,
  requested_s: jsonNumber,
  promptStart_s: numberOrNull,
  promptEnd_s: numberOrNull,
  tokens: fc.array(
    fc.record({
      arrival_s: jsonNumber,
      count_tok: orNull(small),
      sort: fc.constantFrom('content' as const, 'reasoning' as const, 'tool' as const),
    }),
  ),
  firstToken_s: numberOrNull,
  lastToken_s: numberOrNull,
  ended_s: jsonNumber,
  input_tok: orNull(small),
  cached_tok: orNull(small),
  output_tok: orNull(small),
  reasoning_tok: orNull(small),
  draft_tok: orNull(small),
  accepted_tok: orNull(small),
  tokenSource: fc.constantFrom(
    'server' as const,
    'sdk' as const,
    'tokenizer' as const,
    'chunks' as const,
    null,
  ),
  stopReason: fc.constantFrom('eos' as const, 'length' as const, 'cancelled' as const, 'failed' as const),
  text: anyText,
  serverStatistics: fc.dictionary(anyText, fc.jsonValue()),
  error: orNull(fc.record({ code: anyText, message: anyText })),
});

export const anyTrial: fc.Arbitrary<Trial> = fc.record(
  {
    index: small,
    model: anyText,
    workload: anyText,
    promptId: anyText,
    category: anyText,
    repetition: small,
    phases: fc.array(anyPhase, { maxLength: 4 }),
    completions: fc.array(anyCompletion, { maxLength: 2 }),
    truth: orNull(
      fc.record({ gross_J: jsonNumber, net_J: jsonNumber, prefill_J: numberOrNull, decode_J: numberOrNull }),
    ),
    block: fc.constant(true as const),
  },
  {
    requiredKeys: [
      'index',
      'model',
      'workload',
      'promptId',
      'category',
      'repetition',
      'phases',
      'completions',
      'truth',
    ],
  },
);

export const anyDomain: fc.Arbitrary<Domain> = fc.record({
  id: anyText,
  label: anyText,
  parent: orNull(anyText),
  scope: anyText,
  source: anyText,
  kind: fc.constantFrom(...SAMPLE_KINDS),
  rank: small,
  quantum_J: jsonNumber,
  rails: small,
  minPower_W: jsonNumber,
  maxPower_W: fc.oneof(jsonNumber, fc.constant(Number.POSITIVE_INFINITY)),
  misalignment_s: jsonNumber,
  averaging_s: numberOrNull,
  systematicRatio: numberOrNull,
});

const anyDouble = fc.double({ noNaN: true });
const anyPowers = fc.record({ startPower_W: anyDouble, endPower_W: anyDouble }, { requiredKeys: [] });

/** Samples of a few domains in any order of time, gauges with powers or without; any double as energy, −0 too. */
export const anySample: fc.Arbitrary<Sample> = fc
  .record({
    domain: fc.oneof(fc.constantFrom('cpu', 'gpu:0', 'soc'), anyText),
    start_s: jsonNumber,
    end_s: jsonNumber,
    energy_J: anyDouble,
    kind: fc.constantFrom(...SAMPLE_KINDS),
  })
  .chain((sample) => {
    const isGauge = sample.kind === 'gauge' || sample.kind === 'averaged';
    return isGauge ? anyPowers.map((powers) => ({ ...sample, ...powers })) : fc.constant(sample);
  });

export const anyObservation: fc.Arbitrary<Observation> = fc.record({
  source: anyText,
  name: anyText,
  at_s: jsonNumber,
  value: fc.oneof(anyText, anyDouble),
});

export const anyEvent: fc.Arbitrary<RecordedEvent> = fc.record({
  code: fc.constantFrom(...Object.keys(CODES).filter((word): word is CodeId => word in CODES)),
  source: anyText,
  at_s: jsonNumber,
  domain: orNull(anyText),
  detail: anyText,
});

const plan: Plan = {
  backend: 'lmstudio',
  url: null,
  models: ['qwen3-4b'],
  workload: {
    id: 'classic-v1',
    version: 1,
    title: 'Classic',
    identity: 'text',
    nonce: false,
    system: null,
    prompts: [{ id: 'short-1', category: 'short', text: 'Hello \0 🌍', maxOutput_tok: 64 }],
    sha256: '00',
  },
  samplers: ['powermetrics'],
  interval_ms: 500,
  baseline_s: 10,
  baselineMax_s: 60,
  cooldown_s: 10,
  trials: 1,
  warmup: true,
  inference: {
    temperature: 0,
    topP: null,
    topK: null,
    minP: null,
    repeatPenalty: null,
    seed: 1,
    maxOutput_tok: null,
  },
  load: { context_tok: null, gpuOffload: 'max', flashAttention: true, parallel: null },
};

const environment: Environment = {
  machine: 'MacBookPro18,3',
  chip: 'Apple M1 Pro',
  cores: 10,
  memory_B: 17_179_869_184,
  os: 'macOS 26.1',
  osBuild: null,
  node: '20.20.2',
  powerSource: 'ac',
  lowPowerMode: false,
  governor: null,
  elevated: true,
  backendVersion: '0.4.1',
  engine: null,
  settings: [{ name: 'contextLength', requested: null, effective: 4096, source: 'server' }],
};

/** A run that has just begun. */
export function newRun(id: string, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    startedAt: '2026-01-01T00:00:00.000Z',
    origin_s: 123_456.789_012_345,
    state: 'running',
    toolVersion: '0.1.0',
    methodVersion: 1,
    baselineState: 'B2',
    simulated: false,
    plan,
    environment,
    ...changes,
  };
}

/** One prompt answered by one token. */
export const shortAnswer: Completion = {
  promptId: 'short-1',
  requested_s: 1,
  promptStart_s: null,
  promptEnd_s: null,
  tokens: [{ arrival_s: 1.5, count_tok: null, sort: 'content' }],
  firstToken_s: 1.5,
  lastToken_s: 1.5,
  ended_s: 2,
  input_tok: 3,
  cached_tok: null,
  output_tok: 1,
  reasoning_tok: null,
  draft_tok: null,
  accepted_tok: null,
  tokenSource: null,
  stopReason: 'eos',
  text: 'hi',
  serverStatistics: {},
  error: null,
};
