import type { Phase, Recording, Trial } from '../../src/core/run.ts';
import { createPhysics } from '../../src/simulator/physics.ts';
import { virtualReadings } from '../../src/simulator/virtual-meter.ts';
import { environmentOf, planOf, runRecordOf } from '../../tests/support/recording.ts';
import type { Fault } from './fault.ts';
import { clean, framesOf, isDuring, recorded, type Take, withAnswer, withEvent, withFrames } from './take.ts';

/** What goes wrong in the machine, the server and the answer. */
export const RUN_FAULTS: readonly Fault[] = [
  { name: 'wall clock set back by an hour', code: 'CLOCK_STEP', inject: (take) => marked(take, -3600) },
  { name: 'the machine sleeps for ten minutes', code: 'MACHINE_SLEPT', inject: (take) => marked(take, 600) },
  { name: 'thermal pressure during the request', code: 'THROTTLED', inject: throttled },
  {
    name: 'on battery',
    code: 'ON_BATTERY',
    inject: (take) => inEnvironment(take, { powerSource: 'battery' }),
  },
  {
    name: 'low-power mode',
    code: 'LOW_POWER_MODE',
    inject: (take) => inEnvironment(take, { lowPowerMode: true }),
  },
  {
    name: 'another client asks the server',
    code: 'FOREIGN_LOAD',
    inject: (take) => withEvent(take, clean(take), 'FOREIGN_LOAD', 'orchestrator'),
  },
  {
    name: 'a background job of 2 W begins with the request',
    code: 'BASELINE_DRIFT',
    inject: (take) => otherWork(take, [[take.request.start_s, 2]]),
  },
  { name: 'a background job comes and goes in the baselines', code: 'BASELINE_NOISY', inject: bursts },
  { name: 'no baseline at all', code: 'BASELINE_MISSING', inject: (take) => withoutBaselines(take, true) },
  {
    name: 'a baseline on one side only',
    code: 'BASELINE_ONE_SIDED',
    inject: (take) => withoutBaselines(take, false),
  },
  {
    name: 'idle at twice the power of the request',
    code: 'NET_NEGATIVE',
    inject: (take) =>
      otherWork(take, [
        [take.trial.phases[0]?.start_s ?? 0, 30],
        [take.request.start_s, 0],
        [take.request.end_s + 1, 30],
      ]),
  },
  {
    name: 'the prompt comes from the cache',
    code: 'CACHE_HIT',
    inject: (take) => withAnswer(take, { cached_tok: 90 }),
  },
  {
    name: 'the server is silent about its cache',
    code: 'CACHE_UNKNOWN',
    inject: (take) => withAnswer(take, { cached_tok: null }),
  },
  { name: 'an answer that stops early', code: 'EARLY_EOS', inject: stoppedEarly },
  {
    name: 'counts of tokens disagree by 10 %',
    code: 'LENGTH_MISMATCH',
    inject: (take) => withAnswer(take, { output_tok: 176 }),
  },
  {
    name: 'deltas counted for want of a count',
    code: 'COUNT_ESTIMATED',
    inject: (take) => withAnswer(take, { tokenSource: 'chunks', output_tok: 70, tokens: [] }),
  },
  { name: 'another model answers', code: 'MODEL_MISMATCH', inject: (take) => failed(take, 'MODEL_MISMATCH') },
  { name: 'the model runs elsewhere', code: 'MODEL_REMOTE', inject: (take) => failed(take, 'MODEL_REMOTE') },
  {
    name: 'the request fails',
    code: 'REQUEST_FAILED',
    inject: (take) => failed(take, 'BACKEND_DISCONNECTED'),
  },
  { name: 'the request was sent twice', code: 'RETRIED', inject: retried },
  {
    name: 'a setting that the server ignored',
    code: 'CONFIG_NOT_APPLIED',
    inject: (take) =>
      inEnvironment(take, {
        settings: [{ name: 'context_tok', requested: 8192, effective: 4096, source: 'server' }],
      }),
  },
  { name: 'an answer of half a second', code: 'FEW_SAMPLES', inject: (take) => shortened(take, 0.5) },
  { name: 'an answer of two seconds', code: 'PARTS_UNRESOLVED', inject: (take) => shortened(take, 2) },
  {
    name: 'no meter',
    code: 'POWER_UNAVAILABLE',
    inject: (take) => ({ ...clean(take), domains: [], series: [], events: [] }),
  },
];

function marked(take: Take, step_s: number): Recording {
  const mark = (monotonic_s: number, wall_s: number) => ({
    monotonic_s,
    wallAt: new Date(Date.UTC(2026, 0, 1) + wall_s * 1000).toISOString(),
  });
  const end_s = take.closing.end_s;
  return { ...clean(take), marks: [mark(0, 0), mark(end_s, end_s + step_s)] };
}

function throttled(take: Take): Recording {
  return withFrames(take, (frame, one) =>
    isDuring(take, one)
      ? { ...frame, text: frame.text.replace('<string>Nominal</string>', '<string>Heavy</string>') }
      : frame,
  );
}

function inEnvironment(take: Take, part: Parameters<typeof environmentOf>[0]): Recording {
  return { ...clean(take), run: runRecordOf({ environment: environmentOf(part) }) };
}

/** The same trial on a machine that does other work as well: what asks for CPU power, from when on. */
function otherWork(take: Take, extra: readonly (readonly [number, number])[]): Recording {
  const physics = createPhysics(take.physics.settings);
  const times_s = [...take.trial.steps.map(({ at_s }) => at_s), ...extra.map(([at_s]) => at_s)].sort(
    (a, b) => a - b,
  );
  for (const at_s of times_s) {
    const own = take.trial.steps.findLast((step) => step.at_s <= at_s) ?? { cpu_W: 0, gpu_W: 0, ane_W: 0 };
    const more_W = extra.findLast(([from_s]) => from_s <= at_s)?.[1] ?? 0;
    physics.apply({ at_s, cpu_W: own.cpu_W + more_W, gpu_W: own.gpu_W, ane_W: own.ane_W });
  }
  const first = take.readings[0]?.start_s ?? 0;
  const last = take.readings.at(-1)?.arrival_s ?? 0;
  const readings = virtualReadings(physics, { interval_ms: 250, from_s: first, to_s: last });
  return recorded(take, framesOf(readings));
}

function bursts(take: Take): Recording {
  const begin_s = take.trial.phases[0]?.start_s ?? 0;
  const times_s = Array.from({ length: 3 }, (_, i) => begin_s + 2 + 3 * i);
  const later_s = Array.from({ length: 3 }, (_, i) => take.closing.start_s + 1 + 3 * i);
  return otherWork(
    take,
    [...times_s, ...later_s].flatMap((at_s) => [[at_s, 6] as const, [at_s + 1.2, 0] as const]),
  );
}

function withoutBaselines(take: Take, both: boolean): Recording {
  const recording = clean(take);
  const isKept = (phase: Phase): boolean => !both || phase.kind !== 'baseline';
  return {
    ...recording,
    phases: [],
    trials: recording.trials.map((trial): Trial => ({ ...trial, phases: trial.phases.filter(isKept) })),
  };
}

function stoppedEarly(take: Take): Recording {
  const workload = { ...planOf().workload, identity: 'lexicon' as const };
  const prompt = { id: 'p1', category: 'short', text: '', maxOutput_tok: 400 };
  return {
    ...clean(take),
    run: runRecordOf({ plan: planOf({ workload: { ...workload, prompts: [prompt] } }) }),
  };
}

function failed(take: Take, code: string): Recording {
  return withAnswer(take, { error: { code, message: 'injected' } });
}

function retried(take: Take): Recording {
  const recording = clean(take);
  const { start_s } = take.request;
  const first = { ...take.trial.completion, requested_s: start_s - 1, ended_s: start_s - 0.5, tokens: [] };
  return {
    ...recording,
    trials: recording.trials.map((trial) => ({ ...trial, completions: [first, ...trial.completions] })),
  };
}

/** Only the first part of the answer counts: the window is too short for the meter. */
function shortened(take: Take, span_s: number): Recording {
  const { start_s } = take.request;
  const ended_s = start_s + span_s;
  const first_s = start_s + span_s / 3;
  const tokens = Array.from({ length: 8 }, (_, i) => ({
    arrival_s: first_s + ((ended_s - first_s) * i) / 7,
    count_tok: 1,
    sort: 'content' as const,
  }));
  const times = {
    ended_s,
    firstToken_s: first_s,
    lastToken_s: ended_s,
    promptEnd_s: first_s,
    tokens,
    output_tok: 8,
  };
  const recording = withAnswer(take, times);
  return {
    ...recording,
    trials: recording.trials.map((trial) => ({
      ...trial,
      phases: trial.phases.map((phase) =>
        phase.kind === 'inference' ? { ...phase, end_s: ended_s } : phase,
      ),
    })),
  };
}
