import { wallSpan_s } from '../src/core/clock.ts';
import type { Batch, Domain } from '../src/core/sample.ts';
import type { Seconds, Watts } from '../src/core/units.ts';
import { PERCENT_PER_RATIO, W_PER_mW } from '../src/core/units.ts';
import { domainOf } from './channel.ts';
import { Channels } from './channels.ts';
import { commandOutput } from './command-output.ts';
import { createLineParser } from './line-parser.ts';
import type { Parser, Probe, Sampler, StreamOptions } from './sampler.ts';
import { SourceClock } from './source-clock.ts';
import {
  exitProbe,
  lateProbe,
  startProbe,
  type ToolLaunch,
  toolBatches,
  toolCommand,
  toolRefusal,
} from './tool-stream.ts';

const SOURCE = 'tegrastats';
const EXCERPT = 80;
const ROOT = 'sudo tegrastats';
const INSTALL = 'tegrastats comes with NVIDIA Jetson Linux (JetPack)';
/** The largest module, Thor, has a limit of 130 W. A declared assumption with headroom. */
const MODULE_MOST_W: Watts = 200;
/** The sensor averages over some milliseconds, and the line takes some. A declared assumption. */
const TRANSPORT_s: Seconds = 0.02;
const LEAST_INTERVAL_ms = 20;

/** `VDD_IN 5012mW/4987mW`, with a third value on newer releases; `POM_5V_IN 1750/1628` on older. Memory has units of its own. */
const RAIL = /(?:^|\s)([A-Z][A-Z0-9_]+) (\d+)(?:mW)?\/(\d+)(?:mW)?(?:\/(\d+)(?:mW)?)?(?=\s|$)/g;
const TEMPERATURE = /(?:^|\s)(\w+)@(-?\d+(?:\.\d+)?)C/g;
const NO_RAIL: ReadonlySet<string> = new Set(['RAM', 'SWAP', 'IRAM']);
/** The whole module. Source: Jetson Linux Developer Guide, power monitors of each module. */
const INPUT = /^(?:VDD_IN|POM_5V_IN|VIN)$/;
/** Fed by another listed rail, so left out of a sum: memory of AGX Orin is fed by its 5 V rail. */
const FED: Readonly<Record<string, string>> = { VDDQ_VDD2_1V8AO: 'VIN_SYS_5V0' };
const SUM = 'board';

/** Lines of `tegrastats` in any chunking → gauges of each rail and of the module. */
export function createTegrastatsParser(): Parser {
  const account = new RailAccount();
  return createLineParser({
    line: (text, arrival_s) => [account.take(text, arrival_s)],
    dropped: (bytes, arrival_s) => account.garbage(arrival_s, `a line of ${bytes} bytes`),
  });
}

class RailAccount {
  readonly #channels = new Channels(SOURCE);
  /** Newer releases stamp their lines, in whole seconds. */
  readonly #clock = new SourceClock({ coarse: true });
  #hasInput: boolean | null = null;

  take(text: string, arrival_s: Seconds): Batch {
    const rails = railsOf(text);
    if (rails.size === 0) return this.garbage(arrival_s, `no rails: ${text.slice(0, EXCERPT)}`);
    const at_s = this.#clock.at_s(arrival_s, stampOf(text));
    this.#hasInput ??= [...rails.keys()].some((name) => INPUT.test(name));
    const read = [...rails].map(([name, power_W]) => ({ id: idOf(name), name, power_W }));
    for (const { id, name } of read) this.#channels.of(id, () => ({ domain: railDomain(id, name) }));
    if (!this.#hasInput) {
      this.#channels.of(SUM, () => ({ domain: sumDomain(summed(rails).length) }));
    }
    const powers = new Map<string, Watts | null>(read.map(({ id, power_W }) => [id, power_W]));
    if (!this.#hasInput) powers.set(SUM, this.#sum(rails));
    const news = this.#channels
      .ids()
      .flatMap((id) => this.#channels.known(id)?.power(at_s, powers.get(id) ?? null) ?? []);
    return this.#channels.batch(news, { at_s, facts: factsOf(text) });
  }

  garbage(at_s: Seconds, detail: string): Batch {
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }

  /** Null where a rail that was there before is missing. */
  #sum(rails: ReadonlyMap<string, Watts>): Watts | null {
    const names = summed(rails);
    const declared = this.#channels.known(SUM)?.domain.rails ?? names.length;
    return names.length < declared ? null : names.reduce((sum_W, name) => sum_W + (rails.get(name) ?? 0), 0);
  }
}

/** `11-22-2026 15:04:05` at the start of the line; only its steps are used. */
function stampOf(text: string): Seconds | null {
  const [, month, day, year, time] = /^(\d\d)-(\d\d)-(\d{4}) (\d\d:\d\d:\d\d) /.exec(text) ?? [];
  const stamp_s = wallSpan_s('2000-01-01T00:00:00Z', `${year}-${month}-${day}T${time}Z`);
  return Number.isFinite(stamp_s) ? stamp_s : null;
}

function summed(rails: ReadonlyMap<string, Watts>): string[] {
  return [...rails.keys()].filter((name) => !rails.has(FED[name] ?? ''));
}

function railsOf(text: string): Map<string, Watts> {
  const rails = new Map<string, Watts>();
  for (const [, name = '', instant_mW = ''] of text.matchAll(RAIL)) {
    if (!NO_RAIL.has(name)) rails.set(name, Number(instant_mW) * W_PER_mW);
  }
  return rails;
}

function idOf(name: string): string {
  if (INPUT.test(name)) return SUM;
  const core = name.replace(/^(?:VDD_SYS|VDD|POM_5V)_/, '');
  if (core === 'CPU') return 'cpu';
  if (core === 'GPU') return 'gpu:0';
  return name.toLowerCase();
}

const FACTS = {
  source: SOURCE,
  kind: 'gauge',
  maxPower_W: MODULE_MOST_W,
  misalignment_s: TRANSPORT_s,
} as const;

function railDomain(id: string, name: string): Domain {
  const isInput = id === SUM;
  return domainOf({
    ...FACTS,
    id,
    label: isInput ? 'Module' : name,
    parent: isInput ? null : SUM,
    scope: isInput ? `whole module at its input ${name}, no carrier board` : `rail ${name}`,
    rank: isInput ? 2 : 0,
  });
}

function sumDomain(rails: number): Domain {
  const scope = `sum of the module's ${rails} rails, no carrier board`;
  return domainOf({ ...FACTS, id: SUM, label: 'Module', scope, rank: 2, rails });
}

function factsOf(text: string): Record<string, Record<string, number | null>> {
  const temperatures = [...text.matchAll(TEMPERATURE)].map(([, name = '', celsius = '']) => [
    name.toLowerCase(),
    { temperature_C: Number(celsius) },
  ]);
  const [, percent] = /\bGR3D_FREQ (\d+)%/.exec(text) ?? [];
  const load = percent === undefined ? null : Number(percent) / PERCENT_PER_RATIO;
  return { ...Object.fromEntries(temperatures), 'gpu:0': { load_ratio: load } };
}

/** Rails of NVIDIA Jetson modules. */
export function createTegrastatsSampler(launch: ToolLaunch = { file: SOURCE }): Sampler {
  return {
    id: SOURCE,
    title: 'NVIDIA Jetson tegrastats',
    privilege: 'none',
    probe: () => probe(launch),
    domains: () => [railDomain(SUM, 'VDD_IN')],
    stream: (options) => stream(launch, options),
    createParser: createTegrastatsParser,
  };
}

/** It has no end of its own, so it is let run until the probe's time is over. */
async function probe(launch: ToolLaunch): Promise<Probe> {
  const answer = await commandOutput(toolCommand(launch, ['--interval', '100']), { limit_s: 0.8 });
  if (answer.startError !== null) return startProbe(SOURCE, answer.startError, INSTALL);
  const rails = [...railsOf(answer.stdout.split('\n')[0] ?? '').keys()];
  if (rails.length > 0) return { state: 'ready', detail: rails.join(', '), remedy: null };
  if (answer.late && answer.stdout === '') return lateProbe(SOURCE);
  if (answer.stdout === '') return exitProbe(SOURCE, answer, { remedy: ROOT });
  return { state: 'broken', detail: 'it lists no power rails', remedy: ROOT };
}

function stream(launch: ToolLaunch, options: StreamOptions): AsyncIterable<Batch> {
  const interval_ms = Math.max(LEAST_INTERVAL_ms, Math.round(options.interval_ms));
  const command = toolCommand(launch, ['--interval', String(interval_ms)]);
  const refusal = toolRefusal({ tool: SOURCE, install: INSTALL, remedy: () => ROOT });
  return toolBatches(command, { source: SOURCE, parser: createTegrastatsParser(), refusal }, options);
}
