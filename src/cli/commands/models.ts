import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { secondsFlag } from '../flags.ts';
import { withModelFilters } from '../model-filter-flags.ts';
import { alsoCalled } from '../model-settings-flags.ts';
import type { ModelsFlags } from '../models-action.ts';

/** `lmpower models`: what the server has. */
export function modelsCommand(context: CommandContext): Command {
  const command = new Command('models')
    .description('the models that the server has, and which of them is loaded')
    .option('--backend <id>', 'auto, lmstudio, lmstudio-rest, llama-server, ollama or openai', 'auto')
    .option('--url <url>', 'address of the server; default: found by itself')
    .option('--token <token>', 'API token; better given as LM_API_TOKEN')
    .option('--timeout <s>', 'longest silence of the server', secondsFlag('--timeout', 30), 30)
    .option('--stats', 'how many there are of each kind, and their size')
    .option('--json', 'one JSON document');
  alsoCalled(command, { other: '--api-token', ours: '--token' });
  return withModelFilters(command.optionsGroup('Which models, all of these together:')).action(
    async (flags: ModelsFlags) => {
      const { models } = await import('../models-action.ts');
      await models(flags, context);
    },
  );
}
