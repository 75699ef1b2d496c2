import type { Completion, Environment, Plan, Recording, RunRecord, Trial } from '../../src/core/run.ts';
import type { Domain } from '../../src/core/sample.ts';

/** A domain as a sampler would declare it: `soc`, of a `mean` source without quantum, 0–60 W. */
export function domainOf(part: Partial<Domain> = {}): Domain {
  return {
    id: 'soc',
    label: 'SoC',
    parent: null,
    scope: 'CPU+GPU+ANE estimate, no DRAM',
    source: 'meter',
    kind: 'mean',
    rank: 1,
    quantum_J: 0,
    rails: 1,
    minPower_W: 0,
    maxPower_W: 60,
    misalignment_s: 0,
    averaging_s: null,
    systematicRatio: null,
    ...part,
  };
}

/** An answer of ten one-token deltas over [requested_s, ended_s], the first after a quarter of it. */
export function completionOf(
  span: { readonly requested_s: number; readonly ended_s: number },
  part: Partial<Completion> = {},
): Completion {
  const { requested_s, ended_s } = span;
  const first_s = requested_s + (ended_s - requested_s) / 4;
  const tokens = Array.from({ length: 10 }, (_, i) => ({
    arrival_s: first_s + ((ended_s - first_s) * i) / 9,
    count_tok: 1,
    sort: 'content' as const,
  }));
  return {
    promptId: 'p1',
    requested_s,
    promptStart_s: null,
    promptEnd_s: null,
    tokens,
    firstToken_s: first_s,
    lastToken_s: ended_s,
    ended_s,
    input_tok: 20,
    cached_tok: 0,
    output_tok: 10,
    reasoning_tok: 0,
    draft_tok: null,
    accepted_tok: null,
    tokenSource: 'server',
    stopReason: 'eos',
    text: 'ten words',
    serverStatistics: {},
    error: null,
    ...part,
  };
}

/** Times of one trial: baseline up to `requested_s`, then the request, then the cooldown. */
export interface TrialTimes {
  readonly baseline_s: number;
  readonly requested_s: number;
  readonly ended_s: number;
  readonly cooledDown_s: number;
}

export function trialOf(times: TrialTimes, part: Partial<Trial> = {}): Trial {
  const { baseline_s, requested_s, ended_s, cooledDown_s } = times;
  return {
    index: 0,
    model: 'some-model',
    workload: 'classic-v1',
    promptId: 'p1',
    category: 'short',
    repetition: 0,
    phases: [
      { kind: 'baseline', start_s: baseline_s, end_s: requested_s },
      { kind: 'inference', start_s: requested_s, end_s: ended_s },
      { kind: 'cooldown', start_s: ended_s, end_s: cooledDown_s },
    ],
    completions: [completionOf({ requested_s, ended_s })],
    truth: null,
    ...part,
  };
}

export function planOf(part: Partial<Plan> = {}): Plan {
  return {
    backend: 'lmstudio',
    url: null,
    models: ['some-model'],
    workload: {
      id: 'classic-v1',
      version: 1,
      title: 'Nine prompts',
      identity: 'text',
      nonce: false,
      system: null,
      prompts: [{ id: 'p1', category: 'short', text: 'Say ten words.', maxOutput_tok: 100 }],
      sha256: '0'.repeat(64),
    },
    samplers: ['meter'],
    interval_ms: 500,
    baseline_s: 10,
    baselineMax_s: 60,
    cooldown_s: 10,
    trials: 1,
    warmup: true,
    inference: {
      temperature: null,
      topP: null,
      topK: null,
      minP: null,
      repeatPenalty: null,
      seed: null,
      maxOutput_tok: null,
    },
    load: { context_tok: null, gpuOffload: null, flashAttention: null, parallel: null },
    ...part,
  };
}

export function environmentOf(part: Partial<Environment> = {}): Environment {
  return {
    machine: 'Mac16,5',
    chip: 'Apple M4 Max',
    cores: 16,
    memory_B: 64 * 2 ** 30,
    os: 'macOS 26.1',
    osBuild: '25B78',
    node: 'v20.20.2',
    powerSource: 'ac',
    lowPowerMode: false,
    governor: null,
    elevated: true,
    backendVersion: '0.3.30',
    engine: null,
    settings: [],
    ...part,
  };
}

export function runRecordOf(part: Partial<RunRecord> = {}): RunRecord {
  return {
    id: '019a0000-0000-7000-8000-000000000000',
    startedAt: '2026-01-01T00:00:00.000Z',
    origin_s: 1000,
    state: 'finished',
    toolVersion: '0.0.0-test',
    methodVersion: 1,
    baselineState: 'B2',
    simulated: false,
    plan: planOf(),
    environment: environmentOf(),
    ...part,
  };
}

/** A recording of one domain without samples, but for what is given. */
export function recordingOf(part: Partial<Recording> = {}): Recording {
  return {
    run: runRecordOf(),
    domains: [domainOf()],
    series: [],
    phases: [],
    trials: [],
    observations: [],
    events: [],
    marks: [],
    ...part,
  };
}
