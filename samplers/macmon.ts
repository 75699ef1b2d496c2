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
import { SourceClock } from './source-clock.ts';
import { exitText, startProbe, type ToolLaunch, toolBatches, toolCommand } from './tool-stream.ts';

const SOURCE = 'macmon';
const INSTALL = 'brew install macmon';
const EPOCH = '1970-01-01T00:00:00Z';
const EXCERPT = 80;
/** A step so many times the usual one is a pause of the tool: its window is still the usual one. */
const PAUSE_RATIO = 3;
/** The usual step is the median of so many; even, so that late and short lines in turn have their mean. A declared assumption. */
const RECENT_STEPS = 8;
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
  return createLineParser({
    line: (text, arrival_s) => account.take(text, arrival_s),
    dropped: (bytes, arrival_s) => account.garbage(arrival_s, `a line of ${bytes} bytes`),
  });
}

class MacmonAccount {
  readonly #channels = new Channels(SOURCE);
  readonly #clock = new SourceClock();
  readonly #steps_s: Seconds[] = [];
  #last_s: Seconds | null = null;

  take(text: string, arrival_s: Seconds): Batch[] {
    const line = jsonObject(text);
    if (line === null || !isReading(line)) {
      return [this.garbage(arrival_s, `no reading: ${text.slice(0, EXCERPT)}`)];
    }
    const at_s = this.#clock.at_s(arrival_s, stampOf(line));
    const width_s = this.#width(at_s);
    return width_s === null ? [] : [this.#batch(line, { arrival_s: at_s, width_s })];
  }

  garbage(at_s: Seconds, detail: string): Batch {
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }

  /** The tool states no window: it is the time since the line before. */
  #width(at_s: Seconds): Seconds | null {
    const step_s = this.#last_s === null ? null : at_s - this.#last_s;
    this.#last_s = at_s;
    if (step_s === null || step_s <= 0) return null;
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
  if (answer.late)
    return { state: 'ready', detail: `${SOURCE} is there and had not answered yet`, remedy: null };
  return { state: 'broken', detail: exitText(SOURCE, answer), remedy: 'brew upgrade macmon' };
}

function stream(launch: ToolLaunch, options: StreamOptions): AsyncIterable<Batch> {
  const interval_ms = Math.max(LEAST_INTERVAL_ms, Math.round(options.interval_ms));
  const command = toolCommand(launch, ['pipe', '-s', '0', '-i', String(interval_ms)]);
  return toolBatches(
    command,
    {
      source: SOURCE,
      parser: createMacmonParser(),
      refusal: (exit, said) =>
        new LmpowerError('SAMPLER_UNAVAILABLE', exitText(SOURCE, exit, said), { remedy: INSTALL }),
    },
    options,
  );
}

/** Of an even number the mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
