import { createPowermetricsParser } from '../../samplers/powermetrics/parser.ts';
import type { Recording, Trial, Truth } from '../../src/core/run.ts';
import { trialGroups } from '../../src/orchestrator/order.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { createPhysics } from '../../src/simulator/physics.ts';
import type { PowerStep } from '../../src/simulator/power-step.ts';
import { truthOf, windowsOf } from '../../src/simulator/truth.ts';
import { virtualFrames } from '../../src/simulator/virtual-meter.ts';
import { completionOf, planOf, recordingOf, runRecordOf, trialOf } from './recording.ts';
import { scriptedWorkload } from './scripted-run.ts';
import { lastDomains, seriesOf } from './virtual-run.ts';

type Power = Omit<PowerStep, 'at_s'>;

/** A model of the simulated machine: how fast it decodes, and what that draws on top of idle. */
export interface VirtualModel {
  readonly key: string;
  readonly decodeTokPerS: number;
  readonly decodePower: Power;
}

export interface VirtualComparison {
  readonly models: readonly VirtualModel[];
  readonly order: 'grouped' | 'interleaved';
  readonly trials: number;
  readonly seed: number;
}

const OUTPUT_TOK = 160;
const PREFILL_s = 0.8;
const BASELINE_s = 5;
const COOLDOWN_s = 3;
const PREFILL: Power = { cpu_W: 2.2, gpu_W: 19, ane_W: 0 };
const IDLE: Power = { cpu_W: 0, gpu_W: 0, ane_W: 0 };

/** A whole run in virtual time: the orchestrator's own order, one simulated machine, meter text through the real parser. */
export function virtualComparison(wanted: VirtualComparison): Recording {
  const keys = wanted.models.map(({ key }) => key);
  const workload = scriptedWorkload(1);
  const plan = planRun({
    workload,
    backend: 'lab',
    models: keys,
    trials: wanted.trials,
    order: wanted.order,
  });
  const physics = createPhysics({ seed: wanted.seed });
  const trials: Trial[] = [];
  let from_s = 4;
  for (const spec of trialGroups(plan).flatMap((group) => group.trials)) {
    const model = wanted.models[spec.model];
    if (model === undefined) throw new Error('no such model');
    const trial = answered(model, { ...spec, from_s });
    const { requested_s, ended_s } = trial.span;
    physics.apply({ at_s: requested_s, ...PREFILL });
    physics.apply({ at_s: requested_s + PREFILL_s, ...model.decodePower });
    physics.apply({ at_s: ended_s, ...IDLE });
    trials.push(trial.trial);
    from_s = ended_s + COOLDOWN_s;
  }
  const parser = createPowermetricsParser();
  const frames = virtualFrames(physics, { interval_ms: 250, from_s: 0, to_s: from_s + BASELINE_s + 3 });
  const batches = frames.flatMap((frame) => parser.push(frame.bytes, frame.arrival_s));
  return recordingOf({
    run: runRecordOf({ simulated: true, plan: planOf({ ...plan, workload }) }),
    domains: lastDomains(batches),
    series: seriesOf(batches.flatMap((batch) => batch.samples)),
    phases: [{ kind: 'baseline', start_s: from_s, end_s: from_s + BASELINE_s }],
    trials: trials.map((trial) => ({ ...trial, truth: truth(trial) })),
    events: batches.flatMap((batch) => batch.events),
  });

  function truth(trial: Trial): Truth {
    const answer = trial.completions.at(-1);
    if (answer === undefined) throw new Error('no answer');
    return truthOf(physics, windowsOf(answer, 0));
  }
}

/** Geometric mean of the true net energy of the second model's trials over that of the first one's, less 1. */
export function trueChange(recording: Recording, [a, b]: readonly [string, string]): number {
  const meanLog = (key: string): number => {
    const own = recording.trials.filter(({ model }) => model === key);
    return own.reduce((sum, { truth }) => sum + Math.log(truth?.net_J ?? Number.NaN), 0) / own.length;
  };
  return Math.expm1(meanLog(b) - meanLog(a));
}

function answered(
  model: VirtualModel,
  at: { readonly index: number; readonly repetition: number; readonly from_s: number },
): { readonly trial: Trial; readonly span: { readonly requested_s: number; readonly ended_s: number } } {
  const requested_s = at.from_s + BASELINE_s;
  const first_s = requested_s + PREFILL_s;
  const ended_s = first_s + OUTPUT_TOK / model.decodeTokPerS;
  const span = { requested_s, ended_s };
  const times = { baseline_s: at.from_s, ...span, cooledDown_s: ended_s + COOLDOWN_s };
  const tokens = Array.from({ length: OUTPUT_TOK }, (_, i) => ({
    arrival_s: first_s + ((ended_s - first_s) * i) / (OUTPUT_TOK - 1),
    count_tok: 1,
    sort: 'content' as const,
  }));
  const answer = {
    tokens,
    firstToken_s: first_s,
    lastToken_s: ended_s,
    output_tok: OUTPUT_TOK,
    promptId: 'p0',
  };
  const completions = [completionOf(span, answer)];
  const { index, repetition } = at;
  return {
    trial: trialOf(times, { index, repetition, model: model.key, promptId: 'p0', completions }),
    span,
  };
}
