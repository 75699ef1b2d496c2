import { Command, CommanderError } from 'commander';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import { COMMANDS } from './commands/index.ts';
import type { CommandContext, Launch } from './context.ts';
import { ReaderGone, sayError } from './output.ts';

/** Parses the command line, runs one command and gives its exit code; prints every error with its remedy. */
export async function runProgram(argv: readonly string[], launch: Launch): Promise<ExitCode> {
  const context: CommandContext = { ...launch, exitCode: 0 };
  const debug = argv.includes('--debug');
  try {
    await buildProgram(context).parseAsync([...argv], { from: 'user' });
    return context.exitCode;
  } catch (thrown) {
    if (thrown instanceof ReaderGone) return context.exitCode;
    if (thrown instanceof CommanderError) return usageExit(thrown, argv);
    return sayError(thrown, debug).exitCode;
  }
}

/** The whole command tree; nothing heavy is loaded until a command's action runs. */
export function buildProgram(context: CommandContext): Command {
  const program = new Command('lmpower')
    .description(
      'Measures the energy that local language models use: joules per token, per phase and per power rail.',
    )
    .version(context.version, '-V, --version')
    .option('--db <file>', 'the database of recorded runs (default: the platform’s data folder)')
    .option('--debug', 'print stack traces and causes')
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES);
  for (const build of COMMANDS) program.addCommand(build(context));
  program.hook('preAction', async (_program, command) => {
    const { applyConfiguration } = await import('./config/apply.ts');
    await applyConfiguration(command, context);
  });
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  }
  return program;
}

function usageExit(thrown: CommanderError, argv: readonly string[]): ExitCode {
  if (thrown.exitCode === 0) return 0;
  const command = argv.find((word) => !word.startsWith('-'));
  const known =
    command !== undefined && COMMANDS.some((build) => build.name.toLowerCase() === `${command}command`);
  const message =
    thrown.code === 'commander.help'
      ? 'which command?'
      : thrown.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const remedy = known ? `lmpower ${command} --help` : 'lmpower --help';
  return sayError(new LmpowerError('USAGE', message, { remedy }), false).exitCode;
}

const EXAMPLES = `
Examples:
  lmpower demo                               the whole measurement on a simulated machine, in 30 s
  sudo lmpower run --baseline 15 --cooldown 15
  sudo lmpower sample --interval 500
  lmpower doctor                             what can be measured here, and what is missing
  lmpower report latest --output report.html`;
