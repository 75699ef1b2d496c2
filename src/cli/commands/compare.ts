import { Command } from 'commander';
import { RANK_METRICS } from '../../core/ranking.ts';
import type { CompareFlags } from '../compare-action.ts';
import type { CommandContext } from '../context.ts';
import { choiceFlag, numberFlag } from '../flags.ts';

/** `lmpower compare A B …`: models, quantizations or runs by energy per token, with significance. */
export function compareCommand(context: CommandContext): Command {
  const command = new Command('compare')
    .description(
      'energy per token of runs, or of the models of one run, with significance; exit 4 when worse',
    )
    .argument(
      '<run...>',
      "ids, unique prefixes, 'latest', or files of run documents; the first is the reference",
    )
    .option('--threshold <percent>', 'changes up to this do not count', numberFlag('--threshold', 3), 3)
    .option('--by <energy>', 'net: above idle; gross: all', choiceFlag('--by', ['net', 'gross']), 'net')
    .option('--reference <model>', 'the model that the others are compared with')
    .option('--across', 'compare what differs in workload, scope, baseline or model file, saying so')
    .option(
      '--rank-by <figure>',
      `instead list all in order of one figure: ${RANK_METRICS.join(', ')}`,
      choiceFlag('--rank-by', RANK_METRICS),
    )
    .option('--json', 'one JSON document')
    .option('--markdown', 'a table for a pull request');
  return command.action(async (refs: string[], flags: CompareFlags) => {
    const { compare } = await import('../compare-action.ts');
    context.exitCode = await compare(command, refs, flags);
  });
}
