import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { numberFlag, repeated, secondsFlag } from '../flags.ts';
import type { WatchFlags } from '../watch/action.ts';

/** `lmpower watch`: the meter on the whole screen. */
export function watchCommand(context: CommandContext): Command {
  const command = new Command('watch')
    .description('watch power, energy, temperature and clocks on the whole screen, until Ctrl-C')
    .option(
      '--sampler <id,…>',
      'power sources (repeatable): auto, ids of lmpower doctor, synthetic',
      repeated,
    )
    .option('--interval <ms>', 'time between readings (default: 500)', numberFlag('--interval', 500))
    .option('--duration <s>', 'end after that time', secondsFlag('--duration', 60));
  return command.action(async (flags: WatchFlags) => {
    const { watch } = await import('../watch/action.ts');
    context.exitCode = await watch(flags, context);
  });
}
