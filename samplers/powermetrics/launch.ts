import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Clock } from '../../src/core/clock.ts';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Chunk } from '../chunk-queue.ts';
import { type Command, type CommandExit, commandStream } from '../command-stream.ts';
import { METER_ENV, METER_PATH, meterArguments } from '../privileged/meter-command.ts';
import type { Probe } from '../sampler.ts';
import { permissionRemedy } from './permission.ts';

export interface OpenOptions {
  readonly interval_ms: number;
  /** Ends the meter; the stream then returns. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** One way of getting the meter's bytes. */
export interface MeterLaunch {
  /** For people: `sudo /usr/bin/powermetrics`. */
  readonly describe: string;
  /** True: it may ask somebody for a password. */
  readonly mayAsk?: boolean;
  /** Returns when the signal ends it. @throws {LmpowerError} SAMPLER_NOT_PERMITTED, SAMPLER_UNAVAILABLE when the meter ends by itself, after its last bytes. */
  open(options: OpenOptions): AsyncIterable<Chunk>;
  /** Never throws, within two seconds. */
  probe(): Promise<Probe>;
}

/** A program in place of the meter. It is only ever named in code: no flag and no variable reaches it. */
export interface MeterExecutable {
  readonly file: string;
  /** Arguments before the fixed ones, such as a script's path. */
  readonly leading?: readonly string[];
}

/** Runs a program with the meter's fixed arguments and the meter's bare environment, without any elevation. */
export function directLaunch(executable: MeterExecutable): MeterLaunch {
  const { file, leading = [] } = executable;
  return {
    describe: [file, ...leading].join(' '),
    open: (options) =>
      readMeter(
        {
          file,
          args: [...leading, ...meterArguments(options.interval_ms)],
          env: METER_ENV,
          ownSession: true,
        },
        options,
      ),
    probe: () => probeExecutable(file),
  };
}

/** Streams a command that is, or leads to, the meter. @throws {LmpowerError} as `MeterLaunch.open` */
export async function* readMeter(
  command: Command,
  options: Omit<OpenOptions, 'interval_ms'> & { readonly onStderr?: (text: string) => void },
): AsyncGenerator<Chunk, void, undefined> {
  if (options.signal.aborted) return;
  const stream = await commandStream(command, options);
  yield* stream;
  if (!options.signal.aborted) throw meterEnded(await stream.exit, command.file);
}

/** Why a meter that nobody told to end has ended; its own words are in the message. */
export function meterEnded(exit: CommandExit, file: string = METER_PATH): LmpowerError {
  const words = exit.stderr.trim();
  if (exit.startError !== null) {
    return new LmpowerError('SAMPLER_UNAVAILABLE', `${file} could not be started: ${exit.startError}`);
  }
  if (isRefusal(words)) {
    return new LmpowerError('SAMPLER_NOT_PERMITTED', `the meter needs root's rights: ${words}`, {
      remedy: permissionRemedy(),
    });
  }
  const how = exit.signal === null ? `with exit code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
  const said = words === '' ? 'it said nothing' : words;
  return new LmpowerError('SAMPLER_UNAVAILABLE', `the meter ended ${how}: ${said}`);
}

/** sudo's own lines start with its name in every language; the meter's line is that of powermetrics(1) on macOS 11 to 26. */
function isRefusal(stderr: string): boolean {
  return /^sudo: /m.test(stderr) || /\bsuperuser\b/i.test(stderr);
}

/** Whether the file is there and may be executed. */
export async function probeExecutable(file: string): Promise<Probe> {
  try {
    await access(file, constants.X_OK);
    return { state: 'ready', detail: file, remedy: null };
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing
      ? { state: 'absent', detail: `${file} is not on this machine`, remedy: null }
      : { state: 'broken', detail: `${file} cannot be executed`, remedy: `ls -l ${file}` };
  }
}
