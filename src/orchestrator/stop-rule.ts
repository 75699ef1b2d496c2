import type { Plan } from '../core/run.ts';
import { PERCENT_PER_RATIO, type Seconds } from '../core/units.ts';
import type { TrialSpec } from './order.ts';
import type { RunContext } from './run-context.ts';

/**
 * Half-width of the 95 % interval of a model's net J/token, relative to it, from all that has been appended; null: none
 * yet. Given by whoever composes the run: the orchestrator computes no energy.
 */
export type HalfWidthRatio = (model: string) => number | null;

/** How far a group of trials has come; the rule is asked after each full repetition, between phases. */
export interface Progressed {
  readonly done: TrialSpec;
  readonly next: TrialSpec | undefined;
  /** Keys of the models that are asked by turns. */
  readonly models: readonly string[];
  readonly started_s: Seconds;
  /** Time that this group may take. */
  readonly most_s: Seconds;
}

/** True when no further repetition is worth its time: the interval is narrow enough, or the time is up. METHOD §5. */
export function isEnough(context: RunContext, halfWidthRatio: HalfWidthRatio, at: Progressed): boolean {
  const { until } = context.plan;
  const { done, models, next } = at;
  if (until === undefined || next === undefined || next.repetition === done.repetition) return false;
  const repetitions = next.repetition;
  if (isTimeUp(context, at, repetitions)) {
    context.progress({ kind: 'note', text: `time is up after ${repetitions} repetitions` });
    return true;
  }
  const { trials, workload } = context.plan;
  const least = Math.max(2, trials, Math.ceil(until.leastTrials / workload.prompts.length));
  if (repetitions < least) return false;
  const ratios = models.map(halfWidthRatio);
  const widest = ratios.reduce<number>((most, ratio) => Math.max(most, ratio ?? Number.POSITIVE_INFINITY), 0);
  context.progress({ kind: 'note', text: progressText(widest, repetitions, until) });
  return widest <= until.ciRatio;
}

/** Nor is a repetition begun that would end too late: it should take as long as those before. */
function isTimeUp({ clock }: RunContext, { most_s, started_s }: Progressed, repetitions: number): boolean {
  const elapsed_s = clock.now_s() - started_s;
  return elapsed_s + elapsed_s / repetitions > most_s;
}

function progressText(widest: number, repetitions: number, { ciRatio }: NonNullable<Plan['until']>): string {
  const percent = (ratio: number): string => `${(PERCENT_PER_RATIO * ratio).toFixed(1)} %`;
  const reached = Number.isFinite(widest) ? `± ${percent(widest)}` : 'no interval';
  return `${reached} after ${repetitions} repetitions; wanted ± ${percent(ciRatio)}`;
}
