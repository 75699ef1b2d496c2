/** How long the analysis of a day takes: 24 h at 100 ms, six domains, 10,000 windows. `node dist/scripts/bench-analyzer.js` */
import { analyze } from '../src/analyzer/analyze.ts';
import { timelinesOf } from '../src/analyzer/timelines.ts';
import { windowEnergy } from '../src/analyzer/window-energy.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Completion, Phase, Recording, Trial } from '../src/core/run.ts';
import type { Domain, SampleSeries } from '../src/core/sample.ts';

const FRAMES = 864_000;
const WIDTH_S = 0.1;
const WINDOWS = 10_000;
const TRIALS = 500;
const DOMAINS = ['cpu', 'gpu', 'ane', 'dram', 'soc', 'system'];

function timed<T>(what: string, run: () => T): T {
  const start_s = systemClock.now_s();
  const result = run();
  process.stdout.write(`${(systemClock.now_s() - start_s).toFixed(3)} s  ${what}\n`);
  return result;
}

function domainOf(id: string, rank: number): Domain {
  const limits = {
    minPower_W: 0,
    maxPower_W: 100,
    misalignment_s: 2e-3,
    averaging_s: null,
    systematicRatio: null,
  };
  return {
    id,
    label: id,
    parent: null,
    scope: id,
    source: 'bench',
    kind: 'mean',
    rank,
    ...limits,
    quantum_J: 1e-3,
    rails: 1,
  };
}

/** Delays and energies from a fixed sequence: the same work at each run. */
function seriesOf(domain: string, index: number): SampleSeries {
  const end_s = new Float64Array(FRAMES);
  const energy_J = new Float64Array(FRAMES);
  let own_s = 0;
  for (let i = 0; i < FRAMES; i++) {
    own_s += WIDTH_S;
    end_s[i] = own_s + 1e-3 * ((i * 7919) % 13);
    energy_J[i] = WIDTH_S * (5 + index + ((i * 31) % 7));
  }
  const none = new Float64Array(0);
  return {
    domain,
    kind: 'mean',
    start_s: end_s.map((arrival_s) => arrival_s - WIDTH_S),
    end_s,
    energy_J,
    startPower_W: none,
    endPower_W: none,
  };
}

function trialAt(index: number): Trial {
  const start_s = 10 + index * ((FRAMES * WIDTH_S - 100) / TRIALS);
  const requested_s = start_s + 15;
  const ended_s = requested_s + 20;
  const phases: Phase[] = [
    { kind: 'baseline', start_s, end_s: requested_s },
    { kind: 'inference', start_s: requested_s, end_s: ended_s },
    { kind: 'cooldown', start_s: ended_s, end_s: ended_s + 15 },
  ];
  const completion: Completion = {
    promptId: 'p',
    requested_s,
    promptStart_s: null,
    promptEnd_s: null,
    tokens: Array.from({ length: 500 }, (_, i) => ({
      arrival_s: requested_s + 1 + i * 0.038,
      count_tok: 1,
      sort: 'content',
    })),
    firstToken_s: requested_s + 1,
    lastToken_s: ended_s - 0.02,
    ended_s,
    input_tok: 100,
    cached_tok: 0,
    output_tok: 500,
    reasoning_tok: 0,
    draft_tok: null,
    accepted_tok: null,
    tokenSource: 'server',
    stopReason: 'eos',
    text: '',
    serverStatistics: {},
    error: null,
  };
  const names = { model: 'm', workload: 'w', promptId: 'p', category: 'c' };
  return { index, ...names, repetition: index, phases, completions: [completion], truth: null };
}

function recordingOf(): Recording {
  const settings = { temperature: null, topP: null, topK: null, minP: null, repeatPenalty: null, seed: null };
  const workload = { id: 'w', version: 1, title: '', identity: 'text', nonce: false, system: null } as const;
  return {
    run: {
      id: 'bench',
      startedAt: '2026-01-01T00:00:00.000Z',
      origin_s: 0,
      state: 'finished',
      toolVersion: '0',
      methodVersion: 1,
      baselineState: 'B2',
      simulated: true,
      plan: {
        ...{ backend: 'b', url: null, models: ['m'], samplers: ['bench'], interval_ms: 100, baseline_s: 15 },
        ...{ baselineMax_s: 15, cooldown_s: 15, trials: TRIALS, warmup: false },
        workload: { ...workload, prompts: [], sha256: '' },
        inference: { ...settings, maxOutput_tok: null },
        load: { context_tok: null, gpuOffload: null, flashAttention: null, parallel: null },
      },
      environment: {
        ...{ machine: null, chip: null, cores: null, memory_B: null, os: '', osBuild: null, node: '' },
        ...{ powerSource: null, lowPowerMode: null, governor: null, elevated: false },
        ...{ backendVersion: null, engine: null, settings: [] },
      },
    },
    domains: DOMAINS.map(domainOf),
    series: DOMAINS.map(seriesOf),
    phases: [],
    trials: Array.from({ length: TRIALS }, (_, index) => trialAt(index)),
    observations: [],
    events: [],
    marks: [],
  };
}

const recording = timed(`made ${DOMAINS.length * FRAMES} samples`, recordingOf);
timed(`timelines and ${WINDOWS} windows`, () => {
  const timelines = timelinesOf(recording);
  for (let i = 0; i < WINDOWS; i++) {
    const timeline = timelines[i % timelines.length];
    if (timeline === undefined) continue;
    const start_s = 10 + ((i * 37.3) % 86_000);
    windowEnergy(timeline, {
      start_s,
      end_s: start_s + 7.77,
      beforeStart_s: start_s - 5,
      beforeEnd_s: start_s,
    });
  }
});
timed(`whole document of ${TRIALS} trials`, () => analyze(recording));
