import type { CodeId } from '../../src/core/codes.ts';
import type { Batch, Domain, Observation, RecordedEvent, Sample } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { GpuMeter } from './meter.ts';
import { Observer } from './observer.ts';
import type { GpuReading, GpuSource } from './reading.ts';

/** No machine has more boards; a larger index is a damaged digit. */
const BOARDS_MOST = 256;

/** All boards of one stream: one tick's readings → one batch. */
export class GpuAccount {
  readonly #source: GpuSource;
  readonly #meters = new Map<number, GpuMeter>();
  readonly #observer: Observer;

  constructor(source: GpuSource) {
    this.#source = source;
    this.#observer = new Observer(source.source);
  }

  batchOf(readings: readonly GpuReading[], at_s: Seconds): Batch {
    const samples: Sample[] = [];
    const observations: Observation[] = [];
    const events: RecordedEvent[] = [];
    let announce = false;
    for (const reading of readings) {
      const meter = this.#meterOf(reading.index);
      if (meter === null) {
        events.push(this.#event('GARBAGE', at_s, `a board of index ${reading.index}`));
        continue;
      }
      const news = meter.read(reading, at_s);
      if (news.sample !== null) samples.push(news.sample);
      events.push(...news.events);
      observations.push(...this.#observer.observe(meter.id, at_s, { ...reading.facts, ...news.facts }));
      announce ||= news.announce;
    }
    return { samples, observations, events, ...(announce && { domains: this.#domains() }) };
  }

  /** Something that the tool said instead of a reading. `index`: of the board it concerns; null: of all. */
  trouble(
    code: CodeId,
    at_s: Seconds,
    said: { readonly detail: string; readonly index?: number | null },
  ): Batch {
    const domain = typeof said.index === 'number' ? `gpu:${said.index}` : null;
    const event = { ...this.#event(code, at_s, said.detail), domain };
    return { samples: [], observations: [], events: [event] };
  }

  #domains(): Domain[] {
    return [...this.#meters.entries()].sort(([a], [b]) => a - b).flatMap(([, meter]) => meter.domain ?? []);
  }

  #event(code: CodeId, at_s: Seconds, detail: string): RecordedEvent {
    return { code, source: this.#source.source, at_s, domain: null, detail };
  }

  #meterOf(index: number): GpuMeter | null {
    if (!Number.isInteger(index) || index < 0 || index >= BOARDS_MOST) return null;
    const known = this.#meters.get(index) ?? new GpuMeter(this.#source, index);
    this.#meters.set(index, known);
    return known;
  }
}

/** What a source can give before it is asked: one board of widest limits. */
export function anyBoard(source: GpuSource, reading: GpuReading): Domain[] {
  const meter = new GpuMeter(source, 0);
  meter.read(reading, 0);
  return meter.domain === null ? [] : [meter.domain];
}
