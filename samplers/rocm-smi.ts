import type { LmpowerError } from '../src/core/errors.ts';
import type { Batch } from '../src/core/sample.ts';
import { S_PER_MS, type Seconds } from '../src/core/units.ts';
import { createAmdParser } from './amd/parser.ts';
import { ROCM_SMI } from './amd/source.ts';
import { amdDomains, amdRefusal, probeAmd } from './amd/tool.ts';
import type { CommandExit } from './command-stream.ts';
import { RepeatedCommand } from './repeated-command.ts';
import type { Parser, Sampler, StreamOptions } from './sampler.ts';
import { type ToolLaunch, toolCommand } from './tool-stream.ts';

const SOURCE = ROCM_SMI.source;
const INSTALL = 'install rocm-smi-lib of ROCm and put /opt/rocm/bin on PATH; newer ROCm has amd-smi';
const FLAGS = ['--showpower', '--showenergycounter', '--showmaxpower', '--showuse', '--showtemp'];
const ARGS = [...FLAGS, '--showmeminfo', 'vram', 'gtt', '--json'];
/** As seldom as amd-smi can: a process ten times a second would cost this one more than all other sources together. */
const LEAST_s: Seconds = 1;
/** Readings that may fail one after the other before the source counts as dead. */
const FAILURES_MOST = 3;

/** Output of `rocm-smi`, JSON or CSV, one or many after one another, in any chunking. */
export function createRocmSmiParser(): Parser {
  return createAmdParser(ROCM_SMI);
}

/**
 * AMD boards through rocm-smi, which has no loop of its own: one short process a reading, never two at once, started by a
 * shell that waits in between. Each costs the start of a Python program, 0.1 to 0.5 s of one core, so that the true interval
 * is at least twice that: it is the last choice, behind amd-smi and hwmon. The energy accumulator loses nothing between two
 * readings.
 */
export function createRocmSmiSampler(launch: ToolLaunch = { file: SOURCE }): Sampler {
  return {
    id: SOURCE,
    title: 'AMD rocm-smi',
    privilege: 'none',
    probe: () => probeAmd({ tool: SOURCE, source: ROCM_SMI, install: INSTALL }, [toolCommand(launch, ARGS)]),
    domains: () => amdDomains(ROCM_SMI),
    stream: (options) => stream(launch, options),
    createParser: createRocmSmiParser,
  };
}

/** @throws {LmpowerError} SAMPLER_UNAVAILABLE when the first readings fail */
async function* stream(launch: ToolLaunch, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const command = new RepeatedCommand(toolCommand(launch, ARGS), options);
  try {
    yield* readings(command, options);
  } finally {
    await command.close();
  }
}

async function* readings(
  command: RepeatedCommand,
  options: StreamOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { clock, signal, interval_ms } = options;
  const parser = createRocmSmiParser();
  let read = false;
  let failures = 0;
  while (!signal.aborted) {
    const started_s = clock.now_s();
    const { output, arrival_s, exit } = await command.run();
    const at_s = arrival_s ?? clock.now_s();
    const batches = [...parser.push(output, at_s), ...parser.end(at_s)];
    if (signal.aborted) return;
    const isReading = batches.some((batch) => batch.domains !== undefined || batch.samples.length > 0);
    read ||= isReading;
    failures = isReading || (read && exit.code === 0) ? 0 : failures + 1;
    if (failures >= FAILURES_MOST || exit.startError !== null) {
      const death = deathOf(exit, batches);
      if (!read) throw death;
      yield* batches;
      yield eventBatch(clock.now_s(), death.message);
      return;
    }
    yield* batches;
    const took_s = clock.now_s() - started_s;
    // As long a pause as the reading took, at least: half a core is the most that this source may cost.
    const interval_s = Math.max(LEAST_s, interval_ms * S_PER_MS);
    if (!(await pause(Math.max(interval_s - took_s, took_s), options))) return;
  }
}

function deathOf(exit: CommandExit, batches: readonly Batch[]): LmpowerError {
  const said = batches.flatMap((batch) => batch.events).map((event) => event.detail);
  return amdRefusal(SOURCE, INSTALL)(exit, said.join('; '));
}

function eventBatch(at_s: Seconds, detail: string): Batch {
  return {
    samples: [],
    observations: [],
    events: [{ code: 'SAMPLER_DIED', source: SOURCE, at_s, domain: null, detail }],
  };
}

/** False when the signal ended it. */
async function pause(duration_s: Seconds, { clock, signal }: StreamOptions): Promise<boolean> {
  try {
    await clock.sleep(duration_s, signal);
    return true;
  } catch (thrown) {
    if (signal.aborted) return false;
    throw thrown;
  }
}
