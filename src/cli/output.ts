import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import { clearLiveLine, messageWidth } from './terminal.ts';
import { safeText } from './text-table.ts';
import { wrapped } from './wrapped.ts';

/** Whoever read our stdout went away (`lmpower … | head`): no error, but nothing more to say. */
export class ReaderGone extends Error {}

/** stdout is data. Resolves when the text is handed to the system. @throws {ReaderGone} @throws {LmpowerError} OUTPUT_UNWRITABLE */
export function writeOut(text: string): Promise<void> {
  clearLiveLine();
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined) resolve();
      else if ('code' in error && error.code === 'EPIPE') reject(new ReaderGone());
      else reject(stdoutBroken(error));
    });
  });
}

function stdoutBroken(cause: Error): LmpowerError {
  return new LmpowerError('OUTPUT_UNWRITABLE', `stdout cannot be written: ${cause.message}.`, {
    remedy: 'look at where stdout leads to',
    cause,
  });
}

export async function writeJson(document: unknown): Promise<void> {
  await writeOut(`${JSON.stringify(document, null, 2)}\n`);
}

/** stderr is for people: wrapped to their screen, beside no live line. */
export function say(line: string): void {
  clearLiveLine();
  const lines = line.split('\n').flatMap((one) => wrapped(one, messageWidth()));
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** What happened, why, what to type next; the stack only for bugs or with --debug. */
export function sayError(thrown: unknown, debug: boolean): LmpowerError {
  const error = asLmpowerError(thrown);
  say(safeLines(`lmpower: ${error.message}`));
  say(safeLines(`  → ${error.remedy}`));
  if (debug) say(`  lmpower explain ${error.code}`);
  if (debug || error.code === 'BUG') say(safeLines(stackOf(thrown)));
  return error;
}

/** What a file, a server or a command line said is quoted in messages, and must not steer the terminal. */
function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n');
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
