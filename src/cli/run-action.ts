import type { Command } from 'commander';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import type { InferenceSettings, LoadSettings, Plan } from '../core/run.ts';
import { describePlan } from '../orchestrator/describe-plan.ts';
import { planRun } from '../orchestrator/plan.ts';
import { loadWorkload } from '../orchestrator/workload.ts';
import { type ChosenSamplers, composeSamplers, standInRoot } from './choose-samplers.ts';
import type { CommandContext } from './context.ts';
import { type Measured, measure, runOrigin } from './measure.ts';
import { openStoreOf } from './open-store.ts';
import { say, writeJson, writeOut } from './output.ts';
import { present } from './present.ts';
import { type ReadyBackend, readyBackend } from './ready-backend.ts';
import type { RunFlags } from './run-flags.ts';
import { interruptSignal } from './signals.ts';
import { watched } from './surroundings.ts';
import { checkOutputs } from './write-file.ts';

/** Everything that can be refused is refused before the first watt is read. @throws {LmpowerError} */
export async function run(command: Command, flags: RunFlags, context: CommandContext): Promise<ExitCode> {
  const plan = planRun(await planOptions(flags));
  if (flags.dryRun === true) {
    await sayPlan(plan, flags.json === true);
    return 0;
  }
  await checkOutputs([flags.output, flags.csv, flags.report]);
  const chosen = await composeSamplers(flags.sampler ?? ['auto'], context.elevation);
  if (chosen.samplers.length === 0 && flags.requirePower === true)
    throw new LmpowerError('POWER_REQUIRED', 'no power source answers on this machine.');
  const origin = runOrigin();
  const options = {
    url: flags.url ?? null,
    token: flags.token ?? process.env['LM_API_TOKEN'] ?? null,
    clock: origin.clock,
    timeout_s: flags.timeout,
  };
  const ready = await readyBackend(flags.backend, options, plan.models.length === 0);
  try {
    sayBefore(chosen, context);
    return await present(await measured(command, { flags, context, plan, chosen, origin, ready }), flags);
  } finally {
    await ready.backend.close();
  }
}

interface Prepared {
  readonly flags: RunFlags;
  readonly context: CommandContext;
  readonly plan: Plan;
  readonly chosen: ChosenSamplers;
  readonly origin: ReturnType<typeof runOrigin>;
  readonly ready: ReadyBackend;
}

async function measured(command: Command, prepared: Prepared): Promise<Measured> {
  const { context, chosen, flags, origin, plan, ready } = prepared;
  const { composition, samplers } = chosen;
  const store = await openStoreOf(command);
  const interrupt = interruptSignal('interrupted: ending the phase, keeping what was recorded …');
  try {
    return await measure({
      origin,
      plan: { ...plan, backend: ready.backend.id },
      backend: ready.backend,
      backendVersion: ready.version,
      samplers,
      composition,
      watched: watched({ samplers, serverUrl: ready.url, sysRoot: standInRoot(context.elevation) }),
      store,
      toolVersion: context.version,
      elevated: context.elevation.guard !== null,
      standIn: standInRoot(context.elevation) !== null,
      requirePower: flags.requirePower === true,
      quiet: flags.quiet === true,
      signal: interrupt.signal,
    });
  } finally {
    interrupt.release();
    store.close();
  }
}

async function sayPlan(plan: Plan, json: boolean): Promise<void> {
  if (json) await writeJson({ schemaVersion: 1, plan });
  else await writeOut(`${describePlan(plan).join('\n')}\n`);
}

function sayBefore({ composition, samplers }: ChosenSamplers, { elevation }: CommandContext): void {
  if (elevation.reason !== null) say(`${elevation.reason}.`);
  if (samplers.length === 0)
    say('No power source answers: speed only, no joules. lmpower doctor says what is missing.');
  for (const { id, reason } of composition.leftOut) say(`${id} is left out: ${reason}.`);
}

type PlanOptions = Parameters<typeof planRun>[0];

async function planOptions(flags: RunFlags): Promise<PlanOptions> {
  const { interval, baseline, baselineMax, cooldown, trials } = flags;
  const { untilCi, maxTrials, maxMinutes, baselineStrategy, closedServer } = flags;
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
    ...given({
      untilCi,
      maxTrials,
      maxMinutes,
      baselineStrategy,
      baselineTtl_s: flags.baselineTtl,
      closedServer,
    }),
    ...(flags.interleave === true ? { order: 'interleaved' as const } : {}),
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
