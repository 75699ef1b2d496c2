import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { withStore } from '../open-store.ts';
import { writeJson, writeOut } from '../output.ts';
import { screenWidth } from '../terminal.ts';
import { wrapped } from '../wrapped.ts';

/** `lmpower verify RUN`: the stored document against the one that its raw samples give now. */
export function verifyCommand(context: CommandContext): Command {
  const command = new Command('verify')
    .description(
      'recompute a run from its raw samples and compare with what was stored; exit 4 when they differ',
    )
    .argument('<run>', "an id, a unique prefix, or 'latest'")
    .option('--json', 'one JSON document');
  return command.action(async (ref: string, flags: { json?: true }) => {
    const { verification, verificationExitCode, verificationLines } = await import('../verify-action.ts');
    const result = await withStore(command, (store) => verification(store, ref));
    context.exitCode = verificationExitCode(result);
    if (flags.json === true) return writeJson(result);
    const lines = verificationLines(result).flatMap((line) => wrapped(line, screenWidth()));
    return writeOut(`${lines.join('\n')}\n`);
  });
}
