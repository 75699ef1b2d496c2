import { LmpowerError } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';
import type { RunStore } from '../storage/store.ts';
import { type ChosenSamplers, composeSamplers, standInRoot } from './choose-samplers.ts';
import type { CommandContext } from './context.ts';
import { say } from './output.ts';
import type { ReadyBackend, readyBackend } from './ready-backend.ts';
import type { RunFlags } from './run-flags.ts';
import type { RunOrigin } from './run-origin.ts';
import { watched } from './surroundings.ts';

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

/** What the sources are like is said before anything is measured. */
export function sayBefore({ composition, samplers }: ChosenSamplers, { elevation }: CommandContext): void {
  if (elevation.reason !== null) say(`${elevation.reason}.`);
  if (samplers.length === 0)
    say('No power source answers: speed only, no joules. lmpower doctor says what is missing.');
  for (const { id, reason } of composition.leftOut) say(`${id} is left out: ${reason}.`);
}
