import type { Command } from 'commander';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';
import type { Plan } from '../core/run.ts';
import { planRun } from '../orchestrator/plan.ts';
import type { RunStore } from '../storage/store.ts';
import { type ChosenSamplers, composeSamplers, standInRoot } from './choose-samplers.ts';
import { plannedSourceLines } from './composition-lines.ts';
import type { CommandContext } from './context.ts';
import { isInvented } from './invented.ts';
import { isAllKnown } from './known-results.ts';
import type { Measured } from './measure.ts';
import { withStore } from './open-store.ts';
import { say, sayError, writeJson, writeOut } from './output.ts';
import { planLines } from './plan-lines.ts';
import { choosesModels, isSeveral, planOptions } from './plan-options.ts';
import { type PlannedRun, plannedRun } from './planned-run.ts';
import { presentKnown } from './present-known.ts';
import { type ReadyBackend, readyBackend } from './ready-backend.ts';
import type { RunFlags } from './run-flags.ts';
import { type RunOrigin, runOrigin } from './run-origin.ts';
import { interruptSignal } from './signals.ts';
import { watched } from './surroundings.ts';
import { screenWidth } from './terminal.ts';
import { checkOutputs } from './write-file.ts';

/** Everything that can be refused is refused before the first watt is read. @throws {LmpowerError} */
export async function run(command: Command, flags: RunFlags, context: CommandContext): Promise<ExitCode> {
  if (flags.resume !== undefined) {
    const { resume } = await import('./resume-action.ts');
    return resume(command, { ...flags, resume: flags.resume }, context);
  }
  const options = await planOptions(command, flags);
  if (!choosesModels(flags)) {
    const plan = planRun(options);
    // Nothing of it depends on what the server has.
    if (flags.dryRun === true && !isSeveral(flags) && flags.skipKnown !== true)
      return sayPlan(plan, flags, await composeSamplers(flags.sampler ?? ['auto'], context.elevation));
  }
  await checkOutputs([flags.output, flags.csv, flags.report]);
  const reference = await namedReference(command, flags);
  const chosen = await chosenSamplers(flags.sampler ?? ['auto'], flags, context);
  const origin = runOrigin();
  const needsLoaded = !choosesModels(flags) && (flags.model ?? []).length === 0;
  const ready = await readyBackend(flags.backend, backendOptions(flags, context, origin), needsLoaded);
  try {
    return await withStore(command, async (store) => {
      const planned = await plannedRun(flags, options, {
        backend: ready.backend,
        backendVersion: ready.version,
        serverUrl: ready.url,
        samplers: chosen.samplers,
        elevated: context.elevation.guard !== null,
        isSimulated: isSimulated(chosen, context),
        store,
      });
      return carryOut(planned, { flags, context, chosen, origin, ready, store, reference });
    });
  } finally {
    await ready.backend.close();
  }
}

/** What `--compare-with` names; null: nothing. */
async function namedReference(command: Command, { compareWith }: RunFlags): Promise<RunDocument | null> {
  if (compareWith === undefined) return null;
  const { referenceRun } = await import('./compare-with.ts');
  return referenceRun(command, compareWith);
}

/** Power sources by name. @throws {LmpowerError} POWER_REQUIRED, and as `composeSamplers` */
export async function chosenSamplers(
  names: readonly string[],
  { requirePower }: Pick<RunFlags, 'requirePower'>,
  { elevation }: CommandContext,
): Promise<ChosenSamplers> {
  const chosen = await composeSamplers(names, elevation);
  if (chosen.samplers.length === 0 && requirePower === true)
    throw new LmpowerError('POWER_REQUIRED', 'no power source answers on this machine.');
  return chosen;
}

/** How the server is reached. */
export function backendOptions(
  flags: Pick<RunFlags, 'url' | 'token' | 'timeout' | 'startServer'>,
  context: CommandContext,
  { clock }: RunOrigin,
): Parameters<typeof readyBackend>[1] {
  return {
    url: flags.url ?? null,
    token: flags.token ?? process.env['LM_API_TOKEN'] ?? null,
    clock,
    timeout_s: flags.timeout,
    servers: context.servers ?? {},
    startServer: flags.startServer === true,
  };
}

/** What carrying out a plan needs beside the plan. */
export interface Prepared {
  readonly flags: RunFlags;
  readonly context: CommandContext;
  readonly chosen: ChosenSamplers;
  readonly origin: RunOrigin;
  readonly ready: ReadyBackend;
  readonly store: RunStore;
  /** What `--compare-with` names; null: nothing. */
  readonly reference?: RunDocument | null;
}

async function carryOut(planned: PlannedRun, prepared: Prepared): Promise<ExitCode> {
  const { chosen, context, flags, ready, reference = null, store } = prepared;
  const { environment, plan } = planned;
  if (reference !== null) (await import('./compare-with.ts')).refuseIncomparable(reference, plan);
  if (flags.dryRun === true) return sayPlan(plan, flags, chosen);
  sayBefore(chosen, context);
  const configured = { plan, environment, simulated: isSimulated(chosen, context) };
  if (isAllKnown(plan)) {
    if (reference !== null) say('Nothing is measured, hence nothing compared: lmpower compare, or --retest.');
    return presentKnown(configured, flags, { store, isOnly: true });
  }
  if (isSeveral(flags)) for (const line of planLines(plan, screenWidth())) say(line);
  // Loaded late: where all is known nothing of it is needed.
  const { measure } = await import('./measure.ts');
  const interrupt = interruptSignal('interrupted: ending the phase, keeping what was recorded …');
  try {
    const measured = await measure({
      ...machineOf(prepared),
      plan,
      environment,
      backend: ready.backend,
      backendVersion: ready.version,
      signal: interrupt.signal,
    });
    const code = await presentBeside(reference, measured, flags);
    if (plan.known !== undefined) await presentKnown(configured, flags, { store, isOnly: false });
    return code;
  } finally {
    interrupt.release();
  }
}

/** The result, and how it compares with the run that was named; the graver exit code counts. */
async function presentBeside(
  reference: RunDocument | null,
  measured: Measured,
  flags: RunFlags,
): Promise<ExitCode> {
  const [{ present }, { compareWith }] = await Promise.all([
    import('./present.ts'),
    import('./compare-with.ts'),
  ]);
  const code = await present(measured, flags);
  if (reference === null || measured.document.trials.length === 0) return code;
  try {
    const compared = await compareWith(reference, measured.document, flags.json === true);
    return code === 0 ? compared : code;
  } catch (thrown) {
    return code === 0 ? sayError(thrown, false).exitCode : code;
  }
}

/** What of measuring does not depend on the plan. */
export function machineOf({ chosen, context, flags, origin, ready, store }: Prepared) {
  const { composition, samplers } = chosen;
  const sysRoot = standInRoot(context.elevation);
  return {
    origin,
    samplers,
    composition,
    watched: watched({ samplers, serverUrl: ready.url, sysRoot }),
    store,
    toolVersion: context.version,
    elevated: context.elevation.guard !== null,
    standIn: sysRoot !== null,
    requirePower: flags.requirePower === true,
    quiet: flags.quiet === true,
  };
}

async function sayPlan(plan: Plan, { json }: RunFlags, { composition }: ChosenSamplers): Promise<ExitCode> {
  if (json === true) await writeJson({ schemaVersion: 1, plan, composition });
  else {
    const lines = [...planLines(plan, screenWidth()), ...plannedSourceLines(composition, screenWidth())];
    await writeOut(`${lines.join('\n')}\n`);
  }
  return 0;
}

/** What the sources are like is said before anything is measured. */
export function sayBefore({ composition, samplers }: ChosenSamplers, { elevation }: CommandContext): void {
  if (elevation.reason !== null) say(`${elevation.reason}.`);
  if (samplers.length === 0)
    say('No power source answers: speed only, no joules. lmpower doctor says what is missing.');
  for (const { id, reason } of composition.leftOut) say(`${id} is left out: ${reason}.`);
}

/** Some watt of it is made up. */
export function isSimulated({ samplers }: ChosenSamplers, { elevation }: CommandContext): boolean {
  return standInRoot(elevation) !== null || samplers.some(isInvented);
}
