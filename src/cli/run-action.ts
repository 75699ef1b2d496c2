import type { Command } from 'commander';
import { detectBackend } from '../backends/index.ts';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import type { InferenceSettings, LoadSettings } from '../core/run.ts';
import { describePlan } from '../orchestrator/describe-plan.ts';
import { planRun } from '../orchestrator/plan.ts';
import { loadWorkload } from '../orchestrator/workload.ts';
import { chooseSamplers } from './choose-samplers.ts';
import { type Measured, measure, runOrigin } from './measure.ts';
import { openStoreOf } from './open-store.ts';
import { say, sayError, writeOut } from './output.ts';
import type { CommandContext } from './program.ts';
import { resultLines } from './result-table.ts';
import type { RunFlags } from './run-flags.ts';
import { runText } from './run-text.ts';
import { interruptSignal } from './signals.ts';
import { screenWidth } from './terminal.ts';
import { exitCodeOf } from './verdict.ts';
import { checkWritable, writeFileWhole } from './write-file.ts';

/** Everything that can be refused is refused before the first watt is read. @throws {LmpowerError} */
export async function run(command: Command, flags: RunFlags, context: CommandContext): Promise<ExitCode> {
  const plan = planRun(await planOptions(flags));
  if (flags.dryRun === true) {
    await writeOut(`${describePlan(plan).join('\n')}\n`);
    return 0;
  }
  for (const path of [flags.output, flags.csv, flags.report])
    if (path !== undefined) await checkWritable(path);
  const samplers = await chooseSamplers(flags.sampler ?? ['auto'], context.elevation);
  if (samplers.length === 0) refuseOrSay(flags.requirePower === true);
  const token = flags.token ?? process.env['LM_API_TOKEN'] ?? null;
  const store = await openStoreOf(command);
  const origin = runOrigin();
  const interrupt = interruptSignal('interrupted: ending the phase, keeping what was recorded …');
  try {
    const backend = await detectBackend(flags.backend, {
      url: flags.url ?? null,
      token,
      clock: origin.clock,
      timeout_s: flags.timeout,
    });
    try {
      const measured = await measure({
        origin,
        plan: { ...plan, backend: backend.id },
        backend,
        samplers,
        store,
        toolVersion: context.version,
        elevated: context.elevation.guard !== null,
        requirePower: flags.requirePower === true,
        quiet: flags.quiet === true,
        signal: interrupt.signal,
      });
      return await present(measured, flags);
    } finally {
      await backend.close();
    }
  } finally {
    interrupt.release();
    store.close();
  }
}

/** Prints and writes what was asked for; what was measured is shown whatever else went wrong. */
export async function present(
  measured: Measured,
  flags: Pick<RunFlags, 'json' | 'output' | 'csv' | 'report' | 'format' | 'strict'>,
): Promise<ExitCode> {
  const { document, recording, error } = measured;
  await writeOut(
    flags.json === true ? runText(document) : `${resultLines(document, screenWidth()).join('\n')}\n`,
  );
  if (flags.output !== undefined)
    await writeFileWhole(flags.output, [await outputText(measured, flags.format)]);
  if (flags.csv !== undefined) {
    const [{ aligned }, { timeseriesCsv }] = await Promise.all([
      import('../analyzer/analyze.ts'),
      import('../rendering/timeseries-csv.ts'),
    ]);
    await writeFileWhole(flags.csv, timeseriesCsv(aligned(recording)));
  }
  if (flags.report !== undefined) {
    const { reportFile } = await import('./report-file.ts');
    await reportFile(flags.report, [document], [recording]);
    say(`report: ${flags.report}`);
  }
  if (error !== null) return sayError(error, false).exitCode;
  say(`run ${document.run.id} · lmpower analyze ${document.run.id.slice(0, 13)}`);
  return exitCodeOf(document, flags.strict === true);
}

async function outputText({ document }: Measured, format: RunFlags['format']): Promise<string> {
  if (format === 'json') return runText(document);
  const { classicJson } = await import('../rendering/classic-json.ts');
  return `${JSON.stringify(classicJson(document), null, 2)}\n`;
}

function refuseOrSay(required: boolean): void {
  if (required) throw new LmpowerError('POWER_REQUIRED', 'no power source answers on this machine.');
  say('No power source answers: speed only, no joules. lmpower doctor says what is missing.');
}

type PlanOptions = Parameters<typeof planRun>[0];

async function planOptions(flags: RunFlags): Promise<PlanOptions> {
  const { interval, baseline, baselineMax, cooldown, trials } = flags;
  return {
    workload: await loadWorkload(flags.workload),
    backend: flags.backend,
    url: flags.url ?? null,
    models: flags.model ?? [],
    samplers: flags.sampler ?? ['auto'],
    warmup: flags.warmup,
    ...(interval === undefined ? {} : { interval_ms: interval }),
    ...(baseline === undefined ? {} : { baseline_s: baseline }),
    ...(baselineMax === undefined ? {} : { baselineMax_s: baselineMax }),
    ...(cooldown === undefined ? {} : { cooldown_s: cooldown }),
    ...(trials === undefined ? {} : { trials }),
    inference: inferenceOf(flags),
    load: loadOf(flags),
  };
}

function inferenceOf(flags: RunFlags): Partial<InferenceSettings> {
  const { temperature, topP, topK, minP, repeatPenalty, seed, maxTokens } = flags;
  return given({ temperature, topP, topK, minP, repeatPenalty, seed, maxOutput_tok: maxTokens });
}

function loadOf(flags: RunFlags): Partial<LoadSettings> {
  const flashAttention = flags.flashAttention === undefined ? undefined : flags.flashAttention === 'on';
  return given({
    context_tok: flags.context,
    gpuOffload: flags.gpu,
    flashAttention,
    parallel: flags.parallel,
  });
}

/** Without what was not given. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
