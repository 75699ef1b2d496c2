import type { Batch, Domain, Observation, RecordedEvent, Sample } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { DomainRegister, type DomainSource } from './domain-register.ts';
import { type DroppedSamples, SampleRing } from './sample-ring.ts';
import { soundBatch } from './sound-batch.ts';

/** Events are rare unless a meter goes mad; then the newest are kept. */
const EVENT_CAPACITY = 16_384;
const RECORDER = 'recorder';

interface IntakeContents {
  readonly samples: readonly Sample[];
  readonly observations: readonly Observation[];
  readonly events: readonly RecordedEvent[];
  readonly domains: readonly Domain[];
}

/** Where the batches of all samplers end up until they are drained. Bounded; what is lost becomes an event. */
export class Intake {
  readonly ring: SampleRing;
  readonly register: DomainRegister;
  private readonly sources: readonly DomainSource[];
  private readonly observations: BoundedQueue<Observation>;
  private readonly events = new BoundedQueue<RecordedEvent>(EVENT_CAPACITY);
  private readonly newestObservations = new Map<string, Observation>();

  constructor(sources: readonly DomainSource[], capacity: number) {
    this.sources = sources;
    this.ring = new SampleRing(capacity);
    this.observations = new BoundedQueue(capacity);
    this.register = new DomainRegister(sources);
  }

  /** Takes a batch of the given source; returns it with the recording's domain ids, without what is unsound. */
  take(source: number, batch: Batch, now_s: Seconds): Batch {
    const place = { source: this.sources[source]?.id ?? '', now_s };
    const admitted = soundBatch(this.register.admit(source, batch), place);
    for (const sample of admitted.samples) this.ring.push(sample);
    for (const event of admitted.events) this.events.push(event);
    for (const observation of admitted.observations) {
      this.observations.push(observation);
      this.newestObservations.set(`${observation.source}\0${observation.name}`, observation);
    }
    return admitted;
  }

  /** The recorder's own event. */
  note(event: RecordedEvent): void {
    this.events.push(event);
  }

  latestObservations(): readonly Observation[] {
    return [...this.newestObservations.values()];
  }

  drain(): IntakeContents {
    const { samples, dropped } = this.ring.drain();
    const observations = this.observations.drain();
    const events = this.events.drain();
    const lost = dropped.map((drop) => this.overflowOf(drop));
    lost.push(...lostOf('observations', observations.dropped, observations.items[0]?.at_s));
    lost.push(...lostOf('events', events.dropped, events.items[0]?.at_s));
    return {
      samples,
      observations: observations.items,
      events: [...events.items, ...lost],
      domains: this.register.takeChanged(),
    };
  }

  private overflowOf({ domain, count, first_s, last_s }: DroppedSamples): RecordedEvent {
    const source = this.register.list().find(({ id }) => id === domain)?.source ?? RECORDER;
    const detail = `${count} samples from ${first_s.toFixed(3)} s to ${last_s.toFixed(3)} s dropped`;
    return overflow({ source, domain, at_s: last_s, detail });
  }
}

function overflow(event: Omit<RecordedEvent, 'code'>): RecordedEvent {
  return { code: 'RING_OVERFLOW', ...event };
}

function lostOf(what: string, count: number, at_s: number | undefined): RecordedEvent[] {
  if (count === 0) return [];
  return [overflow({ source: RECORDER, domain: null, at_s: at_s ?? 0, detail: `${count} ${what} dropped` })];
}
