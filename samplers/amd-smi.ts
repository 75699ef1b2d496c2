import type { Batch } from '../src/core/sample.ts';
import { MS_PER_S, type Seconds } from '../src/core/units.ts';
import { createAmdParser } from './amd/parser.ts';
import { AMD_SMI } from './amd/source.ts';
import { amdDomains, amdRefusal, askAmd, probeAmd } from './amd/tool.ts';
import type { Command } from './command-stream.ts';
import type { Parser, Sampler, StreamOptions } from './sampler.ts';
import { type ToolLaunch, toolBatches, toolCommand } from './tool-stream.ts';

const SOURCE = AMD_SMI.source;
/** Fullest first: a guest has no `--energy`, older versions no `--mem-usage`; without a flag all is printed. */
const FLAGS = [
  ['--power', '--energy', '--usage', '--temperature', '--mem-usage'],
  ['--power', '--usage', '--temperature'],
  [],
] as const;
const INSTALL = 'install amd-smi-lib of ROCm and put /opt/rocm/bin on PATH';
/** `--watch` counts in whole seconds. */
const LEAST_s = 1;
/** The driver may have to wake its boards first. */
const START_MOST_s: Seconds = 20;

/** Output of `amd-smi metric`, JSON or CSV, in any chunking. */
export function createAmdSmiParser(): Parser {
  return createAmdParser(AMD_SMI);
}

/**
 * AMD boards through one long-lived `amd-smi metric --watch`. It is a Python program of whole seconds: hwmon, where it is
 * readable, is faster and costs no process; the energy accumulator loses nothing between two readings.
 */
export function createAmdSmiSampler(launch: ToolLaunch = { file: SOURCE }): Sampler {
  return {
    id: SOURCE,
    title: 'AMD amd-smi',
    privilege: 'none',
    probe: () => probeAmd({ tool: SOURCE, source: AMD_SMI, install: INSTALL }, commandsOf(launch)),
    domains: () => amdDomains(AMD_SMI),
    stream: (options) => stream(launch, options),
    createParser: createAmdSmiParser,
  };
}

async function* stream(launch: ToolLaunch, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const { clock, signal } = options;
  const refusal = amdRefusal(SOURCE, INSTALL);
  const answer = await askAmd(AMD_SMI, commandsOf(launch), { limit_s: START_MOST_s, clock, signal });
  if (signal.aborted) return;
  if (!answer.hasBoard && !answer.output.late) {
    const said = answer.batches.flatMap((batch) => batch.events).map((event) => event.detail);
    throw refusal(answer.output, said.join('; '));
  }
  const watch_s = Math.max(LEAST_s, Math.round(options.interval_ms / MS_PER_S));
  // Without this Python keeps its output in blocks of 8 kB.
  const env = { ...answer.command.env, PYTHONUNBUFFERED: '1' };
  const command = { ...answer.command, args: [...answer.command.args, '--watch', String(watch_s)], env };
  yield* toolBatches(command, { source: SOURCE, parser: createAmdSmiParser(), refusal }, options);
}

function commandsOf(launch: ToolLaunch): [Command, ...Command[]] {
  const [fullest, ...others] = FLAGS;
  const commandOf = (flags: readonly string[]): Command =>
    toolCommand(launch, ['metric', ...flags, '--json']);
  return [commandOf(fullest), ...others.map(commandOf)];
}
