import { once } from 'node:events';
import { asLmpowerError, type LmpowerError } from '../core/errors.ts';

/** stdout is data. Resolves when the text is handed to the system; a reader that went away ends us quietly. */
export async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export async function writeJson(document: unknown): Promise<void> {
  await writeOut(`${JSON.stringify(document, null, 2)}\n`);
}

/** stderr is for people. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What happened, why, what to type next; the stack only for bugs or with --debug. */
export function sayError(thrown: unknown, debug: boolean): LmpowerError {
  const error = asLmpowerError(thrown);
  say(`lmpower: ${error.message}`);
  say(`  → ${error.remedy}`);
  if (debug || error.code === 'BUG') say(stackOf(thrown));
  return error;
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
