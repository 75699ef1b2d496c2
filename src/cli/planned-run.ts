import type { Sampler } from '../../samplers/sampler.ts';
import type { Backend } from '../backends/backend.ts';
import { asLmpowerError } from '../core/errors.ts';
import type { Environment, Model, Plan } from '../core/run.ts';
import { chooseModels, localModels } from '../orchestrator/choose-models.ts';
import { probeEnvironment } from '../orchestrator/environment.ts';
import { identitiesOf } from '../orchestrator/identities.ts';
import { type FinishedOf, knownTrials } from '../orchestrator/known.ts';
import { type PlanOptions, planRun } from '../orchestrator/plan.ts';
import { refuseUnsupported } from '../orchestrator/run.ts';
import type { RunStore } from '../storage/store.ts';
import { judgeLeftOver } from './judged-results.ts';
import { digestReader } from './model-digests.ts';
import { modelFilterOf } from './model-filter-flags.ts';
import { choosesModels, isSeveral } from './plan-options.ts';
import { plannedExperiment } from './planned-experiment.ts';
import type { RunFlags } from './run-flags.ts';

/** What a plan is completed with once the server and the machine can be asked. */
export interface Surroundings {
  readonly backend: Backend;
  readonly backendVersion: string | null;
  /** Where the server answered; null: not said. */
  readonly serverUrl: string | null;
  readonly samplers: readonly Sampler[];
  readonly elevated: boolean;
  readonly isSimulated: boolean;
  readonly store: RunStore;
}

export interface PlannedRun {
  readonly plan: Plan;
  readonly environment: Environment;
}

/**
 * The plan with its models chosen, each of them told from others of its name, and with what is known already.
 * @throws {LmpowerError} USAGE, MODEL_NOT_FOUND, SETTING_UNSUPPORTED, BACKEND_*, STORE_*
 */
export async function plannedRun(
  flags: RunFlags,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<PlannedRun> {
  const { backend, backendVersion, elevated, samplers } = surroundings;
  const models = choosesModels(flags) ? await backend.models() : [];
  const chosen = planFor(backend, chosenFrom(models, flags, { options, backend }));
  refuseUnsupported(chosen, backend);
  const plan: Plan = {
    ...chosen,
    backend: backend.id,
    ...(await identified(chosen, flags, { ...surroundings, models })),
    sources: samplers.map((sampler) => ({ id: sampler.id, domains: sampler.domains().map(({ id }) => id) })),
  };
  const environment = await probeEnvironment({ backendVersion, elevated });
  return { plan: await withKnown(flags, { plan, environment }, surroundings), environment };
}

/** A context that the workload alone asks for is not asked of a server that was started with its own. */
function planFor(backend: Backend, options: PlanOptions): Plan {
  const plan = planRun(options);
  const fixedContext = backend.unsupported(plan.inference, plan.load).includes('context_tok');
  return fixedContext ? planRun({ ...options, fixedContext }) : plan;
}

interface Chosen {
  readonly options: PlanOptions;
  readonly backend: Backend;
}

function chosenFrom(models: readonly Model[], flags: RunFlags, { backend, options }: Chosen): PlanOptions {
  if (!choosesModels(flags)) return options;
  const named = options.models ?? [];
  const { limit } = flags;
  const choice = { named, filter: modelFilterOf(flags), ...(limit === undefined ? {} : { limit }) };
  if (flags.experiment === undefined) return { ...options, models: chooseModels(models, choice) };
  const fitting = new Set(chooseModels(models, { ...choice, named: [] }));
  const own = localModels(models).filter(({ key }) => fitting.has(key));
  const { workload } = options;
  return {
    ...options,
    experiment: plannedExperiment(flags.experiment, { named, models: own, workload, backend }),
  };
}

interface Asked extends Pick<Surroundings, 'backend' | 'serverUrl'> {
  /** As the server lists them; empty: not asked yet. */
  readonly models: readonly Model[];
}

/** A server that lists no models can still be measured; it just cannot be told what is known of it. */
export async function identified(
  plan: Plan,
  flags: RunFlags,
  { backend, models, serverUrl }: Asked,
): Promise<Pick<Plan, 'identities'>> {
  const { digest, dryRun: recallOnly = false, quiet = false } = flags;
  try {
    const read = digest ? await digestReader({ serverUrl, quiet, recallOnly }) : undefined;
    const instances = await backend.loaded();
    const listed = models.length > 0 ? models : await backend.models();
    return { identities: await identitiesOf(plan, { instances, models: listed }, read) };
  } catch (thrown) {
    const error = asLmpowerError(thrown);
    const isNeeded = isSeveral(flags) || flags.skipKnown === true;
    if (isNeeded || error.code === 'BUG') throw error;
    return {};
  }
}

/** Sides that are compared with each other are known together or not at all. */
async function withKnown(
  flags: RunFlags,
  { environment, plan }: Pick<PlannedRun, 'environment' | 'plan'>,
  { isSimulated, store }: Surroundings,
): Promise<Plan> {
  const isSkipped = flags.skipKnown === true || isSeveral(flags);
  // How many repetitions a stop rule takes follows from this run's own spread.
  if (plan.until !== undefined || plan.identities === undefined) return plan;
  if (!isSkipped || flags.retest === true) return plan;
  await judgeLeftOver(store);
  const isWhole = plan.experiment !== undefined || plan.order === 'interleaved';
  const run = { plan, environment, simulated: isSimulated };
  const known = knownTrials(run, resultsFor(plan, store), isWhole);
  return known.length === 0 ? plan : { ...plan, known };
}

/** An experiment is answered by another of its kind: a run that only has the same trials compares nothing. */
function resultsFor({ experiment }: Plan, store: RunStore): FinishedOf {
  if (experiment === undefined) return (configuration) => store.results(configuration);
  const answers = new Map<string, boolean>();
  const isAnswer = (id: string): boolean => {
    const { plan, state } = store.load(id).run;
    return plan.experiment === experiment && state === 'finished';
  };
  return (configuration) =>
    store.results(configuration).filter(({ run }) => {
      const known = answers.get(run) ?? isAnswer(run);
      answers.set(run, known);
      return known;
    });
}
