import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { writeJson, writeOut } from '../output.ts';
import { screenWidth } from '../terminal.ts';

/** `lmpower doctor`: every source and server, what its probe says, and the remedy. */
export function doctorCommand(context: CommandContext): Command {
  return new Command('doctor')
    .description('what can be measured here, what is missing, and what to type about it')
    .option('--url <url>', 'address of the server; default: found by itself')
    .option('--json', 'one JSON document')
    .action(async (flags: { url?: string; json?: true }) => {
      const { examine, findingLines } = await import('../doctor-action.ts');
      const findings = await examine(flags.url ?? null, context);
      if (flags.json === true) await writeJson(findings);
      else await writeOut(`${findingLines(findings, screenWidth()).join('\n')}\n`);
      context.exitCode = findings.ready ? 0 : 3;
    });
}
