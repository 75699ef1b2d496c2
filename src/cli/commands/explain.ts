import { Command } from 'commander';
import { CODES, type CodeId } from '../../core/codes.ts';
import { LmpowerError } from '../../core/errors.ts';
import type { CommandContext } from '../context.ts';
import { writeJson, writeOut } from '../output.ts';
import { screenWidth } from '../terminal.ts';
import { wrapped } from '../wrapped.ts';

/** `lmpower explain [CODE]`: what a quality code means and what to do about it. */
export function explainCommand(_context: CommandContext): Command {
  return new Command('explain')
    .description('what a quality code means and what to do about it')
    .argument('[code]', 'a code such as FEW_SAMPLES; without one, all of them')
    .option('--json', 'one JSON document')
    .action(async (code: string | undefined, flags: { json?: true }) => {
      const ids = code === undefined ? allCodes() : [known(code)];
      if (flags.json === true)
        return writeJson({ schemaVersion: 1, codes: ids.map((id) => ({ code: id, ...CODES[id] })) });
      const lines = ids.flatMap((id) => [
        `${id} (${CODES[id].severity})`,
        `  ${CODES[id].message}`,
        `  → ${CODES[id].remedy}`,
      ]);
      return writeOut(`${lines.flatMap((line) => wrapped(line, screenWidth())).join('\n')}\n`);
    });
}

function allCodes(): CodeId[] {
  return Object.keys(CODES).filter((id): id is CodeId => id in CODES);
}

function known(code: string): CodeId {
  const wanted = code.toUpperCase();
  const found = allCodes().find((id) => id === wanted);
  if (found !== undefined) return found;
  throw new LmpowerError('USAGE', `'${code}' is not a code of lmpower.`, {
    remedy: 'lmpower explain lists them all',
  });
}
