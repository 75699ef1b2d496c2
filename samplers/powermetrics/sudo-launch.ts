import { LmpowerError } from '../../src/core/errors.ts';
import type { Chunk } from '../chunk-queue.ts';
import { commandOutput } from '../command-output.ts';
import type { Command } from '../command-stream.ts';
import { DEFAULT_INTERVAL_ms, METER_ENV, meterArguments } from '../privileged/meter-command.ts';
import type { Probe } from '../sampler.ts';
import { type MeterLaunch, type OpenOptions, probeExecutable, readMeter } from './launch.ts';
import { permissionRemedy, sudoersLine } from './permission.ts';
import type { MeterSession } from './session.ts';

/**
 * The meter through sudo: silently where a sudoers line or a recent password permits it, else, on a terminal, with
 * sudo's own prompt. sudo clears the environment; `-b 0` is what makes the meter write at once.
 */
export function sudoLaunch(session: MeterSession): MeterLaunch {
  return {
    describe: `sudo ${session.meter}`,
    mayAsk: session.terminal && session.guard === null && !session.root,
    open: (options) => openWithSudo(session, options),
    probe: () => probeSudo(session),
  };
}

async function* openWithSudo(
  session: MeterSession,
  options: OpenOptions,
): AsyncGenerator<Chunk, void, undefined> {
  let started = false;
  try {
    for await (const chunk of readMeter(sudoCommand(session, ['-n'], options.interval_ms), options)) {
      started = true;
      yield chunk;
    }
    return;
  } catch (error) {
    if (started || !session.terminal || !isNotPermitted(error)) throw error;
  }
  session.say(
    `lmpower: only root may read power on this machine. sudo now asks for your password, for ${session.meter} alone.\n`,
  );
  yield* readMeter(sudoCommand(session, ['-p', 'Password: '], options.interval_ms), {
    ...options,
    // sudo's 'try again' goes to its error output, which is ours to pass on until the meter runs.
    onStderr: (text) => session.say(text),
  });
}

/** No shell, no `setsid`: sudo finds the terminal by itself, and its remembered password with it. */
function sudoCommand(session: MeterSession, flags: readonly string[], interval_ms: number): Command {
  return {
    file: session.sudo,
    args: [...flags, '--', session.meter, ...meterArguments(interval_ms)],
    env: METER_ENV,
  };
}

function isNotPermitted(error: unknown): boolean {
  return error instanceof LmpowerError && error.code === 'SAMPLER_NOT_PERMITTED';
}

/** Asks sudo whether it would, which runs nothing as root. */
async function probeSudo(session: MeterSession): Promise<Probe> {
  const sudo = await probeExecutable(session.sudo);
  if (sudo.state !== 'ready') return sudo;
  const args = ['-n', '-l', '--', session.meter, ...meterArguments(DEFAULT_INTERVAL_ms)];
  const answer = await commandOutput({ file: session.sudo, args, env: METER_ENV }, { clock: session.clock });
  if (answer.code === 0)
    return { state: 'ready', detail: 'sudo permits the meter without asking', remedy: null };
  if (session.terminal) {
    return {
      state: 'ready',
      detail: 'sudo will ask for your password',
      remedy: `to be asked no more: sudo visudo -f /etc/sudoers.d/lmpower, with the line: ${sudoersLine()}`,
    };
  }
  return {
    state: 'needs-permission',
    detail: 'sudo would ask for a password, and there is no terminal to type it',
    remedy: permissionRemedy(),
  };
}
