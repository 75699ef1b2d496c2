import type { Completion, Plan, Recording, Trial } from '../../src/core/run.ts';

/** A completion that arrived whole between the two times, with whatever else the test needs said. */
export function completionOf(given: Partial<Completion> = {}): Completion {
  return {
    promptId: 'p',
    requested_s: 0,
    promptStart_s: null,
    promptEnd_s: null,
    tokens: [],
    firstToken_s: null,
    lastToken_s: null,
    ended_s: 0,
    input_tok: null,
    cached_tok: null,
    output_tok: null,
    reasoning_tok: null,
    draft_tok: null,
    accepted_tok: null,
    tokenSource: null,
    stopReason: 'eos',
    text: '',
    serverStatistics: {},
    error: null,
    ...given,
  };
}

/** A trial with one completion and no phases. */
export function trialOf(index: number, completion: Partial<Completion> = {}): Trial {
  return {
    index,
    model: 'm',
    workload: 'w',
    promptId: 'p',
    category: 'short',
    repetition: 0,
    phases: [],
    completions: [completionOf(completion)],
    truth: null,
  };
}

/** A finished run of these trials that no meter watched. */
export function recordingOf(trials: readonly Trial[], origin_s: number): Recording {
  return {
    run: {
      id: 'r',
      startedAt: '2026-01-01T00:00:00Z',
      origin_s,
      state: 'finished',
      toolVersion: '0.0.0',
      methodVersion: 1,
      baselineState: 'B2',
      simulated: true,
      plan: PLAN,
      environment: {
        machine: null,
        chip: null,
        cores: null,
        memory_B: null,
        os: 'none',
        osBuild: null,
        node: 'none',
        powerSource: null,
        lowPowerMode: null,
        governor: null,
        elevated: false,
        backendVersion: null,
        engine: null,
        settings: [],
      },
    },
    domains: [],
    series: [],
    phases: [],
    trials,
    observations: [],
    events: [],
    marks: [],
  };
}

const PLAN: Plan = {
  backend: 'lmstudio',
  url: null,
  models: [],
  workload: {
    id: 'w',
    version: 1,
    title: 'w',
    identity: 'text',
    nonce: false,
    system: null,
    prompts: [],
    sha256: '',
  },
  samplers: [],
  interval_ms: 250,
  baseline_s: 1,
  baselineMax_s: 1,
  cooldown_s: 1,
  trials: 1,
  warmup: false,
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
};
