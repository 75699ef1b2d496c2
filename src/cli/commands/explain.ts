import { Command } from 'commander';
import { LmpowerError } from '../../core/errors.ts';
import type { CommandContext } from '../context.ts';
import type { Explanation } from '../explanations.ts';
import { writeJson, writeOut } from '../output.ts';
import { screenWidth } from '../terminal.ts';
import { wrapped } from '../wrapped.ts';

/** `lmpower explain [CODE]`: what a quality code or an error means, where it comes from and what to do about it. */
export function explainCommand(_context: CommandContext): Command {
  return new Command('explain')
    .description('what a quality code or an error means and what to do about it')
    .argument('[code]', 'a code such as FEW_SAMPLES or STORE_LOCKED; without one, all quality codes')
    .option('--json', 'one JSON document')
    .action(async (code: string | undefined, flags: { json?: true }) => {
      const { CODE_EXPLANATIONS, explanationOf } = await import('../explanations.ts');
      const found = code === undefined ? CODE_EXPLANATIONS : [explanationOf(code) ?? refuse(code)];
      if (flags.json === true) return writeJson({ schemaVersion: 1, codes: found });
      return writeOut(`${found.flatMap(linesOf).join('\n')}\n`);
    });
}

function linesOf({ cause, code, message, remedy, ...kind }: Explanation): string[] {
  const what = 'severity' in kind ? kind.severity : `error, exit ${kind.exitCode}`;
  const lines = [`${code} (${what})`, `  ${message}`, `  ${cause}`, `  → ${remedy}`];
  return lines.flatMap((line) => wrapped(line, screenWidth()));
}

function refuse(code: string): never {
  throw new LmpowerError('USAGE', `'${code}' is not a code of lmpower.`, {
    remedy: 'lmpower explain lists the quality codes',
  });
}
