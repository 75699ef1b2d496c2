import type { InferenceSettings, LoadSettings, Plan } from '../core/run.ts';
import { canonicalJson } from './canonical-json.ts';
import { nameOf, type PhaseOwner } from './phases.ts';
import type { RunContext } from './run-context.ts';

/** A model of a plan as it is loaded and asked. */
export interface Side {
  /** What its trials are filed under; null: the key of the model that is found loaded. */
  readonly name: string | null;
  /** Null: the loaded one. */
  readonly key: string | null;
  readonly load: LoadSettings;
  readonly inference: InferenceSettings;
  readonly isWarm: boolean;
}

/** The sides of a plan, at least one: those of its experiment, else its models, else the loaded one. */
export function sidesOf({ arms, inference, load, models }: Plan): Side[] {
  if (arms !== undefined) {
    return arms.map((arm) => ({ ...arm, key: arm.model, isWarm: arm.warmCache === true }));
  }
  const plain = { inference, load, isWarm: false };
  if (models.length === 0) return [{ ...plain, name: null, key: null }];
  return models.map((key) => ({ ...plain, name: null, key }));
}

/** The same run with the settings of one of its sides, by its place in the plan. */
export function asSide(context: RunContext, place: number): RunContext {
  const sides = sidesOf(context.plan);
  const side = sides[place];
  if (side === undefined || context.plan.arms === undefined) return context;
  const { inference, load, name } = side;
  const isAlone = sides.every((other) => other === side || !shareInstance(other, side));
  return {
    ...context,
    plan: { ...context.plan, load, inference },
    // What one side has asked of an instance must not be in its prompt cache when the other asks.
    salt: isAlone ? context.salt : `${context.salt} ${name}`,
  };
}

/** Whose phases they are: the side of that place. */
export function ownerOf(plan: Plan, place: number): PhaseOwner {
  const arm = plan.arms?.[place];
  const modelKey = arm?.model ?? plan.models[place] ?? null;
  return { model: place, modelKey, trial: null, ...(arm === undefined ? {} : { name: arm.name }) };
}

/** As a failure is filed: the side's name, else the model's key. */
export function labelOf(plan: Plan, place: number): string {
  return nameOf(ownerOf(plan, place)) ?? 'the loaded model';
}

/** Both sides can be asked of one instance: they differ in nothing that is fixed by loading. */
export function shareInstance(a: Side, b: Side): boolean {
  return a.key === b.key && canonicalJson(a.load) === canonicalJson(b.load);
}
