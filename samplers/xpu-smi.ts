import type { Batch } from '../src/core/sample.ts';
import type { Seconds } from '../src/core/units.ts';
import { MS_PER_S, PERCENT_PER_RATIO } from '../src/core/units.ts';
import { commandOutput } from './command-output.ts';
import { anyBoard, GpuAccount } from './gpu/account.ts';
import type { GpuReading, GpuSource } from './gpu/reading.ts';
import { createLineParser } from './line-parser.ts';
import type { Parser, Probe, Sampler, StreamOptions } from './sampler.ts';
import { SourceClock } from './source-clock.ts';
import { numberOrNull, statedNumber } from './stated-number.ts';
import {
  exitProbe,
  lateProbe,
  startProbe,
  type ToolLaunch,
  toolBatches,
  toolCommand,
  toolRefusal,
} from './tool-stream.ts';

const SOURCE = 'xpu-smi';
const INSTALL = 'install xpu-smi of Intel XPU Manager, for data-centre GPUs; for others use intel_gpu_top';
const EXCERPT = 80;
/** Load, power, clock, temperature, energy. Source: xpu-smi dump --help. */
const FIGURES = '0,1,2,3,8';
const ALL_BOARDS = '-1';
/** `-i` counts in whole seconds. */
const LEAST_s = 1;

const XPU: GpuSource = {
  source: SOURCE,
  systematicRatio: null,
  powerStep_W: 0.01,
  energyStep_J: 0.01,
  energyScope: 'GPU board incl. memory, Intel energy counter',
  // One round of the daemon and a line; a declared assumption.
  transport_s: 0.02,
  instead: () => 'hwmon may state its energy: lmpower doctor lists it',
};

/** `xpu-smi dump` in any chunking → one batch a row. The header names the columns. */
export function createXpuSmiParser(): Parser {
  const table = new DumpTable();
  return createLineParser({
    line: (text, arrival_s) => table.take(text, arrival_s),
    dropped: (bytes, arrival_s) => table.garbage(arrival_s, `a line of ${bytes} bytes`),
  });
}

class DumpTable {
  readonly #account = new GpuAccount(XPU);
  /** Stamps may be in whole seconds, and rows of one tick share one. */
  readonly #clock = new SourceClock({ coarse: true });
  #columns: readonly string[] = [];

  take(text: string, arrival_s: Seconds): Batch[] {
    const cells = text.split(',').map((cell) => cell.trim());
    if (cells.includes('DeviceId')) {
      this.#columns = cells;
      return [];
    }
    const row = new Map(this.#columns.map((column, index) => [column, cells[index] ?? '']));
    const device = numberOrNull(row.get('DeviceId'));
    // A row may end in a comma; one that was cut is shorter.
    if (device === null || cells.length < this.#columns.length) {
      return [this.garbage(arrival_s, `no reading: ${text.slice(0, EXCERPT)}`)];
    }
    const at_s = this.#clock.at_s(arrival_s, timeOfDay_s(row.get('Timestamp') ?? ''));
    return [this.#account.batchOf([readingOf(device, row)], at_s)];
  }

  garbage(at_s: Seconds, detail: string): Batch {
    return this.#account.trouble('GARBAGE', at_s, { detail });
  }
}

function timeOfDay_s(text: string): Seconds | null {
  const [, hours, minutes, seconds] = /(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text) ?? [];
  return seconds === undefined ? null : (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
}

function readingOf(index: number, row: ReadonlyMap<string, string>): GpuReading {
  const label = 'GPU Power (W)';
  const power = statedNumber(row.get(label) ?? '');
  const load = numberOrNull(row.get('GPU Utilization (%)'));
  return {
    index,
    name: null,
    powers: [
      {
        label,
        power_W: 'value' in power ? power.value : null,
        word: 'missing' in power ? power.missing : null,
        // The daemon divides the energy of its own period, which it does not state, by that period.
        kind: 'averaged',
        averaging_s: LEAST_s,
        update_s: LEAST_s,
        scope: 'GPU board incl. memory, mean of the daemon',
      },
    ],
    energy_J: numberOrNull(row.get('GPU Energy Consumed (J)')),
    limit_W: null,
    loadRatio: load === null ? null : load / PERCENT_PER_RATIO,
    slowedBy: [],
    facts: {
      load_ratio: load === null ? null : load / PERCENT_PER_RATIO,
      clock_MHz: numberOrNull(row.get('GPU Frequency (MHz)')),
      temperature_C:
        numberOrNull(row.get('GPU Core Temperature (Celsius Degree)')) ??
        numberOrNull(row.get('GPU Core Temperature (Celsius)')),
    },
  };
}

/** Intel's data-centre GPUs through one long-lived `xpu-smi dump`. */
export function createXpuSmiSampler(launch: ToolLaunch = { file: SOURCE }): Sampler {
  return {
    id: SOURCE,
    title: 'Intel xpu-smi',
    privilege: 'group',
    probe: () => probe(launch),
    domains: () => anyBoard(XPU, readingOf(0, new Map([['GPU Power (W)', '0']]))),
    stream: (options) => stream(launch, options),
    createParser: createXpuSmiParser,
  };
}

async function probe(launch: ToolLaunch): Promise<Probe> {
  const answer = await commandOutput(toolCommand(launch, ['discovery', '--dump', '1,2']));
  if (answer.startError !== null) return startProbe(SOURCE, answer.startError, INSTALL);
  const rows = answer.stdout.split('\n').filter((line) => /^"?\d+"?,/.test(line.trim()));
  if (rows.length > 0) return { state: 'ready', detail: rows.join('; '), remedy: null };
  if (answer.late) return lateProbe(SOURCE);
  const said = answer.stdout.trim().split('\n')[0] ?? '';
  return exitProbe(SOURCE, answer, { said, remedy: `${SOURCE} discovery` });
}

function stream(launch: ToolLaunch, options: StreamOptions): AsyncIterable<Batch> {
  const interval_s = Math.max(LEAST_s, Math.round(options.interval_ms / MS_PER_S));
  const args = ['dump', '-d', ALL_BOARDS, '-m', FIGURES, '-i', String(interval_s)];
  const parser = createXpuSmiParser();
  return toolBatches(toolCommand(launch, args), { source: SOURCE, parser, refusal }, options);
}

const refusal = toolRefusal({ tool: SOURCE, install: INSTALL, remedy: () => `${SOURCE} discovery` });
