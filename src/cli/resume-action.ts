import type { Command } from 'commander';
import type { ModelIdentity, PlanSource } from '../core/arms.ts';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import type { Environment, Plan, Recording } from '../core/run.ts';
import { sidesOf } from '../orchestrator/arms.ts';
import { probeEnvironment } from '../orchestrator/environment.ts';
import { trialGroups } from '../orchestrator/order.ts';
import { type Remaining, remainingOf } from '../orchestrator/remaining.ts';
import { refuseUnsupported } from '../orchestrator/run.ts';
import { readSurroundings } from '../storage/locations.ts';
import { type ChosenSamplers, isSimulated } from './choose-samplers.ts';
import type { CommandContext } from './context.ts';
import { isUnderWay } from './live/find-run.ts';
import { measure } from './measure.ts';
import { measuredBefore } from './measured-before.ts';
import { withStore } from './open-store.ts';
import { say, writeOut } from './output.ts';
import { planLines } from './plan-lines.ts';
import { identified } from './planned-run.ts';
import { present } from './present.ts';
import { readyBackend } from './ready-backend.ts';
import type { RunFlags } from './run-flags.ts';
import { sessionOrigin } from './run-origin.ts';
import { backendOptions, chosenSamplers, machineOf, type Prepared, sayBefore } from './run-preparation.ts';
import { interruptSignal } from './signals.ts';
import { screenWidth } from './terminal.ts';
import { checkOutputs } from './write-file.ts';

type ResumeFlags = RunFlags & { readonly resume: string };

/** Flags that say nothing about what is measured. */
const ALLOWED = new Set(
  'resume url token timeout requirePower strict output csv report format json dryRun quiet digest'.split(' '),
);

/**
 * Takes up a run: the same plan, and only what is missing of it is measured. The result is one run.
 * @throws {LmpowerError} RESUME_REFUSED, USAGE, RUN_NOT_FOUND, RUN_AMBIGUOUS, SAMPLER_*, BACKEND_*, STORE_*
 */
export async function resume(
  command: Command,
  flags: ResumeFlags,
  context: CommandContext,
): Promise<ExitCode> {
  refuseOtherPlan(command);
  await checkOutputs([flags.output, flags.csv, flags.report]);
  return withStore(command, async (store) => {
    const recording = store.load(store.resolve(flags.resume));
    const { plan } = recording.run;
    if (await isUnderWay(readSurroundings(), recording.run.id))
      throw refused('it is still being measured.', 'lmpower watch shows it; or end it first, with Ctrl-C');
    const remaining = remainingOf(recording);
    if (remaining.left === 0) {
      say(`run ${recording.run.id} is whole: there is nothing left to measure.`);
      return present(measuredBefore(store, recording.run.id), flags);
    }
    if (flags.dryRun === true) {
      await writeOut(
        `${planLines(plan, screenWidth(), { indexes: remaining.done, word: 'done' }).join('\n')}\n`,
      );
      return 0;
    }
    const chosen = await chosenSamplers(plan.samplers, flags, context);
    refuseOtherSources(recording, chosen);
    if (recording.run.simulated !== isSimulated(chosen.samplers, context.elevation))
      throw refused('some of its watts would be made up, and some measured.');
    const origin = sessionOrigin(recording);
    const server = { ...flags, ...(flags.url === undefined && plan.url !== null ? { url: plan.url } : {}) };
    const options = backendOptions(server, context, origin);
    const ready = await readyBackend(plan.backend, options, plan.models.length === 0);
    try {
      const prepared = { flags, context, chosen, origin, ready, store };
      return await goOn(prepared, { recording, remaining, start_s: origin.start_s });
    } finally {
      await ready.backend.close();
    }
  });
}

interface TakenUp {
  readonly recording: Recording;
  readonly remaining: Remaining;
  readonly start_s: number;
}

async function goOn(prepared: Prepared, resumed: TakenUp): Promise<ExitCode> {
  const { chosen, context, flags, ready } = prepared;
  const { environment, plan } = resumed.recording.run;
  refuseUnsupported(plan, ready.backend);
  const machine = machineOf(prepared);
  const found = await probeEnvironment({ backendVersion: ready.version, elevated: machine.elevated });
  refuseOtherMachine(environment, found);
  const models = await identified(plan, flags, { backend: ready.backend, models: [], serverUrl: ready.url });
  refuseOtherModels(plan, models.identities ?? [], resumed.remaining);
  sayBefore(chosen, context);
  for (const line of planLines(plan, screenWidth(), { indexes: resumed.remaining.done, word: 'done' }))
    say(line);
  const interrupt = interruptSignal('interrupted: ending the phase, keeping what was recorded …');
  try {
    const measured = await measure({
      ...machine,
      plan,
      resumed,
      backend: ready.backend,
      backendVersion: ready.version,
      signal: interrupt.signal,
    });
    return await present(measured, flags);
  } finally {
    interrupt.release();
  }
}

/** The plan is that of the run. */
function refuseOtherPlan(command: Command): void {
  const names = command.options
    .map((option) => option.attributeName())
    .filter((name) => command.getOptionValueSource(name) === 'cli' && !ALLOWED.has(name));
  if (names.length === 0) return;
  throw new LmpowerError(
    'USAGE',
    `--resume repeats the plan of the run; it cannot be given ${names.join(', ')}.`,
    {
      remedy: 'leave them out, or run anew without --resume',
    },
  );
}

/** What was read before must be read again: one run has one set of domains. */
function refuseOtherSources({ run: { plan } }: Recording, { samplers }: ChosenSamplers): void {
  if (plan.sources === undefined) return;
  const before = sourcesText(plan.sources);
  const now = sourcesText(
    samplers.map((sampler) => ({ id: sampler.id, domains: sampler.domains().map(({ id }) => id) })),
  );
  if (before !== now) throw refused(`its power sources were ${before}; now they are ${now}.`);
}

function sourcesText(sources: readonly PlanSource[]): string {
  const named = sources.map(({ domains, id }) => `${id} (${[...domains].sort().join(', ')})`);
  return named.length === 0 ? 'none' : named.sort().join(', ');
}

const FACTS = ['machine', 'chip', 'memory_B', 'os', 'osBuild', 'governor', 'backendVersion'] as const;

/** What could change a number must be as it was. */
function refuseOtherMachine(before: Environment, now: Environment): void {
  const other = FACTS.find((fact) => before[fact] !== now[fact]);
  if (other !== undefined) throw refused(`its ${other} was ${before[other]}; now it is ${now[other]}.`);
}

/** Of models that have something left to be measured. A fact that is not told, then or now, is no difference. */
function refuseOtherModels(plan: Plan, now: readonly ModelIdentity[], { done }: Remaining): void {
  const sides = sidesOf(plan);
  const left = new Set(placesLeft(plan, done).map((place) => sides[place]?.key ?? null));
  for (const before of plan.identities ?? []) {
    if (!left.has(before.key) && !left.has(null)) continue;
    const found = now.find(({ key }) => key === before.key);
    if (found === undefined && left.has(null))
      throw refused(`its model was ${before.key}, which is not loaded.`);
    const other =
      found === undefined ? undefined : IDENTITY.find((fact) => differ(before[fact], found[fact]));
    if (other !== undefined)
      throw refused(`${before.key} is not the model that it was: its ${other} changed.`);
  }
}

const IDENTITY = ['digest', 'size_B', 'format', 'quantization', 'instance'] as const;

function differ(before: string | number | null, now: string | number | null): boolean {
  return before !== null && now !== null && before !== now;
}

/** For workload `idle` what is done are places of models, else trials. */
function placesLeft(plan: Plan, done: ReadonlySet<number>): number[] {
  if (plan.workload.kind === 'idle')
    return sidesOf(plan).flatMap((_, place) => (done.has(place) ? [] : [place]));
  const specs = trialGroups(plan).flatMap(({ trials }) => trials);
  return specs.filter(({ index }) => !done.has(index)).map(({ model }) => model);
}

function refused(why: string, remedy?: string): LmpowerError {
  return new LmpowerError(
    'RESUME_REFUSED',
    `the run cannot be taken up: ${why}`,
    remedy === undefined ? {} : { remedy },
  );
}
