import { Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import { choiceFlag, countFlag, numberFlag, repeated, secondsFlag } from '../flags.ts';
import { withModelFilters } from '../model-filter-flags.ts';
import { alsoCalled, withModelSettings } from '../model-settings-flags.ts';
import type { RunFlags } from '../run-flags.ts';

/** `lmpower run`: the benchmark. */
export function runCommand(context: CommandContext): Command {
  const command = new Command('run')
    .description('measure joules per token: baseline, inference and cooldown for every prompt')
    .optionsGroup('What to run:')
    .option('--model <key>', 'a model to load (repeatable); default: the loaded one', repeated)
    .option('--workload <id|file>', 'a built-in set of prompts or a JSON file', 'classic-v1')
    .option('-p, --preset <name>', 'a named set of flags: lmpower presets list')
    .option('--trials <n>', 'repetitions of each prompt (default: 1)', numberFlag('--trials', 5))
    .option('--interleave', 'models by turns (A B B A …), all loaded at once: for lmpower compare')
    .option(
      '--order <kind>',
      'grouped: model after model; shuffled: drawn; interleaved: by turns',
      choiceFlag('--order', ['grouped', 'shuffled', 'interleaved']),
    )
    .option('--order-seed <n>', 'draws the order of --order shuffled', numberFlag('--order-seed', 1))
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
    .option('--start-server', "start LM Studio's server if it is off, and stop it afterwards")
    .option('--timeout <s>', 'longest silence of the server', secondsFlag('--timeout', 120), 120);
  alsoCalled(command, { other: '--api-token', ours: '--token' });
  command.addOption(new Option('--use-rest-api').hideHelp());
  command.on('option:use-rest-api', () =>
    command.setOptionValueWithSource('backend', 'lmstudio-rest', 'cli'),
  );
  withSeveral(command);
  withModelSettings(withMeasuring(command))
    .optionsGroup('Output:')
    .option('--output <file.json>', 'write the run document there')
    .option('--csv <file>', 'write every power sample there')
    .option('--report <file.html>', 'write the page there')
    .option(
      '--compare-with <run>',
      "lay it beside an earlier run: an id, 'latest', or a file; exit 4 when worse",
    )
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

/** Many models in one go, and what of them is measured at all. */
function withSeveral(command: Command): Command {
  command
    .optionsGroup('Several models:')
    .option('--all', 'every language model that the server has on this machine')
    .option('--limit <n>', 'the first so many of them', countFlag('--limit', 5));
  return withModelFilters(command)
    .option('--no-residency', 'no idle power before each load and beside the model')
    .option('--skip-known', 'do not measure again what is known (several models: by itself)')
    .option('--retest', 'measure again what is known; the earlier results stay')
    .option('--resume <run>', 'take up an interrupted run: only what is missing is measured')
    .option('--experiment <id>', 'a ready-made comparison: quant-ladder, draft, kv-cache, engine or cache');
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
    .option('--no-digest', 'do not read model files for their SHA-256 before the run')
    .option('--no-warmup', 'skip the request that warms the model up')
    .option('--require-power', 'refuse to run without a power source')
    .option('--strict', 'exit 4 also where a headline energy is doubtful');
}
