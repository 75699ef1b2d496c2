import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { type FeltFlags, feltLines, intensityFlag, tariffFlag, wattHoursFlag } from '../felt-lines.ts';
import { withStore } from '../open-store.ts';
import { writeOut } from '../output.ts';
import { resultLines } from '../result-table.ts';
import { runText } from '../run-text.ts';
import { screenWidth } from '../terminal.ts';

/** `lmpower analyze RUN`: every number anew from the recording. */
export function analyzeCommand(context: CommandContext): Command {
  const command = new Command('analyze')
    .description('recompute every number of a run from its recording')
    .argument('<run>', "an id, a unique prefix, or 'latest'")
    .option('--tariff <price>', 'of a kWh, such as "0.30 EUR": adds the cost of a million tokens', tariffFlag)
    .option(
      '--intensity <g>',
      'CO2 of a kWh and where that is from, such as "380 national mix 2024": adds g a 1,000 tokens',
      intensityFlag,
    )
    .option('--battery-wh <Wh>', 'a full charge: adds tokens per battery percent', wattHoursFlag)
    .option('--json', 'the run document');
  return command.action(async (ref: string, flags: FeltFlags & { json?: true }) => {
    const { analyze } = await import('../../analyzer/analyze.ts');
    const { exitCodeOfNumbers } = await import('../verdict.ts');
    const document = await withStore(command, (store) => analyze(store.load(store.resolve(ref))));
    const lines = [...resultLines(document, screenWidth()), ...feltLines(document, flags)];
    await writeOut(flags.json === true ? runText(document) : `${lines.join('\n')}\n`);
    context.exitCode = exitCodeOfNumbers(document, false);
  });
}
