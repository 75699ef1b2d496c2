import { spanText } from '../core/number-text.ts';
import type { InferenceSettings, LoadSettings, Plan } from '../core/run.ts';
import { PERCENT_PER_RATIO, type Seconds } from '../core/units.ts';
import { Agenda } from './agenda.ts';
import { sidesOf } from './arms.ts';

/**
 * Expected length of the run, with baselines at their minimum, answers at their limit of tokens, and the assumptions
 * made before anything is known.
 */
export function estimateDuration_s(plan: Plan, done?: ReadonlySet<number>): Seconds {
  return new Agenda(plan, done).remaining_s();
}

/** More are listed one below the other, by whoever prints the plan. */
const NAMED_MODELS = 3;

/** Lines of `--dry-run`: everything that a run of this plan would do, without doing it. `done`: trials that are not run. */
export function describePlan(plan: Plan, done?: ReadonlySet<number>): string[] {
  const { until } = plan;
  return [
    ...(plan.experiment === undefined ? [] : [`question  ${plan.experiment}`]),
    `backend   ${plan.backend}${plan.url === null ? '' : ` at ${plan.url}`}`,
    `model     ${modelsOf(plan)}${orderOf(plan)}`,
    `workload  ${plan.workload.id} version ${plan.workload.version}: ${plan.workload.title}`,
    promptsOf(plan),
    `sampler   ${plan.samplers.length === 0 ? 'none' : plan.samplers.join(', ')}, every ${plan.interval_ms} ms`,
    `phases    ${phasesOf(plan)}`,
    `inference ${settingsOf(plan.inference)}`,
    `load      ${settingsOf(plan.load)}`,
    `takes     ${until === undefined ? 'about' : 'at most'} ${spanText(longest_s(plan, done))}${isIdle(plan) ? '' : ' if answers run to their limit'}`,
  ];
}

function modelsOf({ models }: Plan): string {
  if (models.length === 0) return 'the loaded one';
  return models.length > NAMED_MODELS ? `${models.length} models` : models.join(', ');
}

function orderOf({ order, orderSeed }: Plan): string {
  if (order === 'interleaved') return ' (interleaved: all loaded at once, A B B A …)';
  return order === 'shuffled' ? ` (shuffled, --order-seed ${orderSeed ?? 0})` : '';
}

function isIdle({ workload }: Plan): boolean {
  return workload.kind === 'idle';
}

function longest_s(plan: Plan, done?: ReadonlySet<number>): Seconds {
  return Math.min(estimateDuration_s(plan, done), plan.until?.most_s ?? Number.POSITIVE_INFINITY);
}

function promptsOf(plan: Plan): string {
  const { trials, until } = plan;
  const { prompts } = plan.workload;
  if (isIdle(plan)) return `prompts   none; each model is loaded ${trials} times`;
  const count = prompts.length;
  if (until !== undefined) {
    const percent = (PERCENT_PER_RATIO * until.ciRatio).toFixed(1);
    return `prompts   ${count} (${categoriesOf(plan)}), until ± ${percent} %, at most ${until.mostTrials} each`;
  }
  const requests = count * trials * sidesOf(plan).length;
  return `prompts   ${count} (${categoriesOf(plan)}), ${trials} each, ${requests} ${requests === 1 ? 'request' : 'requests'}`;
}

function categoriesOf({ workload }: Plan): string {
  const counts = new Map<string, number>();
  for (const { category } of workload.prompts) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].map(([category, count]) => `${count} ${category}`).join(', ');
}

/** What comes before a request, where it is no baseline of its own. */
const SHARED = {
  cached: 'a baseline for all while it is fresh',
  validated: 'a baseline for all, looked at again',
} as const;

function phasesOf(plan: Plan): string {
  const { baseline_s, baselineMax_s, baselineStrategy = 'fresh', cooldown_s, warmup } = plan;
  if (isIdle(plan)) {
    const closed = plan.closedServer === true ? ', baseline with the server closed' : '';
    return `for each load baseline ${baseline_s} s, load, cooldown ${cooldown_s} s, baseline, unload, cooldown; baseline${closed}`;
  }
  const extended = baselineMax_s > baseline_s ? ` (to ${baselineMax_s} s if uneven)` : '';
  const phases = [`baseline ${baseline_s} s${extended}`, 'inference', `cooldown ${cooldown_s} s`].join(', ');
  const shared = baselineStrategy === 'fresh' ? '' : ` (${SHARED[baselineStrategy]})`;
  const resident = plan.residency === true ? 'idle without and with the model; ' : '';
  return `${resident}${warmup ? 'warm-up; ' : ''}for each request ${phases}; baseline${shared}`;
}

function settingsOf(settings: InferenceSettings | LoadSettings): string {
  const given = Object.entries(settings).filter(([, value]) => value !== null);
  return given.length === 0
    ? "the backend's defaults"
    : given.map(([name, value]) => `${name} ${value}`).join(', ');
}
