import type { PhaseKind, Plan, Prompt } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { Expectations } from './expectations.ts';
import { type TrialSpec, trialOrder } from './order.ts';
import { WARMUP_PROMPT } from './warmup.ts';

interface Step {
  readonly model: number;
  /** Null: a phase of the run itself. */
  readonly trial: number | null;
  readonly phase: PhaseKind;
  readonly prompt: Prompt | null;
}

/** Reading some gigabytes from an SSD. */
const ASSUMED_LOAD_s = 10;

/** Every phase of a run in order, and how long what is left of it should take. Baselines count with their minimum. */
export class Agenda {
  readonly expectations = new Expectations();
  /** Trials of the whole run. */
  readonly of: number;
  private readonly plan: Plan;
  private left: readonly Step[];

  constructor(plan: Plan) {
    const models = Array.from({ length: Math.max(1, plan.models.length) }, (_, model) => model);
    this.plan = plan;
    this.of = models.length * plan.trials * plan.workload.prompts.length;
    this.left = models.flatMap((model) => this.stepsOf(model));
  }

  /** Trials of the `model`-th model, numbered on from those of the models before it. */
  trialsOf(model: number): TrialSpec[] {
    return trialOrder(this.plan, model * this.plan.trials * this.plan.workload.prompts.length);
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

  /** Expected time to the end of the run, the whole of the phase under way included. */
  remaining_s(): Seconds {
    return this.left.reduce((sum_s, step) => sum_s + this.step_s(step), 0);
  }

  private stepsOf(model: number): Step[] {
    const { models, warmup } = this.plan;
    const own = (phase: PhaseKind): Step => ({ model, trial: null, phase, prompt: null });
    const trials = this.trialsOf(model).flatMap(({ index, prompt }) =>
      TRIAL_PHASES.map((phase) => ({ model, trial: index, phase, prompt })),
    );
    return [
      ...(models.length > 0 ? [own('load')] : []),
      ...(warmup ? [own('warmup'), own('cooldown')] : []),
      ...trials,
      own('baseline'),
    ];
  }

  private step_s({ phase, prompt }: Step): Seconds {
    const { baseline_s, cooldown_s, inference } = this.plan;
    if (phase === 'baseline') return baseline_s;
    if (phase === 'cooldown') return cooldown_s;
    if (phase === 'load') return ASSUMED_LOAD_s;
    if (prompt === null) return this.expectations.inference_s(WARMUP_PROMPT, null);
    return this.expectations.inference_s(prompt, inference.maxOutput_tok);
  }
}

const TRIAL_PHASES = ['baseline', 'inference', 'cooldown'] as const;
