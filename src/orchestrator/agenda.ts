import type { PhaseKind, Plan, Prompt } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { sidesOf } from './arms.ts';
import { spotCheck_s } from './baseline-length.ts';
import { Expectations } from './expectations.ts';
import { type TrialGroup, trialGroups } from './order.ts';
import { WARMUP_PROMPT } from './warmup-prompt.ts';

interface Step {
  readonly model: number;
  /** Null: a phase of the run itself. */
  readonly trial: number | null;
  readonly phase: PhaseKind;
  readonly prompt: Prompt | null;
}

/** Reading some gigabytes from an SSD. */
const ASSUMED_LOAD_s = 10;
const ASSUMED_UNLOAD_s = 1;

/** Every phase of a run in order, and how long what is left of it should take. Baselines count with their minimum. */
export class Agenda {
  readonly expectations = new Expectations();
  /** Trials of the whole run, those included that need not be run. */
  readonly of: number;
  /** Those that have something left to do. */
  readonly groups: readonly TrialGroup[];
  private readonly plan: Plan;
  private readonly isLoading: boolean;
  private left: readonly Step[];

  /** `done`: indexes of trials that need not be run, and for workload `idle` places of models. */
  constructor(plan: Plan, done: ReadonlySet<number> = NOTHING) {
    this.plan = plan;
    this.isLoading = sidesOf(plan).some(({ key }) => key !== null);
    const groups = trialGroups(plan);
    this.of = groups.reduce((sum, { trials }) => sum + trials.length, 0);
    this.groups = groups.flatMap((group) => leftOf(plan, group, done));
    this.left = this.groups.flatMap((group) => this.stepsOf(group));
  }

  /** Leaves behind what comes before this phase; one that is not on the agenda, such as a reload, changes nothing. */
  begin(place: Pick<Step, 'model' | 'trial' | 'phase'>): void {
    const found = this.left.findIndex(
      ({ model, trial, phase }) => model === place.model && trial === place.trial && phase === place.phase,
    );
    if (found > 0) this.left = this.left.slice(found);
  }

  trialDone(index: number): void {
    const last = this.left.findLastIndex(({ trial }) => trial === index);
    this.left = this.left.slice(last + 1);
  }

  /** Expected time of what is left, by the model's place in the plan. */
  remainingByModel_s(): Map<number, Seconds> {
    const spans_s = new Map<number, Seconds>();
    for (const step of this.left) spans_s.set(step.model, (spans_s.get(step.model) ?? 0) + this.step_s(step));
    return spans_s;
  }

  /** Expected time to the end of the run, the whole of the phase under way included. */
  remaining_s(): Seconds {
    return this.left.reduce((sum_s, step) => sum_s + this.step_s(step), 0);
  }

  private stepsOf({ models, trials }: TrialGroup): Step[] {
    const own = (model: number, ...phases: PhaseKind[]): Step[] =>
      phases.map((phase) => ({ model, trial: null, phase, prompt: null }));
    if (this.plan.workload.kind === 'idle') {
      const cycle = ['baseline', 'load', 'cooldown', 'baseline', 'unload', 'cooldown'] as const;
      const cycles = this.isLoading ? this.plan.trials : 0;
      return own(models[0] ?? 0, ...Array.from({ length: cycles }, () => cycle).flat(), 'baseline');
    }
    return [
      ...models.flatMap((model) => own(model, ...this.loadPhases(models.length))),
      ...(this.plan.warmup ? models.flatMap((model) => own(model, 'warmup', 'cooldown')) : []),
      ...trials.flatMap(({ index, model, prompt }) =>
        trialPhases(this.plan).map((phase) => ({ model, trial: index, phase, prompt })),
      ),
      ...own(models[0] ?? 0, 'baseline', ...this.unloadPhases(models.length)),
    ];
  }

  private loadPhases(together: number): PhaseKind[] {
    if (!this.isLoading) return [];
    return measuresResidency(this.plan, together) ? ['baseline', 'load', 'cooldown', 'baseline'] : ['load'];
  }

  private unloadPhases(together: number): PhaseKind[] {
    return measuresResidency(this.plan, together) ? ['unload', 'cooldown'] : [];
  }

  private step_s({ phase, prompt }: Step): Seconds {
    const { baseline_s, cooldown_s, inference } = this.plan;
    if (phase === 'baseline') return baseline_s;
    if (phase === 'idle') return spotCheck_s(this.plan);
    if (phase === 'cooldown') return cooldown_s;
    if (phase === 'load') return ASSUMED_LOAD_s;
    if (phase === 'unload') return ASSUMED_UNLOAD_s;
    if (prompt?.block_s !== undefined) return prompt.block_s;
    if (prompt === null) return this.expectations.inference_s(WARMUP_PROMPT, null);
    return this.expectations.inference_s(prompt, inference.maxOutput_tok);
  }
}

const NOTHING: ReadonlySet<number> = new Set();

function leftOf({ workload }: Plan, { models, trials }: TrialGroup, done: ReadonlySet<number>): TrialGroup[] {
  if (workload.kind === 'idle') return models.every((model) => done.has(model)) ? [] : [{ models, trials }];
  const left = trials.filter(({ index }) => !done.has(index));
  return left.length === 0 ? [] : [{ models, trials: left }];
}

/** Models that are in memory together have no state without the others. */
export function measuresResidency({ residency }: Plan, together: number): boolean {
  return residency === true && together === 1;
}

/** A shared baseline is no phase of any trial; looking at it again is. */
function trialPhases({ baselineStrategy = 'fresh' }: Plan): readonly PhaseKind[] {
  const before = { fresh: ['baseline'], cached: [], validated: ['idle'] } as const;
  return [...before[baselineStrategy], 'inference', 'cooldown'];
}
