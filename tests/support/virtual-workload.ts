import { createPowermetricsParser } from '../../samplers/powermetrics/parser.ts';
import type { Completion, Recording, Trial } from '../../src/core/run.ts';
import { trialGroups } from '../../src/orchestrator/order.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { loadWorkload } from '../../src/orchestrator/workload.ts';
import { createPhysics, type Physics } from '../../src/simulator/physics.ts';
import type { PowerStep } from '../../src/simulator/power-step.ts';
import { truthForTrials } from '../../src/simulator/truth.ts';
import { virtualFrames } from '../../src/simulator/virtual-meter.ts';
import { completionOf, planOf, recordingOf, runRecordOf, trialOf } from './recording.ts';
import { lastDomains, seriesOf } from './virtual-run.ts';

type Power = Omit<PowerStep, 'at_s'>;

/** The simulated machine: how fast it works, and what that draws on top of idle. */
export const MACHINE = {
  prefillTokPerS: 900,
  decodeTokPerS: 48,
  prefill: { cpu_W: 2.2, gpu_W: 19, ane_W: 0 },
  decode: { cpu_W: 3.4, gpu_W: 11.5, ane_W: 0 },
} as const;
const IDLE: Power = { cpu_W: 0, gpu_W: 0, ane_W: 0 };
const BASELINE_s = 10;
const COOLDOWN_s = 4;
const BLOCK_LEAST = 3;

export interface VirtualWorkload {
  readonly workload: string;
  readonly trials: number;
  readonly seed: number;
  readonly interval_ms: number;
}

/** A built-in workload, whole, in virtual time: the orchestrator's order, one machine, meter text through the real parser. */
export async function virtualWorkload(wanted: VirtualWorkload): Promise<Recording> {
  const workload = await loadWorkload(wanted.workload);
  const plan = planRun({ workload, backend: 'lab', models: ['m'], trials: wanted.trials });
  const physics = createPhysics({ seed: wanted.seed });
  const trials: Trial[] = [];
  let from_s = 4;
  for (const { index, prompt, repetition } of trialGroups(plan).flatMap((group) => group.trials)) {
    const { block_s, category, generate, id } = prompt;
    if (generate === undefined) throw new Error('only generated prompts');
    const baseline_s = from_s;
    const requested_s = from_s + BASELINE_s;
    let now_s = requested_s;
    const completions: Completion[] = [];
    while (
      completions.length === 0 ||
      (block_s !== undefined && isGoingOn(completions, now_s - requested_s, block_s))
    ) {
      const completion = answered(physics, now_s, { id, ...generate });
      completions.push(completion);
      now_s = completion.ended_s;
    }
    physics.apply({ at_s: now_s, ...IDLE });
    from_s = now_s + COOLDOWN_s;
    const times = { baseline_s, requested_s, ended_s: now_s, cooledDown_s: from_s };
    const trial = trialOf(times, { index, repetition, model: 'm', promptId: id, category, completions });
    trials.push({ ...trial, ...(block_s === undefined ? {} : { block: true as const }) });
  }
  const { interval_ms } = wanted;
  const parser = createPowermetricsParser();
  const frames = virtualFrames(physics, { interval_ms, from_s: 0, to_s: from_s + BASELINE_s + 3 });
  const batches = frames.flatMap((frame) => parser.push(frame.bytes, frame.arrival_s));
  const recording = recordingOf({
    run: runRecordOf({ simulated: true, plan: planOf({ ...plan, workload }) }),
    domains: lastDomains(batches),
    series: seriesOf(batches.flatMap((batch) => batch.samples)),
    phases: [{ kind: 'baseline', start_s: from_s, end_s: from_s + BASELINE_s }],
    trials,
    events: batches.flatMap((batch) => batch.events),
  });
  const truths = truthForTrials(recording, physics);
  return {
    ...recording,
    trials: trials.map((trial) => ({ ...trial, truth: truths.get(trial.index) ?? null })),
  };
}

function isGoingOn(completions: readonly Completion[], passed_s: number, block_s: number): boolean {
  return completions.length < BLOCK_LEAST || passed_s < block_s;
}

function answered(
  physics: Physics,
  requested_s: number,
  prompt: { readonly id: string; readonly input_tok: number; readonly output_tok: number },
): Completion {
  const { input_tok, output_tok } = prompt;
  const firstToken_s = requested_s + input_tok / MACHINE.prefillTokPerS;
  const step_s = 1 / MACHINE.decodeTokPerS;
  const ended_s = firstToken_s + (output_tok - 1) * step_s;
  physics.apply({ at_s: requested_s, ...MACHINE.prefill });
  if (output_tok > 1) physics.apply({ at_s: firstToken_s, ...MACHINE.decode });
  const tokens = Array.from({ length: output_tok }, (_, i) => ({
    arrival_s: firstToken_s + i * step_s,
    count_tok: 1,
    sort: 'content' as const,
  }));
  const counts = { input_tok, cached_tok: 0, output_tok, stopReason: 'length' as const };
  const said = { promptId: prompt.id, tokens, firstToken_s, lastToken_s: ended_s, ...counts };
  return completionOf({ requested_s, ended_s }, said);
}

/** Net joules per token by the powers alone: lag and leakage move them by a percent or two. */
export function nominalCost(part: 'prefill' | 'decode'): number {
  const { cpu_W, gpu_W } = MACHINE[part];
  return (cpu_W + gpu_W) / MACHINE[part === 'prefill' ? 'prefillTokPerS' : 'decodeTokPerS'];
}
