import { LmpowerError } from '../src/core/errors.ts';
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
/** Characters of a tool's own error output in a message. */
const WORDS_MOST = 300;
/** What programs say of flags that they do not have. */
const UNKNOWN_FLAG =
  /unknown option|unrecognized (?:option|argument)|unexpected argument|invalid (?:option|argument)|(?:^|[;:] )usage:/i;

/** Our own environment, but for its language: a decimal comma is no JSON. */
export function toolCommand(launch: ToolLaunch, args: readonly string[]): Command {
  return {
    file: launch.file,
    args: [...(launch.leading ?? []), ...args],
    ownSession: true,
    env: ownEnvWith({ LC_ALL: 'C' }),
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
  const stream = await commandStream(command, { signal, clock });
  let read = false;
  const said: string[] = [];
  const seen = (batch: Batch): Batch => {
    read ||= batch.domains !== undefined || batch.samples.length > 0;
    for (const { detail } of batch.events)
      if (said.length < SAID_MOST && !said.includes(detail)) said.push(detail);
    return batch;
  };
  for await (const { chunk, arrival_s } of stream) {
    for (const batch of parser.push(chunk, arrival_s)) yield seen(batch);
  }
  // A line that our own ending cut off is no loss.
  if (signal.aborted) return;
  for (const batch of parser.end(clock.now_s())) yield seen(batch);
  const exit = await stream.exit;
  const death = refusal(exit, said.join('; '));
  if (!read) throw death;
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
  const stated = exit.stderr
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ')
    .slice(0, WORDS_MOST);
  const words = [stated.includes(said) ? '' : said, stated].filter((text) => text !== '').join('; ');
  const how = exit.signal === null ? `with exit code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
  return `${tool} ended ${how}${words === '' ? '' : `: ${words}`}`;
}

export interface RefusalTexts {
  readonly tool: string;
  readonly install: string;
  /** What to type, by what the tool said; undefined: what `lmpower doctor` prints of it. */
  readonly remedy: (message: string) => string | undefined;
}

/**
 * Why a tool ended without a reading, for `ToolStream`. One that could not be started is told in its probe's words: not
 * there, or there and not to be executed.
 */
export function toolRefusal({ tool, install, remedy }: RefusalTexts): ToolStream['refusal'] {
  return (exit, said) => {
    const message = exitText(tool, exit, said);
    if (exit.startError === null)
      return unavailable(message, versionRemedy(tool, message) ?? remedy(message));
    const probe = startProbe(tool, exit.startError, install);
    return unavailable(probe.state === 'broken' ? probe.detail : message, probe.remedy ?? install);
  };
}

function unavailable(message: string, remedy: string | undefined): LmpowerError {
  return new LmpowerError('SAMPLER_UNAVAILABLE', message, remedy === undefined ? {} : { remedy });
}

/** The probe of a tool that ended without naming anything to read. */
export function exitProbe(
  tool: string,
  exit: CommandExit,
  { said = '', remedy }: { readonly said?: string; readonly remedy: string },
): Probe {
  const detail = exitText(tool, exit, said);
  return { state: 'broken', detail, remedy: versionRemedy(tool, `${said}; ${exit.stderr}`) ?? remedy };
}

/** Of a tool that does not know what it is asked: too old, too new, or another of the same name. */
function versionRemedy(tool: string, words: string): string | undefined {
  return UNKNOWN_FLAG.test(words)
    ? `this ${tool} is of a version that lmpower does not know: update it, and see ${tool} --help`
    : undefined;
}

/** The probe of a tool that had not answered when the probe's time was over; `why`: what makes it quicker. */
export function lateProbe(tool: string, why?: string): Probe {
  const remedy = why ?? `lmpower run --sampler ${tool} waits longer for it`;
  return { state: 'broken', detail: `${tool} is there and did not answer in time`, remedy };
}

/** The probe of a tool that could not be started: not installed, or not to be executed. */
export function startProbe(tool: string, startError: string, install: string): Probe {
  return /EACCES|EPERM/.test(startError)
    ? { state: 'broken', detail: `${tool} cannot be executed`, remedy: `ls -l "$(command -v ${tool})"` }
    : { state: 'absent', detail: `${tool} is not on this machine's PATH`, remedy: install };
}
