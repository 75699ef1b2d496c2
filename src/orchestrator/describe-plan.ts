import type { InferenceSettings, LoadSettings, Plan } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { Agenda } from './agenda.ts';

/**
 * Expected length of the run, with baselines at their minimum, answers at their limit of tokens, and the assumptions
 * made before anything is known.
 */
export function estimateDuration_s(plan: Plan): Seconds {
  return new Agenda(plan).remaining_s();
}

/** Lines of `--dry-run`: everything that a run of this plan would do, without doing it. */
export function describePlan(plan: Plan): string[] {
  const { prompts } = plan.workload;
  const models = plan.models.length === 0 ? 'the loaded one' : plan.models.join(', ');
  const requests = prompts.length * plan.trials * Math.max(1, plan.models.length);
  return [
    `backend   ${plan.backend}${plan.url === null ? '' : ` at ${plan.url}`}`,
    `model     ${models}${plan.order === 'interleaved' ? ' (interleaved: all loaded at once, A B B A …)' : ''}`,
    `workload  ${plan.workload.id} version ${plan.workload.version}: ${plan.workload.title}`,
    `prompts   ${prompts.length} (${categoriesOf(plan)}), ${plan.trials} each, ${requests} requests`,
    `sampler   ${plan.samplers.length === 0 ? 'none' : plan.samplers.join(', ')}, every ${plan.interval_ms} ms`,
    `phases    ${phasesOf(plan)}`,
    `inference ${settingsOf(plan.inference)}`,
    `load      ${settingsOf(plan.load)}`,
    `takes     about ${minutesText(estimateDuration_s(plan))} if answers run to their limit`,
  ];
}

function categoriesOf({ workload }: Plan): string {
  const counts = new Map<string, number>();
  for (const { category } of workload.prompts) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].map(([category, count]) => `${count} ${category}`).join(', ');
}

function phasesOf({ baseline_s, baselineMax_s, cooldown_s, warmup }: Plan): string {
  const extended = baselineMax_s > baseline_s ? ` (to ${baselineMax_s} s if uneven)` : '';
  const phases = [`baseline ${baseline_s} s${extended}`, 'inference', `cooldown ${cooldown_s} s`].join(', ');
  return `${warmup ? 'warm-up; ' : ''}for each request ${phases}; baseline`;
}

function settingsOf(settings: InferenceSettings | LoadSettings): string {
  const given = Object.entries(settings).filter(([, value]) => value !== null);
  return given.length === 0
    ? "the backend's defaults"
    : given.map(([name, value]) => `${name} ${value}`).join(', ');
}

function minutesText(duration_s: Seconds): string {
  const whole_s = Math.round(duration_s);
  return whole_s < 60 ? `${whole_s} s` : `${Math.floor(whole_s / 60)} min ${whole_s % 60} s`;
}
