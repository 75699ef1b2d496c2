import type { Sampler } from '../../samplers/sampler.ts';
import { LmpowerError } from '../core/errors.ts';
import type { Batch, Domain, DomainId, Observation, RecordedEvent, Sample } from '../core/sample.ts';
import type { Seconds, Watts } from '../core/units.ts';
import { Intake } from './intake.ts';
import type { EndingRecorder, LatestPower, Recorded, RecorderOptions, SamplerFailure } from './recorder.ts';
import { joinLimit_s, stallLimit_s } from './silence-watch.ts';
import { keepHeapSmall } from './small-heap.ts';
import { Supervisor } from './supervisor.ts';
import { slept } from './waiting.ts';

const CAPACITY = 2 ** 18;
/** A mean over less than this part of the time asked for is no answer. */
const LEAST_COVERAGE = 0.5;

interface Supervised {
  readonly sampler: Sampler;
  readonly supervisor: Supervisor;
}

/** The recorder of real runs; see `Recorder`. */
class LiveRecorder implements EndingRecorder {
  readonly ended: Promise<void>;
  readonly heard: Promise<void>;
  private readonly options: RecorderOptions;
  private readonly intake: Intake;
  private readonly supervised: readonly Supervised[];
  private readonly observing: readonly Supervised[];
  private settleEnded: () => void = () => undefined;
  private releaseHeap: () => void = () => undefined;

  constructor(options: RecorderOptions) {
    this.options = options;
    const { samplers, observers = [] } = options;
    this.intake = new Intake([...samplers, ...observers], options.capacity ?? CAPACITY);
    this.supervised = samplers.map((sampler, index) =>
      this.supervise(sampler, (batch) => this.take(index, batch)),
    );
    this.observing = observers.map((observer, index) =>
      this.supervise(observer, (batch) => this.observe(samplers.length + index, batch)),
    );
    this.ended = new Promise((resolve) => {
      this.settleEnded = resolve;
    });
    this.heard = Promise.race(this.supervised.map(({ supervisor }) => supervisor.heard));
  }

  async start(signal: AbortSignal): Promise<void> {
    this.releaseHeap();
    this.releaseHeap = keepHeapSmall();
    const supervisors = this.supervised.map(({ supervisor }) => supervisor);
    const stop = (): void => void this.stop();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const runs = signal.aborted ? [] : supervisors.map((supervisor) => supervisor.run());
    if (!signal.aborted) for (const { supervisor } of this.observing) void supervisor.run();
    void Promise.all(runs).then(() => {
      signal.removeEventListener('abort', stop);
      this.settleEnded();
    });
    const failures = await this.opened();
    const first = failures?.find((failure) => failure !== null);
    if (signal.aborted || failures === null || failures.some((failure) => failure === null)) return;
    this.noteNoPower(first?.message ?? 'no sampler was asked');
    if (this.options.required === true) throw powerRequired(first);
  }

  /** Null: a source gave its first reading, and those that have not by now join later. Else how each has begun. */
  private async opened(): Promise<readonly (LmpowerError | null)[] | null> {
    const pending = new Set(this.supervised.keys());
    const begun = this.supervised.map(async ({ supervisor }, index) => {
      const failure = await supervisor.started;
      pending.delete(index);
      return failure;
    });
    const first = new Promise<void>((resolve) => {
      for (const one of begun) void one.then((failure) => failure === null && resolve());
    });
    // Somebody may be typing a password: there is no hurry to record without that source.
    const asking = begun.filter((_, index) => this.options.samplers[index]?.mayAsk === true);
    const over = new AbortController();
    const { clock, interval_ms } = this.options;
    const enough = first
      .then(() => slept(clock, joinLimit_s(interval_ms), over.signal))
      .then(() => Promise.all(asking))
      .then(() => null);
    const failures = await Promise.race([Promise.all(begun), enough]);
    over.abort();
    for (const index of pending) this.noteLate(index);
    return failures;
  }

  /** Concerns the time from now to its first reading, for ever when none comes. */
  private noteLate(index: number): void {
    const source = this.options.samplers[index]?.id ?? '';
    const detail = 'no reading yet: the recording begins without it';
    const at_s = this.options.clock.now_s();
    const event: RecordedEvent = { code: 'SAMPLER_STALLED', source, at_s, domain: null, detail };
    this.take(index, { samples: [], observations: [], events: [event] });
  }

  domains(): readonly Domain[] {
    return this.intake.register.list();
  }

  drain(): Recorded {
    return this.intake.drain();
  }

  meanPower_W(domain: DomainId, last_s: Seconds): Watts | null {
    const newest = this.intake.ring.latestOf(domain);
    if (newest === null || this.isOld(newest)) return null;
    const mean = this.intake.ring.meanPower_W(domain, newest.end_s - last_s, newest.end_s);
    return mean === null || mean.covered_s < LEAST_COVERAGE * last_s ? null : mean.power_W;
  }

  latest(): readonly LatestPower[] {
    return this.intake.ring.latest().map(({ domain, energy_J, start_s, end_s }) => ({
      domain,
      power_W: energy_J / (end_s - start_s),
      start_s,
      at_s: end_s,
    }));
  }

  latestObservations(): readonly Observation[] {
    return this.intake.latestObservations();
  }

  failures(): readonly SamplerFailure[] {
    return this.supervised.flatMap(({ sampler, supervisor }) =>
      supervisor.failure === null ? [] : [{ sampler: sampler.id, error: supervisor.failure }],
    );
  }

  async stop(): Promise<void> {
    const all = [...this.supervised, ...this.observing];
    await Promise.all(all.map(({ supervisor }) => supervisor.stop()));
    this.releaseHeap();
    this.settleEnded();
  }

  private supervise(sampler: Sampler, onBatch: (batch: Batch) => void): Supervised {
    return { sampler, supervisor: new Supervisor({ ...this.options, sampler, onBatch }) };
  }

  /** What befalls an observer casts no doubt on any energy: its events are kept as notes. */
  private observe(index: number, batch: Batch): void {
    const notes = batch.events.map(
      ({ at_s, code, detail, source }): Observation => ({
        source,
        name: 'note',
        at_s,
        value: `${code}: ${detail}`,
      }),
    );
    const observations = [...batch.observations, ...notes];
    this.intake.take(
      index,
      { samples: [], observations, events: [], domains: [] },
      this.options.clock.now_s(),
    );
  }

  private take(index: number, batch: Batch): void {
    const taken = this.intake.take(index, batch, this.options.clock.now_s());
    this.options.onBatch?.(taken, this.options.samplers[index]?.id ?? '');
  }

  private isOld(sample: Sample): boolean {
    return this.options.clock.now_s() - sample.end_s > stallLimit_s(this.options.interval_ms);
  }

  private noteNoPower(detail: string): void {
    const at_s = this.options.clock.now_s();
    const event: RecordedEvent = {
      code: 'POWER_UNAVAILABLE',
      source: 'recorder',
      at_s,
      domain: null,
      detail,
    };
    this.intake.note(event);
  }
}

export function createRecorder(options: RecorderOptions): EndingRecorder {
  return new LiveRecorder(options);
}

function powerRequired(first: LmpowerError | null | undefined): LmpowerError {
  const why = first ? `: ${first.message}` : '';
  const remedy = first ? { remedy: first.remedy } : {};
  return new LmpowerError('POWER_REQUIRED', `no power source gave a reading${why}`, {
    cause: first,
    ...remedy,
  });
}
