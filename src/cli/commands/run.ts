import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { choiceFlag, numberFlag, repeated, secondsFlag } from '../flags.ts';
import type { RunFlags } from '../run-flags.ts';

/** `lmpower run`: the benchmark. */
export function runCommand(context: CommandContext): Command {
  const command = new Command('run')
    .description('measure joules per token: baseline, inference and cooldown for every prompt')
    .optionsGroup('What to run:')
    .option('--model <key>', 'a model to load (repeatable); default: the loaded one', repeated)
    .option('--workload <id|file>', 'a built-in set of prompts or a JSON file', 'classic-v1')
    .option('--trials <n>', 'repetitions of each prompt (default: 1)', numberFlag('--trials', 5))
    .option('--interleave', 'models by turns (A B B A …), all loaded at once: for lmpower compare')
    .option(
      '--until-ci <pct>',
      'repeat until J/token is known to ± so many percent',
      numberFlag('--until-ci', 3),
    )
    .option('--max-trials <n>', '… at most so often (default: 50)', numberFlag('--max-trials', 50))
    .option('--max-minutes <n>', '… at most so long (default: 60)', numberFlag('--max-minutes', 60))
    .option('--backend <id>', 'auto, lmstudio, lmstudio-rest, llama-server, ollama or openai', 'auto')
    .option('--url <url>', 'address of the server; default: found by itself')
    .option('--token <token>', 'API token; better given as LM_API_TOKEN. Never stored')
    .option('--timeout <s>', 'longest silence of the server', secondsFlag('--timeout', 120), 120);
  withMeasuring(command)
    .optionsGroup('Settings of the model:')
    .option(
      '--max-tokens <n>',
      'longest answer; default: as the workload says',
      numberFlag('--max-tokens', 512),
    )
    .option('--temperature <x>', '(default: 0)', numberFlag('--temperature', 0))
    .option('--top-p <x>', '(default: 1)', numberFlag('--top-p', 1))
    .option('--top-k <n>', "the server's own unless given", numberFlag('--top-k', 40))
    .option('--min-p <x>', "the server's own unless given", numberFlag('--min-p', 0.05))
    .option('--repeat-penalty <x>', '(default: 1)', numberFlag('--repeat-penalty', 1))
    .option('--seed <n>', "the server's own unless given", numberFlag('--seed', 42))
    .option('--context <n>', 'context length to load the model with', numberFlag('--context', 8192))
    .option('--gpu <ratio>', 'part of the model on the GPU: max, off, or 0 to 1', gpuFlag)
    .option('--flash-attention <on|off>', 'load setting', choiceFlag('--flash-attention', ['on', 'off']))
    .option('--parallel <n>', 'requests the server may batch', numberFlag('--parallel', 1))
    .optionsGroup('Output:')
    .option('--output <file.json>', 'write the run document there')
    .option('--csv <file>', 'write every power sample there')
    .option('--report <file.html>', 'write the page there')
    .option(
      '--format <format>',
      'of --output: json or classic-json',
      choiceFlag('--format', ['json', 'classic-json']),
      'json',
    )
    .option('--json', 'the run document on stdout')
    .option('--dry-run', 'say what would be done, and stop')
    .option('--quiet', 'no progress');
  return command.action(async (flags: RunFlags) => {
    const { run } = await import('../run-action.ts');
    context.exitCode = await run(command, flags, context);
  });
}

function withMeasuring(command: Command): Command {
  return command
    .optionsGroup('How to measure:')
    .option('--sampler <id,…>', 'power sources (repeatable): auto, or ids of lmpower doctor', repeated)
    .option('--interval <ms>', 'time between readings (default: 500)', numberFlag('--interval', 500))
    .option('--baseline <s>', 'idle before each prompt, at least (default: 10)', numberFlag('--baseline', 15))
    .option('--baseline-max <s>', 'longest extension of an uneven baseline', numberFlag('--baseline-max', 60))
    .option('--cooldown <s>', 'idle after each prompt (default: 10)', numberFlag('--cooldown', 15))
    .option(
      '--baseline-strategy <kind>',
      'fresh: for each prompt; cached: shared; validated: shared, looked at again',
      choiceFlag('--baseline-strategy', ['fresh', 'cached', 'validated']),
    )
    .option(
      '--baseline-ttl <s>',
      'how long a cached one is good (default: 600)',
      numberFlag('--baseline-ttl', 600),
    )
    .option('--closed-server', 'workload idle-v1: wait for the server to be closed, and measure that too')
    .option('--no-warmup', 'skip the request that warms the model up')
    .option('--require-power', 'refuse to run without a power source')
    .option('--strict', 'exit 4 also where a headline energy is doubtful');
}

function gpuFlag(text: string): number | 'max' | 'off' {
  return text === 'max' || text === 'off' ? text : numberFlag('--gpu', 1)(text);
}
