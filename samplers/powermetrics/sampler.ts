import { asLmpowerError, type LmpowerError } from '../../src/core/errors.ts';
import type { Batch } from '../../src/core/sample.ts';
import type { Chunk } from '../chunk-queue.ts';
import type { Parser, Sampler, StreamOptions } from '../sampler.ts';
import { SOURCE } from './domains.ts';
import type { MeterLaunch } from './launch.ts';
import { createPowermetricsParser, POWERMETRICS_DOMAINS } from './parser.ts';
import { launchByRoads, meterRoads } from './roads.ts';

/** Apple's meter. `launch`: how its bytes are got; without it, by the first road that is open when a stream starts. */
export function createPowermetricsSampler(launch: MeterLaunch = launchByRoads(meterRoads())): Sampler {
  return {
    id: SOURCE,
    title: 'Apple powermetrics',
    privilege: 'root',
    mayAsk: launch.mayAsk === true,
    probe: () => launch.probe(),
    domains: () => POWERMETRICS_DOMAINS,
    stream: (options) => streamBatches(launch.open(options), options),
    createParser: createPowermetricsParser,
  };
}

async function* streamBatches(
  chunks: AsyncIterable<Chunk>,
  options: StreamOptions,
): AsyncGenerator<Batch, void, undefined> {
  const parser: Parser = createPowermetricsParser();
  const source = chunks[Symbol.asyncIterator]();
  let read = false;
  try {
    for (;;) {
      const step = await nextOf(source);
      if (step.death !== null) {
        yield* lastBatches({ parser, death: step.death, read, options });
        return;
      }
      if (step.chunk === null) break;
      for (const batch of parser.push(step.chunk.chunk, step.chunk.arrival_s)) {
        read = true;
        yield batch;
      }
    }
  } finally {
    await source.return?.();
  }
  // A frame that our own ending cut off is no loss.
  if (!options.signal.aborted) yield* parser.end(options.clock.now_s());
}

interface Step {
  readonly chunk: Chunk | null;
  readonly death: LmpowerError | null;
}

async function nextOf(source: AsyncIterator<Chunk>): Promise<Step> {
  try {
    const next = await source.next();
    return { chunk: next.done === true ? null : next.value, death: null };
  } catch (thrown) {
    return { chunk: null, death: asLmpowerError(thrown, 'SAMPLER_UNAVAILABLE') };
  }
}

/** A meter that never gave a reading is an error; one that did, an event: what was read is worth keeping. */
function* lastBatches(last: {
  readonly parser: Parser;
  readonly death: LmpowerError;
  readonly read: boolean;
  readonly options: StreamOptions;
}): Generator<Batch, void, undefined> {
  const now_s = last.options.clock.now_s();
  const rest = last.parser.end(now_s);
  if (!last.read && rest.every((batch) => batch.samples.length === 0)) throw last.death;
  yield* rest;
  yield {
    samples: [],
    observations: [],
    events: [{ code: 'SAMPLER_DIED', source: SOURCE, at_s: now_s, domain: null, detail: last.death.message }],
  };
}
