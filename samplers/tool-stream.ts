import type { LmpowerError } from '../src/core/errors.ts';
import type { Batch } from '../src/core/sample.ts';
import { type Command, type CommandExit, commandStream } from './command-stream.ts';
import type { Parser, Probe, StreamOptions } from './sampler.ts';

/** A program to start in a tool's place. Only ever named in code. */
export interface ToolLaunch {
  readonly file: string;
  /** Arguments before the tool's own, such as a script's path. */
  readonly leading?: readonly string[];
}

export interface ToolStream {
  readonly source: string;
  readonly parser: Parser;
  /** Why the tool ended before it gave a reading: its exit and what it said. */
  readonly refusal: (exit: CommandExit, said: string) => LmpowerError;
}

const SAID_MOST = 4;
/** Batches without a reading that are held back, for the error they may become. */
const HELD_MOST = 32;

export function toolCommand(launch: ToolLaunch, args: readonly string[], env?: Command['env']): Command {
  return {
    file: launch.file,
    args: [...(launch.leading ?? []), ...args],
    ownSession: true,
    ...(env !== undefined && { env }),
  };
}

/** Our own environment and what is added to it, for tools that need a variable. */
export function ownEnvWith(added: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(own), ...added };
}

/**
 * Batches of one long-lived tool. A tool that ends without a reading is an error, one that gave readings an event
 * SAMPLER_DIED, since what was read is worth keeping. @throws {LmpowerError} what `refusal` makes
 */
export async function* toolBatches(
  command: Command,
  { source, parser, refusal }: ToolStream,
  { signal, clock }: StreamOptions,
): AsyncGenerator<Batch, void, undefined> {
  if (signal.aborted) return;
  const stream = commandStream(command, { signal, clock });
  let read = false;
  const said: string[] = [];
  const seen = (batch: Batch): Batch => {
    read ||= batch.domains !== undefined || batch.samples.length > 0;
    for (const event of batch.events) if (said.length < SAID_MOST) said.push(event.detail);
    return batch;
  };
  const opening: Batch[] = [];
  for await (const { chunk, arrival_s } of stream) {
    for (const batch of parser.push(chunk, arrival_s)) {
      opening.push(seen(batch));
      // What was said before the first reading is an error if none comes.
      if (read || opening.length > HELD_MOST) yield* opening.splice(0);
    }
  }
  // A line that our own ending cut off is no loss.
  if (signal.aborted) return;
  opening.push(...parser.end(clock.now_s()).map(seen));
  const exit = await stream.exit;
  const death = refusal(exit, said.join('; '));
  if (!read) throw death;
  yield* opening;
  yield deathBatch(source, clock.now_s(), death.message);
}

function deathBatch(source: string, at_s: number, detail: string): Batch {
  return {
    samples: [],
    observations: [],
    events: [{ code: 'SAMPLER_DIED', source, at_s, domain: null, detail }],
  };
}

/** How a tool ended, in words. */
export function exitText(tool: string, exit: CommandExit, said = ''): string {
  if (exit.startError !== null) return `${tool} could not be started: ${exit.startError}`;
  const words = [said, exit.stderr.trim()].filter((text) => text !== '').join('; ');
  const how = exit.signal === null ? `with exit code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
  return `${tool} ended ${how}${words === '' ? '' : `: ${words}`}`;
}

/** The probe of a tool that could not be started: not installed, or not to be executed. */
export function startProbe(tool: string, startError: string, install: string): Probe {
  return /EACCES|EPERM/.test(startError)
    ? { state: 'broken', detail: `${tool} cannot be executed`, remedy: `ls -l "$(command -v ${tool})"` }
    : { state: 'absent', detail: `${tool} is not on this machine's PATH`, remedy: install };
}
