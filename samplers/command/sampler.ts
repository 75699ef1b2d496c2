import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch, Domain } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { type ChannelNews, domainOf } from '../channel.ts';
import { Channels } from '../channels.ts';
import type { Command, CommandExit } from '../command-stream.ts';
import { asObject, jsonObject } from '../json-value.ts';
import { createLineParser } from '../line-parser.ts';
import type { Parser, Probe, Sampler, StreamOptions } from '../sampler.ts';
import { statedNumber } from '../stated-number.ts';
import { exitText, ownEnvWith, toolBatches } from '../tool-stream.ts';
import { type CommandSpec, DEFAULT_COMMAND, UNITS } from './spec.ts';

const SOURCE = 'command';
const EXCERPT = 80;
/** From the meter's reading to the line's arrival; unknown, so a declared assumption for meters in a network. */
const TRANSPORT_s: Seconds = 0.2;
/** A meter that is read over a network repeats itself; so long a repetition is a meter that hangs. */
const STALE_s: Seconds = 30;
const RANKS: Readonly<Record<string, number>> = { wall: 4, system: 3, battery: 3, board: 2, soc: 1 };
const HOW = "--sampler 'command[unit=W]:while :; do read-my-plug; sleep 1; done'";

/** Lines of a command in any chunking → samples of its one domain. A line holds a number, or JSON that holds one. */
export function createCommandParser(spec: CommandSpec = DEFAULT_COMMAND): Parser {
  const account = new CommandAccount(spec);
  return createLineParser({
    line: (text, arrival_s) => [account.take(text, arrival_s)],
    dropped: (bytes, arrival_s) => account.garbage(arrival_s, `a line of ${bytes} bytes`),
  });
}

class CommandAccount {
  readonly #spec: CommandSpec;
  readonly #channels: Channels;
  #last_s: Seconds | null = null;

  constructor(spec: CommandSpec) {
    this.#spec = spec;
    this.#channels = new Channels(sourceOf(spec));
  }

  take(text: string, arrival_s: Seconds): Batch {
    const { unit, field, domain } = this.#spec;
    const stated = numberIn(text, field);
    if ('missing' in stated) return this.garbage(arrival_s, `no number: ${stated.missing.slice(0, EXCERPT)}`);
    const own = UNITS[stated.unit];
    if (stated.unit !== '' && own !== undefined && stated.unit !== unit) {
      const channel = this.#channel();
      const detail = `the command prints ${stated.unit}, and ${domain} was declared in ${unit}`;
      const events = [channel.event('UNIT_SUSPECT', arrival_s, detail)];
      return this.#channels.batch([{ sample: null, events }], { at_s: arrival_s });
    }
    const news = this.#read(stated.value * (UNITS[unit]?.factor ?? 1), arrival_s);
    return this.#channels.batch([news], { at_s: arrival_s });
  }

  garbage(at_s: Seconds, detail: string): Batch {
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }

  #channel() {
    const domain = domainOfSpec(this.#spec);
    return this.#channels.of(domain.id, () => ({ domain, options: { stale_s: STALE_s } }));
  }

  #read(value: number, arrival_s: Seconds): ChannelNews {
    const channel = this.#channel();
    const before_s = this.#last_s;
    this.#last_s = arrival_s;
    if (this.#spec.kind === 'counter') return channel.energy(arrival_s, value);
    if (this.#spec.kind !== 'mean') return channel.power(arrival_s, value);
    // Its window is not stated: it is the time since the line before, so the first has none.
    const width_s = before_s === null ? 0 : arrival_s - before_s;
    return width_s > 0 ? channel.mean({ arrival_s, width_s }, value) : { sample: null, events: [] };
  }
}

type Stated = ReturnType<typeof statedNumber>;

/** The number of a line, or at a path of its JSON; without a path the only number of a flat object. */
function numberIn(text: string, field: string | null): Stated {
  const object = jsonObject(text);
  if (object === null) return field === null ? statedNumber(text) : { missing: text };
  const value = field === null ? onlyNumber(object) : atPath(object, field);
  if (typeof value === 'number' && Number.isFinite(value)) return { value, unit: '' };
  return typeof value === 'string' ? statedNumber(value) : { missing: text };
}

function onlyNumber(object: Readonly<Record<string, unknown>>): unknown {
  const numbers = Object.values(object).filter((value) => typeof value === 'number');
  return numbers.length === 1 ? numbers[0] : undefined;
}

function atPath(object: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    const inner = asObject(value);
    return inner !== null && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, object);
}

/** The command's text may hold a password of a plug, so it is not part of the name that is recorded. */
function sourceOf(spec: CommandSpec): string {
  return spec.command === null ? SOURCE : `${SOURCE}:${spec.domain}`;
}

function domainOfSpec(spec: CommandSpec): Domain {
  const { domain, kind, averaging_s, maxPower_W } = spec;
  const name = domain.split(':')[0] ?? domain;
  return domainOf({
    id: domain,
    label: domain === 'wall' ? 'Wall' : domain,
    scope:
      domain === 'wall'
        ? 'whole machine at the wall, by a meter of your own'
        : `${domain}, by a command of your own`,
    source: sourceOf(spec),
    kind,
    rank: RANKS[name] ?? (name === 'package' || name === 'gpu' ? 2 : 0),
    maxPower_W,
    misalignment_s: TRANSPORT_s,
    averaging_s: kind === 'averaged' ? (averaging_s ?? 1) : null,
  });
}

/** A meter of the user's own: any command that goes on printing. It runs through the user's shell, as the user. */
export function createCommandSampler(spec: CommandSpec = DEFAULT_COMMAND, shell = shellCommand): Sampler {
  const id = sourceOf(spec);
  return {
    id,
    title: 'A command of your own: a wall meter, a smart plug',
    privilege: 'none',
    probe: async () => probe(spec),
    domains: () => [domainOfSpec(spec)],
    stream: (options) => stream(spec, options, shell),
    createParser: () => createCommandParser(spec),
  };
}

/** It is not run to see whether it works: what a command does is its owner's. */
function probe(spec: CommandSpec): Probe {
  return spec.command === null
    ? { state: 'absent', detail: 'no command was given', remedy: HOW }
    : { state: 'ready', detail: `a command of yours, ${spec.kind} in ${spec.unit}`, remedy: null };
}

/** `/bin/sh -c CMD`, on Windows `cmd /d /s /c CMD`. It learns the interval asked for from LMPOWER_INTERVAL_MS. */
export function shellCommand(text: string, interval_ms: number): Command {
  const env = ownEnvWith({ LMPOWER_INTERVAL_MS: String(Math.round(interval_ms)) });
  return process.platform === 'win32'
    ? { file: process.env['ComSpec'] ?? 'cmd.exe', args: ['/d', '/s', '/c', text], env }
    : { file: '/bin/sh', args: ['-c', text], env };
}

async function* stream(
  spec: CommandSpec,
  options: StreamOptions,
  shell: typeof shellCommand,
): AsyncGenerator<Batch, void, undefined> {
  if (spec.command === null) {
    throw new LmpowerError('SAMPLER_UNAVAILABLE', 'no command was given', { remedy: HOW });
  }
  const parser = createCommandParser(spec);
  const command = shell(spec.command, options.interval_ms);
  yield* toolBatches(command, { source: sourceOf(spec), parser, refusal }, options);
}

function refusal(exit: CommandExit, said: string): LmpowerError {
  const remedy = `it must go on printing one number a line: ${HOW}`;
  return new LmpowerError('SAMPLER_UNAVAILABLE', exitText('the command', exit, said), { remedy });
}
