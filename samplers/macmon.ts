import { wallSpan_s } from '../src/core/clock.ts';
import { LmpowerError } from '../src/core/errors.ts';
import type { Batch, Domain } from '../src/core/sample.ts';
import type { Seconds, Watts } from '../src/core/units.ts';
import type { ChannelNews } from './channel.ts';
import { domainOf } from './channel.ts';
import { Channels } from './channels.ts';
import { commandOutput } from './command-output.ts';
import { asObject, finite, type JsonObject, jsonObject, textOf } from './json-value.ts';
import { createLineParser } from './line-parser.ts';
import { maxPower_W } from './powermetrics/chip.ts';
import type { Parser, Probe, Sampler, StreamOptions } from './sampler.ts';
import {
  exitProbe,
  lateProbe,
  startProbe,
  type ToolLaunch,
  toolBatches,
  toolCommand,
  toolRefusal,
} from './tool-stream.ts';

const SOURCE = 'macmon';
const INSTALL = 'brew install macmon';
const UPGRADE = 'brew upgrade macmon';
const EPOCH = '1970-01-01T00:00:00Z';
const EXCERPT = 80;
/** A step so many times the usual one is a pause of the tool: its window is still the usual one. */
const PAUSE_RATIO = 3;
/** The usual step is the median of so many; even, so that late and short lines in turn have their mean. A declared assumption. */
const RECENT_STEPS = 8;
/** Stamps are believed over at most this long; a longer or a backward step is a clock that was set. */
const STEP_MOST_s: Seconds = 600;
/** Lines that come closer together than the tool can measure were held back and delivered at once. */
const BURST_s: Seconds = 0.01;
/** A block that works so much draws power. */
const BUSY_RATIO = 0.5;
const MACHINE_MOST_W: Watts = 500;
/** `macmon` counts in whole milliseconds and waits no less. A declared assumption. */
const LEAST_INTERVAL_ms = 20;

const ESTIMATE = 'CPU+GPU+ANE estimate, no DRAM';
const DOMAINS: readonly Domain[] = [
  rail('cpu', 'CPU', 'CPU clusters, estimate'),
  rail('gpu', 'GPU', 'GPU, estimate'),
  rail('ane', 'ANE', 'neural engine, estimate'),
  domainOf({
    ...rail('dram', 'DRAM', 'memory, estimate'),
    parent: 'system',
  }),
  domainOf({
    id: 'soc',
    label: 'SoC',
    parent: 'system',
    scope: ESTIMATE,
    source: SOURCE,
    kind: 'mean',
    rank: 1,
    rails: 3,
    maxPower_W: maxPower_W('unknown', 'cpu') + maxPower_W('unknown', 'gpu') + maxPower_W('unknown', 'ane'),
  }),
  domainOf({
    id: 'system',
    label: 'System',
    scope: 'whole machine by its own sensor (PSTR), display and storage included',
    source: SOURCE,
    kind: 'mean',
    rank: 3,
    maxPower_W: MACHINE_MOST_W,
  }),
];

function rail(id: 'cpu' | 'gpu' | 'ane' | 'dram', label: string, scope: string): Domain {
  const most_W = maxPower_W('unknown', id);
  return domainOf({
    id,
    label,
    parent: 'soc',
    scope,
    source: SOURCE,
    kind: 'mean',
    rank: 0,
    maxPower_W: most_W,
  });
}

/** `macmon pipe` in any chunking → one batch a line; the first line only tells when the first window begins. */
export function createMacmonParser(): Parser {
  const account = new MacmonAccount();
  const lines = createLineParser({
    line: (text, arrival_s) => account.take(text, arrival_s),
    dropped: (bytes, arrival_s) => account.garbage(arrival_s, `a line of ${bytes} bytes`),
  });
  return { push: lines.push, end: (arrival_s) => [...lines.end(arrival_s), ...account.close()] };
}

/** Lines of versions that print no time, as they came together: the time since the burst before is theirs in equal parts. */
interface Burst {
  readonly arrival_s: Seconds;
  readonly lines: JsonObject[];
  /** Lines among them that were no reading. */
  lost: number;
}

class MacmonAccount {
  readonly #channels = new Channels(SOURCE);
  readonly #steps_s: Seconds[] = [];
  #last_s: Seconds | null = null;
  #stamp_s: Seconds | null = null;
  #burst: Burst | null = null;
  /** A line was lost since the last reading, and with it that part of the time since. */
  #hasLost = false;

  take(text: string, arrival_s: Seconds): Batch[] {
    const line = jsonObject(text);
    if (line === null || !isReading(line)) {
      return [this.garbage(arrival_s, `no reading: ${text.slice(0, EXCERPT)}`)];
    }
    const stamp_s = stampOf(line);
    if (stamp_s === null) return this.#gathered(line, arrival_s);
    const done = this.close();
    const step_s = this.#stamp_s === null ? null : stamp_s - this.#stamp_s;
    const isSound = step_s !== null && step_s > 0 && step_s <= STEP_MOST_s;
    const waited_s = this.#last_s === null ? null : arrival_s - this.#last_s;
    this.#stamp_s = stamp_s;
    this.#last_s = arrival_s;
    const width_s = this.#width(isSound ? step_s : waited_s);
    return width_s === null ? done : [...done, this.#batch(line, { arrival_s, width_s })];
  }

  /** The burst that is under way, as far as it came. */
  close(): Batch[] {
    const burst = this.#burst;
    this.#burst = null;
    if (burst === null) return [];
    const { arrival_s, lines, lost } = burst;
    const waited_s = this.#last_s === null ? null : arrival_s - this.#last_s;
    this.#last_s = arrival_s;
    return lines.flatMap((line) => {
      const width_s = this.#width(waited_s === null ? null : waited_s / (lines.length + lost));
      return width_s === null ? [] : [this.#batch(line, { arrival_s, width_s })];
    });
  }

  #gathered(line: JsonObject, arrival_s: Seconds): Batch[] {
    const burst = this.#burst;
    if (burst !== null && arrival_s - burst.arrival_s < BURST_s) {
      burst.lines.push(line);
      return [];
    }
    const done = this.close();
    this.#burst = { arrival_s, lines: [line], lost: 0 };
    return done;
  }

  garbage(at_s: Seconds, detail: string): Batch {
    const burst = this.#burst;
    if (burst !== null && at_s - burst.arrival_s < BURST_s) burst.lost += 1;
    else this.#hasLost = true;
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }

  /** The tool states no window: it is the time since the line before; where that was lost, the usual time. */
  #width(step_s: Seconds | null): Seconds | null {
    const hasLost = this.#hasLost;
    this.#hasLost = false;
    if (step_s === null || step_s <= 0) return null;
    if (hasLost) return this.#steps_s.length === 0 ? null : Math.min(step_s, median(this.#steps_s));
    const usual_s = this.#steps_s.length === 0 ? step_s : median(this.#steps_s);
    // A pause counts too: one that comes again is the new step.
    this.#steps_s.push(step_s);
    if (this.#steps_s.length > RECENT_STEPS) this.#steps_s.shift();
    return step_s > PAUSE_RATIO * usual_s ? usual_s : step_s;
  }

  #batch(line: JsonObject, window: { readonly arrival_s: Seconds; readonly width_s: Seconds }): Batch {
    const at_s = window.arrival_s;
    const [cpu_W, gpu_W, ane_W] = [
      power(line, 'cpu_power'),
      power(line, 'gpu_power'),
      power(line, 'ane_power'),
    ];
    const soc_W = cpu_W === null || gpu_W === null || ane_W === null ? null : cpu_W + gpu_W + ane_W;
    // The tool prints 0 where the sensor cannot be read; no machine draws nothing.
    const system_W = power(line, 'sys_power') || null;
    const read: readonly (readonly [string, Watts | null])[] = [
      ['cpu', cpu_W],
      ['gpu', gpu_W],
      ['ane', ane_W],
      ['soc', soc_W],
      ['dram', power(line, 'ram_power')],
      ['system', system_W],
    ];
    const news = read.flatMap(([id, power_W]) => this.#news(id, power_W, window));
    const zeros = this.#zeros(line, at_s);
    return this.#channels.batch([...news, ...zeros], { at_s, facts: factsOf(line) });
  }

  /** Rails that this machine never stated stay undeclared. */
  #news(
    id: string,
    power_W: Watts | null,
    window: { readonly arrival_s: Seconds; readonly width_s: Seconds },
  ): ChannelNews[] {
    if (power_W === null && this.#channels.known(id) === null) return [];
    return [this.#channels.of(id, () => ({ domain: declared(id) })).mean(window, power_W)];
  }

  #zeros(line: JsonObject, at_s: Seconds): ChannelNews[] {
    return (['cpu', 'gpu'] as const).flatMap((id) => {
      const load = loadRatio(line, id);
      const channel = this.#channels.known(id);
      if (channel === null || load === null || load < BUSY_RATIO || power(line, `${id}_power`) !== 0)
        return [];
      const detail = `${channel.domain.label} reads 0 W at a load of ${load.toFixed(2)}`;
      return [{ sample: null, events: [channel.event('ZERO_UNDER_LOAD', at_s, detail)] }];
    });
  }
}

function declared(id: string): Domain {
  const found = DOMAINS.find((domain) => domain.id === id);
  if (found === undefined) throw new LmpowerError('BUG', `macmon has no domain ${id}`);
  return found;
}

function isReading(line: JsonObject): boolean {
  return ['cpu_power', 'gpu_power', 'sys_power'].some((key) => finite(line[key]) !== null);
}

function power(line: JsonObject, key: string): Watts | null {
  return finite(line[key]);
}

/** Its own stamp, where it prints one (0.6 and later). */
function stampOf(line: JsonObject): Seconds | null {
  const text = textOf(line['timestamp']);
  const stamp_s = text === null ? Number.NaN : wallSpan_s(EPOCH, text);
  return Number.isFinite(stamp_s) ? stamp_s : null;
}

/** Versions before 0.8 print `gpu_usage: [MHz, ratio]`. */
function loadRatio(line: JsonObject, id: 'cpu' | 'gpu'): number | null {
  const stated = finite(line[`${id}_active_ratio`]);
  if (stated !== null) return stated;
  const pair = line[`${id}_usage`];
  return Array.isArray(pair) ? finite(pair[1]) : null;
}

function factsOf(line: JsonObject): Record<string, Record<string, number | null>> {
  const temperature = asObject(line['temp']);
  return {
    cpu: { load_ratio: loadRatio(line, 'cpu'), temperature_C: finite(temperature?.['cpu_temp_avg']) },
    gpu: {
      load_ratio: loadRatio(line, 'gpu'),
      temperature_C: finite(temperature?.['gpu_temp_avg']),
      clock_MHz: finite(line['gpu_freq_mhz']),
    },
  };
}

/** Apple's estimates, and the machine's own power sensor, without root. */
export function createMacmonSampler(launch: ToolLaunch = { file: SOURCE }): Sampler {
  return {
    id: SOURCE,
    title: 'macmon: Apple power without sudo',
    privilege: 'none',
    probe: () => probe(launch),
    domains: () => DOMAINS,
    stream: (options) => stream(launch, options),
    createParser: createMacmonParser,
  };
}

async function probe(launch: ToolLaunch): Promise<Probe> {
  const answer = await commandOutput(toolCommand(launch, ['pipe', '-s', '1', '-i', '100']));
  if (answer.startError !== null) return startProbe(SOURCE, answer.startError, INSTALL);
  const line = jsonObject(answer.stdout.trim().split('\n')[0] ?? '');
  if (line !== null && isReading(line)) {
    const system = power(line, 'sys_power') ? ', with system power' : '; no system power on this Mac';
    return { state: 'ready', detail: `${SOURCE} answers${system}`, remedy: null };
  }
  if (answer.late) return lateProbe(SOURCE);
  return exitProbe(SOURCE, answer, { remedy: UPGRADE });
}

function stream(launch: ToolLaunch, options: StreamOptions): AsyncIterable<Batch> {
  const interval_ms = Math.max(LEAST_INTERVAL_ms, Math.round(options.interval_ms));
  const command = toolCommand(launch, ['pipe', '-s', '0', '-i', String(interval_ms)]);
  const refusal = toolRefusal({ tool: SOURCE, install: INSTALL, remedy: () => UPGRADE });
  return toolBatches(command, { source: SOURCE, parser: createMacmonParser(), refusal }, options);
}

/** Of an even number the mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
