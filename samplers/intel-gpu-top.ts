import { LmpowerError } from '../src/core/errors.ts';
import type { Batch, Domain } from '../src/core/sample.ts';
import type { Seconds, Watts } from '../src/core/units.ts';
import { PERCENT_PER_RATIO, S_PER_MS, S_PER_NS, S_PER_US, W_PER_mW } from '../src/core/units.ts';
import { type ChannelNews, domainOf } from './channel.ts';
import { Channels } from './channels.ts';
import { commandOutput } from './command-output.ts';
import type { CommandExit } from './command-stream.ts';
import { JsonObjects, type ObjectFrame } from './json-objects.ts';
import { asObject, finite, type JsonObject, jsonObject, textOf } from './json-value.ts';
import type { Parser, Probe, Sampler, StreamOptions } from './sampler.ts';
import { SourceClock } from './source-clock.ts';
import {
  exitProbe,
  exitText,
  lateProbe,
  startProbe,
  type ToolLaunch,
  toolBatches,
  toolCommand,
  toolRefusal,
} from './tool-stream.ts';

const TOOL = 'intel_gpu_top';
const SOURCE = 'intel-gpu-top';
const INSTALL = 'sudo apt install intel-gpu-tools, or igt-gpu-tools on other distributions';
const PERMIT = `sudo setcap cap_perfmon+ep "$(command -v ${TOOL})"`;
const REFUSED = /permission denied|not permitted|failed to initialize pmu/i;
const EXCERPT = 80;
/** A GPU that works so much draws power. */
const BUSY_RATIO = 0.5;
/** Declared assumptions: the largest card of Intel's, and the largest package. */
const MOST_W = { gpu: 700, package: 500 } as const;
const SECONDS: Readonly<Record<string, number>> = { s: 1, ms: S_PER_MS, us: S_PER_US, ns: S_PER_NS };
const WATTS: Readonly<Record<string, number>> = { W: 1, mW: W_PER_mW };
const LEAST_INTERVAL_ms = 20;

/** `intel_gpu_top -J`, whose array is never well-formed while it runs, in any chunking → one batch a period. */
export function createIntelGpuTopParser(): Parser {
  const objects = new JsonObjects();
  const account = new PeriodAccount();
  const read = (frames: readonly ObjectFrame[], arrival_s: Seconds): Batch[] =>
    frames.map((frame) =>
      'text' in frame
        ? account.take(frame.text, arrival_s)
        : account.garbage(arrival_s, `no reading: ${frame.stray.slice(0, EXCERPT)}`),
    );
  return {
    push: (chunk, arrival_s) => read(objects.push(chunk), arrival_s),
    end: (arrival_s) => read(objects.end(), arrival_s),
  };
}

interface Period {
  readonly width_s: Seconds;
  readonly gpu_W: Watts | null;
  readonly package_W: Watts | null;
  readonly loadRatio: number | null;
  readonly clock_MHz: number | null;
  readonly idleRatio: number | null;
}

class PeriodAccount {
  readonly #channels = new Channels(SOURCE);
  readonly #clock = new SourceClock();
  #chain_s: Seconds = 0;

  take(text: string, arrival_s: Seconds): Batch {
    const line = jsonObject(text);
    const period = line === null ? null : periodOf(line);
    if (period === null)
      return this.garbage(arrival_s, `no period: ${text.replace(/\s+/g, ' ').slice(0, EXCERPT)}`);
    this.#chain_s += period.width_s;
    // Its own widths place the periods that a full pipe delivered together.
    const at_s = this.#clock.at_s(arrival_s, this.#chain_s);
    const window = { arrival_s: at_s, width_s: period.width_s };
    const news: ChannelNews[] = [];
    const isIntegrated = period.package_W !== null;
    if (period.gpu_W !== null || this.#channels.known('gpu:0') !== null) {
      const channel = this.#channels.of('gpu:0', () => ({ domain: gpuDomain(isIntegrated) }));
      news.push(channel.mean(window, period.gpu_W));
      if (period.gpu_W === 0 && (period.loadRatio ?? 0) >= BUSY_RATIO) {
        const detail = `the GPU reads 0 W at a load of ${period.loadRatio}`;
        news.push({ sample: null, events: [channel.event('ZERO_UNDER_LOAD', at_s, detail)] });
      }
    }
    if (isIntegrated || this.#channels.known('package:0') !== null) {
      const channel = this.#channels.of('package:0', () => ({ domain: PACKAGE }));
      news.push(channel.mean(window, period.package_W));
    }
    const { loadRatio: load_ratio, clock_MHz, idleRatio: idle_ratio } = period;
    const facts = { 'gpu:0': { load_ratio, clock_MHz, idle_ratio } };
    return this.#channels.batch(news, { at_s, facts });
  }

  garbage(at_s: Seconds, detail: string): Batch {
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }
}

/** Null without the period's own length: nothing can be counted then. */
function periodOf(line: JsonObject): Period | null {
  const period = asObject(line['period']);
  const factor = SECONDS[textOf(period?.['unit']) ?? 'ms'];
  const duration = finite(period?.['duration']);
  if (factor === undefined || duration === null || duration <= 0) return null;
  const stated = asObject(line['power']);
  const watts = WATTS[textOf(stated?.['unit']) ?? 'W'];
  const powerOf = (key: string): Watts | null => {
    const value = finite(stated?.[key]);
    return value === null || watts === undefined ? null : value * watts;
  };
  const idle = finite(asObject(line['rc6'])?.['value']);
  return {
    width_s: duration * factor,
    // Before 1.26 there was one figure, that of the GPU.
    gpu_W: powerOf('GPU') ?? powerOf('value'),
    package_W: powerOf('Package'),
    loadRatio: busiest(asObject(line['engines'])),
    clock_MHz: finite(asObject(line['frequency'])?.['actual']),
    idleRatio: idle === null ? null : idle / PERCENT_PER_RATIO,
  };
}

function busiest(engines: JsonObject | null): number | null {
  const shares = Object.values(engines ?? {}).flatMap((engine) => finite(asObject(engine)?.['busy']) ?? []);
  return shares.length === 0 ? null : Math.max(...shares) / PERCENT_PER_RATIO;
}

function gpuDomain(isIntegrated: boolean): Domain {
  return domainOf({
    id: 'gpu:0',
    label: isIntegrated ? 'Integrated GPU' : 'Intel GPU',
    parent: isIntegrated ? 'package:0' : null,
    scope: isIntegrated ? 'integrated GPU of the package' : 'GPU board, Intel energy counter',
    source: SOURCE,
    kind: 'mean',
    rank: isIntegrated ? 0 : 2,
    maxPower_W: MOST_W.gpu,
  });
}

const PACKAGE: Domain = domainOf({
  id: 'package:0',
  label: 'CPU package 0',
  scope: 'CPU package: cores, caches, integrated GPU; no DRAM, no discrete GPU',
  source: SOURCE,
  kind: 'mean',
  rank: 2,
  maxPower_W: MOST_W.package,
});

/** Intel GPUs of the i915 driver, as its performance counters see them. */
export function createIntelGpuTopSampler(launch: ToolLaunch = { file: TOOL }): Sampler {
  return {
    id: SOURCE,
    title: 'Intel intel_gpu_top',
    privilege: 'root',
    probe: () => probe(launch),
    domains: () => [gpuDomain(true), PACKAGE],
    stream: (options) => stream(launch, options),
    createParser: createIntelGpuTopParser,
  };
}

/** It has no end of its own, so it is let run until the probe's time is over. */
async function probe(launch: ToolLaunch): Promise<Probe> {
  const answer = await commandOutput(toolCommand(launch, ['-J', '-s', '100']), { limit_s: 0.8 });
  if (answer.startError !== null) return startProbe(TOOL, answer.startError, INSTALL);
  const parser = createIntelGpuTopParser();
  const domains = parser.push(Buffer.from(answer.stdout), 0).flatMap((batch) => batch.domains ?? []);
  if (domains.length > 0) {
    return { state: 'ready', detail: domains.map((domain) => domain.label).join(', '), remedy: null };
  }
  const said = `${answer.stdout}\n${answer.stderr}`.trim();
  if (REFUSED.test(said)) return { state: 'needs-permission', detail: firstLine(said), remedy: PERMIT };
  if (answer.late && answer.stdout === '') return lateProbe(TOOL);
  if (answer.late) return { state: 'broken', detail: `${TOOL} states no power`, remedy: `${TOOL} -J` };
  const probed = exitProbe(TOOL, answer, { remedy: `${TOOL} -L` });
  return /no device|no gpu/i.test(said) ? { ...probed, state: 'absent' } : probed;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function stream(launch: ToolLaunch, options: StreamOptions): AsyncIterable<Batch> {
  const interval_ms = Math.max(LEAST_INTERVAL_ms, Math.round(options.interval_ms));
  const command = toolCommand(launch, ['-J', '-s', String(interval_ms)]);
  return toolBatches(command, { source: SOURCE, parser: createIntelGpuTopParser(), refusal }, options);
}

const unavailable = toolRefusal({ tool: TOOL, install: INSTALL, remedy: () => `${TOOL} -L` });

function refusal(exit: CommandExit, said: string): LmpowerError {
  const message = exitText(TOOL, exit, said);
  return exit.startError === null && REFUSED.test(message)
    ? new LmpowerError('SAMPLER_NOT_PERMITTED', message, { remedy: PERMIT })
    : unavailable(exit, said);
}
