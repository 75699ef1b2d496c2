import { Command } from 'commander';
import { withStore } from '../open-store.ts';
import { writeOut } from '../output.ts';
import type { CommandContext } from '../program.ts';
import { resultLines } from '../result-table.ts';
import { runText } from '../run-text.ts';
import { screenWidth } from '../terminal.ts';

/** `lmpower analyze RUN`: every number anew from the recording. */
export function analyzeCommand(context: CommandContext): Command {
  const command = new Command('analyze')
    .description('recompute every number of a run from its recording')
    .argument('<run>', "an id, a unique prefix, or 'latest'")
    .option('--json', 'the run document');
  return command.action(async (ref: string, flags: { json?: true }) => {
    const { analyze } = await import('../../analyzer/analyze.ts');
    const { exitCodeOfNumbers } = await import('../verdict.ts');
    const document = await withStore(command, (store) => analyze(store.load(store.resolve(ref))));
    await writeOut(
      flags.json === true ? runText(document) : `${resultLines(document, screenWidth()).join('\n')}\n`,
    );
    context.exitCode = exitCodeOfNumbers(document, false);
  });
}
