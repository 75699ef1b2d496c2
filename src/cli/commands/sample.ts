import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { choiceFlag, countFlag, numberFlag, repeated, secondsFlag } from '../flags.ts';
import type { SampleFlags } from '../sample-action.ts';

/** `lmpower sample`: the meter alone. */
export function sampleCommand(context: CommandContext): Command {
  const command = new Command('sample')
    .description('watch the power meter alone; summary with least, mean and greatest power at the end')
    .option(
      '--sampler <id,…>',
      'power sources (repeatable): auto, ids of lmpower doctor, synthetic, replay:FORMAT:FILE[@SPEED]',
      repeated,
    )
    .option('--interval <ms>', 'time between readings (default: 500)', numberFlag('--interval', 500))
    .option('--samples <n>', 'end after n readings of each source', countFlag('--samples', 60))
    .option(
      '--duration <s>',
      'end so long after the first answer of any source',
      secondsFlag('--duration', 30),
    )
    .option(
      '--mode <mode>',
      'stream: as they come; batch: all at the end',
      choiceFlag('--mode', ['stream', 'batch']),
      'stream',
    )
    .option('--csv <file>', 'write every sample there')
    .option('--json', 'one sample a line (stream), or one document (batch)')
    .option('--quiet', 'no live line');
  return command.action(async (flags: SampleFlags) => {
    const { sample } = await import('../sample-action.ts');
    context.exitCode = await sample(flags, context);
  });
}
