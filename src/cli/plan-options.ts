import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { LmpowerError } from '../core/errors.ts';
import { given } from '../core/given.ts';
import type { TrialOrder } from '../core/run.ts';
import { type Experiment, experimentOf } from '../orchestrator/experiments/index.ts';
import type { PlanOptions } from '../orchestrator/plan.ts';
import { loadWorkload } from '../orchestrator/workload.ts';
import { type ModelFilterFlags, modelFilterOf } from './model-filter-flags.ts';
import { inferenceOf, loadOf } from './model-settings-flags.ts';
import type { RunFlags } from './run-flags.ts';

/** Seeds are drawn below this, so that they are easily typed. */
const SEEDS = 1_000_000;

/** Whether models are chosen from what the server has, which it has to be asked for. */
export function choosesModels(flags: RunFlags): boolean {
  const isFiltered = Object.keys(modelFilterOf(flags)).length > 0;
  return flags.all === true || flags.limit !== undefined || flags.experiment !== undefined || isFiltered;
}

/** Several models at once: what is known of them is not measured again, and what loading them costs is. */
export function isSeveral(flags: ModelFilterFlags & RunFlags): boolean {
  return choosesModels(flags) || (flags.model ?? []).length > 1;
}

/** What was said of a run, its models left as they were named. @throws {LmpowerError} USAGE, WORKLOAD_INVALID */
export async function planOptions(command: Command, flags: RunFlags): Promise<PlanOptions> {
  const experiment = flags.experiment === undefined ? null : experimentOf(flags.experiment);
  const { untilCi, maxTrials, maxMinutes, baselineStrategy, closedServer } = flags;
  const order = orderOf(flags, experiment);
  return {
    workload: await loadWorkload(workloadOf(command, flags, experiment)),
    backend: flags.backend,
    url: flags.url ?? null,
    models: flags.model ?? [],
    samplers: flags.sampler ?? ['auto'],
    warmup: flags.warmup,
    residency: flags.residency && isSeveral(flags) && order !== 'interleaved',
    ...given({
      interval_ms: flags.interval,
      baseline_s: flags.baseline,
      baselineMax_s: flags.baselineMax,
      cooldown_s: flags.cooldown,
      trials: flags.trials ?? experiment?.trials,
      order,
      orderSeed: flags.orderSeed ?? (order === 'shuffled' ? randomInt(SEEDS) : undefined),
      untilCi,
      maxTrials,
      maxMinutes,
      baselineStrategy,
      baselineTtl_s: flags.baselineTtl,
      closedServer,
    }),
    inference: inferenceOf(flags),
    load: loadOf(flags),
  };
}

/** An experiment has a workload of its own, unless one was asked for. */
function workloadOf(command: Command, { workload }: RunFlags, experiment: Experiment | null): string {
  const isAsked = command.getOptionValueSource('workload') !== 'default';
  return isAsked || experiment === null ? workload : experiment.workload;
}

function orderOf({ interleave, order }: RunFlags, experiment: Experiment | null): TrialOrder | undefined {
  if (interleave !== true) return order ?? experiment?.order;
  if (order === undefined || order === 'interleaved') return 'interleaved';
  throw new LmpowerError('USAGE', `--interleave and --order ${order} contradict each other.`, {
    remedy: `leave out one of them`,
  });
}
