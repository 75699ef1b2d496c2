import type { Batch } from '../src/core/sample.ts';
import { MS_PER_S } from '../src/core/units.ts';
import { createAmdParser } from './amd/parser.ts';
import { AMD_SMI } from './amd/source.ts';
import { amdDomains, amdRefusal, probeAmd } from './amd/tool.ts';
import type { Parser, Sampler, StreamOptions } from './sampler.ts';
import { ownEnvWith, type ToolLaunch, toolBatches, toolCommand } from './tool-stream.ts';

const SOURCE = AMD_SMI.source;
const METRICS = ['metric', '--power', '--energy', '--usage', '--temperature', '--mem-usage', '--json'];
const INSTALL = 'install amd-smi-lib of ROCm and put /opt/rocm/bin on PATH';
/** `--watch` counts in whole seconds. */
const LEAST_s = 1;

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
    probe: () => probeAmd({ tool: SOURCE, source: AMD_SMI, install: INSTALL }, toolCommand(launch, METRICS)),
    domains: () => amdDomains(AMD_SMI),
    stream: (options) => stream(launch, options),
    createParser: createAmdSmiParser,
  };
}

function stream(launch: ToolLaunch, options: StreamOptions): AsyncIterable<Batch> {
  const watch_s = Math.max(LEAST_s, Math.round(options.interval_ms / MS_PER_S));
  // Without this Python keeps its output in blocks of 8 kB.
  const env = ownEnvWith({ PYTHONUNBUFFERED: '1' });
  const command = toolCommand(launch, [...METRICS, '--watch', String(watch_s)], env);
  const refusal = amdRefusal(SOURCE, INSTALL);
  return toolBatches(command, { source: SOURCE, parser: createAmdSmiParser(), refusal }, options);
}
