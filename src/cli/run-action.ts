import type { Command } from 'commander';
import type { ExitCode } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';
import type { Plan } from '../core/run.ts';
import { planRun } from '../orchestrator/plan.ts';
import { type ChosenSamplers, composeSamplers, isSimulated } from './choose-samplers.ts';
import { plannedSourceLines } from './composition-lines.ts';
import type { CommandContext } from './context.ts';
import { isAllKnown } from './known-results.ts';
import type { Measured } from './measure.ts';
import { withStore } from './open-store.ts';
import { say, sayError, writeJson, writeOut } from './output.ts';
import { planLines } from './plan-lines.ts';
import { choosesModels, isSeveral, planOptions } from './plan-options.ts';
import { type PlannedRun, plannedRun } from './planned-run.ts';
import { presentKnown } from './present-known.ts';
import { readyBackend } from './ready-backend.ts';
import type { RunFlags } from './run-flags.ts';
import { runOrigin } from './run-origin.ts';
import { backendOptions, chosenSamplers, machineOf, type Prepared, sayBefore } from './run-preparation.ts';
import { interruptSignal } from './signals.ts';
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
    if (flags.dryRun === true && !isSeveral(flags) && flags.skipKnown !== true) {
      const code = await sayPlan(
        plan,
        flags,
        await composeSamplers(flags.sampler ?? ['auto'], context.elevation),
      );
      say('The server was not asked; lmpower models says what it has.');
      return code;
    }
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
        isSimulated: isSimulated(chosen.samplers, context.elevation),
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

async function carryOut(planned: PlannedRun, prepared: Prepared): Promise<ExitCode> {
  const { chosen, context, flags, ready, reference = null, store } = prepared;
  const { environment, plan } = planned;
  if (reference !== null) (await import('./compare-with.ts')).refuseIncomparable(reference, plan);
  if (flags.dryRun === true) return sayPlan(plan, flags, chosen);
  sayBefore(chosen, context);
  const configured = { plan, environment, simulated: isSimulated(chosen.samplers, context.elevation) };
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

async function sayPlan(plan: Plan, { json }: RunFlags, { composition }: ChosenSamplers): Promise<ExitCode> {
  if (json === true) await writeJson({ schemaVersion: 1, plan, composition });
  else {
    const lines = [...planLines(plan, screenWidth()), ...plannedSourceLines(composition, screenWidth())];
    await writeOut(`${lines.join('\n')}\n`);
  }
  return 0;
}
