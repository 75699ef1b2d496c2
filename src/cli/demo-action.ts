import type { Command } from 'commander';
import { directLaunch } from '../../samplers/powermetrics/launch.ts';
import { createPowermetricsSampler } from '../../samplers/powermetrics/sampler.ts';
import type { Backend } from '../backends/backend.ts';
import { createLmStudio } from '../backends/lmstudio.ts';
import type { ExitCode } from '../core/errors.ts';
import type { Plan } from '../core/run.ts';
import { localModels } from '../orchestrator/choose-models.ts';
import { experimentOf } from '../orchestrator/experiments/index.ts';
import { planRun } from '../orchestrator/plan.ts';
import { checkNumber } from '../orchestrator/plan-limits.ts';
import { refuseUnsupported } from '../orchestrator/run.ts';
import { loadWorkload } from '../orchestrator/workload.ts';
import { startLab } from '../simulator/lab.ts';
import { EXPERIMENT_CATALOG } from '../simulator/lmstudio/experiment-catalog.ts';
import type { CommandContext } from './context.ts';
import { measure } from './measure.ts';
import { openStoreOf } from './open-store.ts';
import { say } from './output.ts';
import { plannedExperiment } from './planned-experiment.ts';
import { present } from './present.ts';
import { runOrigin } from './run-origin.ts';
import { interruptSignal } from './signals.ts';
import { checkOutputs } from './write-file.ts';

export interface DemoFlags {
  readonly trials: number;
  readonly seed: number;
  readonly experiment?: string;
  readonly interval: number;
  readonly report: string;
  readonly output?: string;
  readonly csv?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Short enough to watch, long enough for grade B at 250 ms. */
const DEMO_PHASES = { baseline_s: 2, baselineMax_s: 2, cooldown_s: 1 } as const;

/** Every answer runs to its prompt's limit, so that each has enough readings. */
const LONGEST_ANSWER_tok = 1000;

/** Loaded and unloaded by the run itself, as a model of the user's would be. */
const DEMO_MODEL = 'simulated-4b@q4_k_m';
/** Of the experiments that need one. */
const DEMO_DRAFT = 'simulated-0.3b-draft@q8_0';
/** Three prompts once leave too few degrees of freedom for a verdict. */
const LEAST_EXPERIMENT_TRIALS = 2;
/** Long enough for the sensor, short enough to watch several sides of a comparison. */
const EXPERIMENT_ANSWER_tok = 120;

/** Only here do the real sampler and the real backend meet the lab: one gets its meter's path, the other its address. */
export async function demo(command: Command, flags: DemoFlags, context: CommandContext): Promise<ExitCode> {
  if (flags.experiment !== undefined) experimentOf(flags.experiment);
  checkNumber('seed', flags.seed);
  checkNumber('interval_ms', flags.interval);
  await checkOutputs([flags.output, flags.csv, flags.report]);
  const store = await openStoreOf(command);
  const origin = runOrigin();
  const interrupt = interruptSignal('interrupted: keeping what was recorded …');
  const server = { answerTokens: () => LONGEST_ANSWER_tok, models: EXPERIMENT_CATALOG };
  const lab = await startLab({ seed: flags.seed, server });
  const backend = createLmStudio({ url: lab.lmStudioUrl, token: null, clock: origin.clock, timeout_s: 30 });
  say(
    'SIMULATED: a lab machine with known energy; the real sampler and the real LM Studio client measure it.',
  );
  try {
    const plan = await demoPlan(flags, backend);
    const { version } = await backend.probe();
    const measured = await measure({
      origin,
      plan: { ...plan, url: lab.lmStudioUrl },
      backend,
      backendVersion: version,
      samplers: [createPowermetricsSampler(directLaunch(lab.meter))],
      store,
      toolVersion: context.version,
      elevated: false,
      requirePower: true,
      quiet: flags.quiet === true,
      signal: interrupt.signal,
      truth: lab.truth,
    });
    return await present(measured, { ...flags, format: 'json' });
  } finally {
    await backend.close();
    await lab.close();
    interrupt.release();
    store.close();
  }
}

async function demoPlan({ experiment, interval, trials }: DemoFlags, backend: Backend): Promise<Plan> {
  const common = {
    backend: 'lmstudio',
    samplers: ['powermetrics'],
    interval_ms: interval,
    trials,
    ...DEMO_PHASES,
  };
  if (experiment === undefined)
    return planRun({ ...common, models: [DEMO_MODEL], workload: await loadWorkload('demo-v1') });
  const { id, order, workload: name } = experimentOf(experiment);
  const workload = await loadWorkload(name);
  const models = localModels(await backend.models());
  const isOfOne = id !== 'quant-ladder' && id !== 'engine';
  const plan = planRun({
    ...common,
    workload,
    order,
    trials: Math.max(LEAST_EXPERIMENT_TRIALS, trials),
    experiment: plannedExperiment(id, { backend, models, workload, named: isOfOne ? [DEMO_MODEL] : [] }),
    inference: {
      maxOutput_tok: EXPERIMENT_ANSWER_tok,
      ...(id === 'draft' ? { draftModel: DEMO_DRAFT } : {}),
    },
  });
  refuseUnsupported(plan, backend);
  return plan;
}
