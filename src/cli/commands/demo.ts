import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { DemoFlags } from '../demo-action.ts';
import { countFlag, numberFlag } from '../flags.ts';

/** `lmpower demo`: the whole pipeline against the lab, labelled SIMULATED, with truth beside measured. */
export function demoCommand(context: CommandContext): Command {
  const command = new Command('demo')
    .description('the whole measurement against a simulated machine, with the truth beside it; 30 s')
    .option('--trials <n>', 'repetitions of each prompt', countFlag('--trials', 10), 1)
    .option('--seed <n>', "of the simulated machine's noise", numberFlag('--seed', 1), 1)
    .option(
      '--experiment <id>',
      'compare: quant-ladder, draft, kv-cache, engine or cache, with the truth of each side',
    )
    .option('--interval <ms>', 'time between readings', numberFlag('--interval', 250), 250)
    .option('--report <file.html>', 'where to write the page', 'lmpower-demo.html')
    .option('--output <file.json>', 'write the run document there')
    .option('--csv <file>', 'write every power sample there')
    .option('--json', 'the run document on stdout')
    .option('--quiet', 'no progress');
  return command.action(async (flags: DemoFlags) => {
    const { demo } = await import('../demo-action.ts');
    context.exitCode = await demo(command, flags, context);
  });
}
