import { asLmpowerError, LmpowerError } from '../../src/core/errors.ts';
import { type Chunk, ChunkQueue, feedQueue } from '../chunk-queue.ts';
import { settledWithin } from '../end-process.ts';
import { METER_ENV, meterArguments } from '../privileged/meter-command.ts';
import type { Probe } from '../sampler.ts';
import { type MeterLaunch, meterEnded, type OpenOptions, probeExecutable } from './launch.ts';
import { type LetterBox, openLetterBox } from './letter-box.ts';
import { permissionRemedy } from './permission.ts';
import type { MeterSession } from './session.ts';

/**
 * The meter after a password window: root starts it with its output to a socket in a folder that only this user and
 * root can enter. Closing the socket ends the meter at its next write.
 */
export function desktopLaunch(session: MeterSession): MeterLaunch {
  return {
    describe: `a password window, then ${session.meter}`,
    mayAsk: session.guard === null && !session.root,
    open: (options) => openOnDesktop(session, options),
    probe: () => probeDesktop(session),
  };
}

async function* openOnDesktop(
  session: MeterSession,
  options: OpenOptions,
): AsyncGenerator<Chunk, void, undefined> {
  const { signal, clock } = options;
  if (signal.aborted) return;
  refuseUnsafe(process.cwd());
  const box = await openLetterBox();
  const close = (): void => box.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  try {
    const ended = howItEnded(session.askOnDesktop(commandLine(session.meter, box.path, options.interval_ms)));
    yield* bytesOf(box, ended, options);
    if (signal.aborted) return;
    // The window's program reports a moment after the socket has closed.
    await settledWithin(ended, 2, clock);
    throw await Promise.race([ended, meterEnded({ code: null, signal: null, stderr: '', startError: null })]);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

async function* bytesOf(
  box: LetterBox,
  ended: Promise<LmpowerError>,
  { clock }: OpenOptions,
): AsyncGenerator<Chunk, void, undefined> {
  const socket = await Promise.race([box.connected, ended]);
  if (socket === null || socket instanceof LmpowerError) return;
  const queue = new ChunkQueue();
  feedQueue(queue, socket, clock);
  yield* queue;
}

async function howItEnded(asked: Promise<string>): Promise<LmpowerError> {
  try {
    return meterEnded({ code: null, signal: null, stderr: await asked, startError: null });
  } catch (thrown) {
    const { message } = asLmpowerError(thrown);
    // Texts of @vscode/sudo-prompt 9.3.2.
    if (!/did not grant permission|authentication agent|pkexec or kdesudo/.test(message)) {
      return new LmpowerError('SAMPLER_UNAVAILABLE', `the meter could not be started: ${message}`, {
        cause: thrown,
      });
    }
    return new LmpowerError('SAMPLER_NOT_PERMITTED', `the password window: ${message}`, {
      remedy: permissionRemedy(),
      cause: thrown,
    });
  }
}

/** The only text that root's shell gets from us: constants, an integer, and a path whose variable part `mkdtemp` chose. */
function commandLine(meter: string, socketPath: string, interval_ms: number): string {
  const environment = Object.entries(METER_ENV).map(([name, value]) => `${name}=${value}`);
  const words = ['/usr/bin/env', '-i', ...environment, meter, ...meterArguments(interval_ms)];
  const line = [...words, '|', '/usr/bin/nc', '-U', socketPath].join(' ');
  if (!/^[A-Za-z0-9 /=:,._|-]+$/.test(line)) throw new LmpowerError('BUG', `unsafe command line: ${line}`);
  return line;
}

/** @vscode/sudo-prompt writes the current folder, between double quotes, into the script that root runs. */
function refuseUnsafe(folder: string): void {
  if (!/["$`\\\n\r]/.test(folder)) return;
  throw new LmpowerError(
    'SAMPLER_NOT_PERMITTED',
    `the name of this folder cannot be passed to root safely: ${folder}`,
    {
      remedy: 'start lmpower from another folder, such as your home',
    },
  );
}

async function probeDesktop(session: MeterSession): Promise<Probe> {
  if (session.terminal) {
    return { state: 'absent', detail: 'not needed where there is a terminal', remedy: null };
  }
  if (!(await session.hasDesktop())) {
    return { state: 'absent', detail: 'there is no desktop to ask on', remedy: null };
  }
  const meter = await probeExecutable(session.meter);
  if (meter.state !== 'ready') return meter;
  return { state: 'ready', detail: 'a window will ask for your password', remedy: null };
}
