import type { Plan } from '../core/run.ts';

/** `command:…` and `command[unit=W]:…`: what a person typed to read a meter of their own. */
const COMMAND = /^(command(?:\[[^\]]*\])?):[\s\S]*$/;

/**
 * The plan as it goes into documents, which people pass on: a command may hold a password or an address of the house.
 * The store keeps it whole, since `--resume` starts it again.
 */
export function publicPlan(plan: Plan): Plan {
  if (!plan.samplers.some((name) => COMMAND.test(name))) return plan;
  return { ...plan, samplers: plan.samplers.map((name) => name.replace(COMMAND, '$1:…')) };
}
