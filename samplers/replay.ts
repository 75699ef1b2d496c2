import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { LmpowerError } from '../src/core/errors.ts';
import type { Batch } from '../src/core/sample.ts';
import type { Seconds } from '../src/core/units.ts';
import { batchWidth_s, restamped } from './restamp.ts';
import type { Probe, Sampler, StreamOptions } from './sampler.ts';

/** Bytes without a reading after which a file is taken for something else. */
const MAX_SILENT_B = 16 * 1024 * 1024;
/** Bytes that are kept to tell why a file gave no sample. */
const HEAD_B = 1024 * 1024;
const LIVE_SPEED = 1;
const NEWLINE = 0x0a;

export interface ReplayOptions {
  /** Whose parser reads the file. */
  readonly format: Sampler;
  readonly file: string;
  /** 0: as fast as possible · 1: as it was · other: that many times as fast. */
  readonly speed: number;
}

/**
 * Recorded bytes of a source through that source's own parser, under the id `replay:<format>`. At speed 1 a frame arrives
 * when its window has passed on the clock; at any other its samples are chained from the source's own windows, starting
 * at the clock's now, and the run's time is that of the recording.
 */
export function createReplaySampler(options: ReplayOptions): Sampler {
  const { format, file } = options;
  const id = `replay:${format.id}`;
  return {
    id,
    title: `${basename(file)}, recorded ${format.title}`,
    privilege: 'none',
    finite: true,
    probe: () => probeFile(options),
    domains: () => format.domains().map((domain) => ({ ...domain, source: id })),
    stream: (streamOptions) => replay(options, id, streamOptions),
    createParser: () => format.createParser(),
  };
}

async function* replay(
  options: ReplayOptions,
  source: string,
  { clock, signal }: StreamOptions,
): AsyncGenerator<Batch, void, undefined> {
  const origin_s = clock.now_s();
  let chain_s: Seconds = 0;
  for await (const batch of batchesOf(options, signal)) {
    const width_s = batchWidth_s(batch);
    const start_s = origin_s + chain_s;
    chain_s += width_s;
    const end_s = origin_s + chain_s;
    if (options.speed > 0) {
      const due_s = origin_s + chain_s / options.speed;
      if (!(await waitUntil(due_s, { clock, signal }))) return;
    }
    if (signal.aborted) return;
    const arrival_s = clock.now_s();
    const place =
      options.speed === LIVE_SPEED ? { start_s: arrival_s - width_s, end_s: arrival_s } : { start_s, end_s };
    yield restamped(batch, width_s, { source, ...place });
  }
}

/** False when the signal came first. */
async function waitUntil(
  due_s: Seconds,
  { clock, signal }: Pick<StreamOptions, 'clock' | 'signal'>,
): Promise<boolean> {
  const wait_s = due_s - clock.now_s();
  if (wait_s <= 0) return !signal.aborted;
  try {
    await clock.sleep(wait_s, signal);
    return true;
  } catch (thrown) {
    if (signal.aborted) return false;
    throw thrown;
  }
}

/**
 * Batches of the file as the parser gives them, stamped as if all arrived at 0. Batches before the first reading wait for
 * it, so that a file of another kind is an error and not a stream of events. Reads on only as fast as it is asked.
 * @throws {LmpowerError} REPLAY_INVALID
 */
async function* batchesOf(
  options: ReplayOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch, void, undefined> {
  const parser = options.format.createParser();
  const opening: Batch[] = [];
  const head: Uint8Array[] = [];
  let hasReading = false;
  let read_B = 0;
  for await (const chunk of chunksOf(options)) {
    if (signal.aborted) return;
    if (!hasReading && read_B < HEAD_B) head.push(chunk.subarray(0, HEAD_B - read_B));
    read_B += chunk.length;
    yield* admitted(parser.push(chunk, 0));
    if (!hasReading && read_B > MAX_SILENT_B) throw noSample(options, head, opening);
  }
  yield* admitted(parser.end(0));
  if (!hasReading) {
    throw read_B === 0 ? invalid(options, `${options.file} is empty`) : noSample(options, head, opening);
  }

  function* admitted(batches: readonly Batch[]): Generator<Batch, void, undefined> {
    for (const batch of batches) {
      if (hasReading) yield batch;
      else opening.push(batch);
      if (hasReading || batch.samples.length === 0) continue;
      hasReading = true;
      yield* opening.splice(0);
    }
  }
}

async function* chunksOf(options: ReplayOptions): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of createReadStream(options.file)) yield chunk;
  } catch (thrown) {
    if (thrown instanceof LmpowerError) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw invalid(options, `cannot read ${options.file}: ${why}`, { cause: thrown });
  }
}

/** Why a file gave no sample: it is of another kind, or its readings do not make one. */
function noSample(options: ReplayOptions, head: readonly Uint8Array[], seen: readonly Batch[]): LmpowerError {
  const { file, format } = options;
  switch (lackOf(format, Buffer.concat(head))) {
    case 'time':
      return invalid(options, `${file} cannot be replayed: its readings carry no time of their own`, {
        remedy: `measure as it happens: --sampler ${format.id}`,
      });
    case 'reading':
      return invalid(options, `${file} cannot be replayed: one reading, two are needed`, {
        remedy: `record more than one reading: --sampler replay:${format.id}:FILE@0`,
      });
    case 'all': {
      const first = seen.flatMap((batch) => batch.events)[0]?.detail;
      const said = first === undefined ? '' : ` (${first})`;
      return invalid(options, `${file} holds no reading of ${format.id}${said}`);
    }
  }
}

/** Lines that arrive one after the other give samples where time was lacking; told twice, where a second reading was. */
function lackOf(format: Sampler, bytes: Uint8Array): 'time' | 'reading' | 'all' {
  const parser = format.createParser();
  let arrival_s: Seconds = 0;
  const gives = (batches: readonly Batch[]): boolean => batches.some((batch) => batch.samples.length > 0);
  const told = (): boolean => {
    for (let from = 0; from < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, from);
      const to = newline === -1 ? bytes.length : newline + 1;
      arrival_s += 1;
      if (gives(parser.push(bytes.subarray(from, to), arrival_s))) return true;
      from = to;
    }
    // The last line may have no end of its own.
    return gives(parser.push(Uint8Array.of(NEWLINE), arrival_s));
  };
  if (told()) return 'time';
  return told() || gives(parser.end(arrival_s)) ? 'reading' : 'all';
}

function invalid(
  { format }: ReplayOptions,
  message: string,
  given: { readonly remedy?: string; readonly cause?: unknown } = {},
): LmpowerError {
  return new LmpowerError('REPLAY_INVALID', message, {
    remedy: `name a file that the meter itself wrote: --sampler replay:${format.id}:FILE@0`,
    ...given,
  });
}

/** Reads up to the first reading. */
async function probeFile(options: ReplayOptions): Promise<Probe> {
  try {
    for await (const batch of batchesOf(options, new AbortController().signal)) {
      if (batch.samples.length > 0) break;
    }
    return { state: 'ready', detail: `${options.file} holds readings of ${options.format.id}`, remedy: null };
  } catch (thrown) {
    if (!(thrown instanceof LmpowerError)) throw thrown;
    return { state: 'broken', detail: thrown.message, remedy: thrown.remedy };
  }
}
