import type { Sampler } from '../../samplers/sampler.ts';
import type { Clock } from '../core/clock.ts';
import type { LmpowerError } from '../core/errors.ts';
import type { Batch, Domain, DomainId, Observation, RecordedEvent, Sample } from '../core/sample.ts';
import type { Seconds, Watts } from '../core/units.ts';

/** What was recorded since the last drain; exactly what the store appends. */
export interface Recorded {
  /** In order of arrival; those of `mean` sources end when they arrived. */
  readonly samples: readonly Sample[];
  readonly observations: readonly Observation[];
  readonly events: readonly RecordedEvent[];
  /** Announced or changed since the last drain. */
  readonly domains: readonly Domain[];
}

/** The newest reading of one domain. */
export interface LatestPower {
  readonly domain: DomainId;
  readonly power_W: Watts;
  /** The sample that it was derived from, from its start to its end. */
  readonly start_s: Seconds;
  readonly at_s: Seconds;
}

export interface SamplerFailure {
  readonly sampler: string;
  readonly error: LmpowerError;
}

/** The host side of all meters of a run. Gathers in memory; writes and renders nothing. */
export interface Recorder {
  /**
   * Resolves when every sampler gave its first batch or failed; at the latest 2 s or two intervals after the first of
   * them did (those that may ask for a password are waited for), or after 30 s or three intervals where none does. One
   * that answers later joins then; SAMPLER_STALLED stands for the time that it missed. Failures become events. The
   * signal ends all samplers. @throws {LmpowerError} POWER_REQUIRED when power was required and none came
   */
  start(signal: AbortSignal): Promise<void>;
  /** Announced so far. */
  domains(): readonly Domain[];
  /** Takes what was recorded; called between phases only. */
  drain(): Recorded;
  /**
   * Mean over the last `last_s` seconds of a domain's readings, drained or not. Null where there are none, where
   * they cover less than half of that time, or where the newest is older than a stall.
   */
  meanPower_W(domain: DomainId, last_s: Seconds): Watts | null;
  latest(): readonly LatestPower[];
  /** The newest observation of each source and name. */
  latestObservations(): readonly Observation[];
  /** Samplers that gave nothing, died for good or would not end. */
  failures(): readonly SamplerFailure[];
  /** Ends every sampler for certain, within 5 s. Never rejects. What they gave last can still be drained. */
  stop(): Promise<void>;
}

export interface RecorderOptions {
  readonly samplers: readonly Sampler[];
  /** Sources without energy: recorded like the others, but no power, and nobody waits for their end. */
  readonly observers?: readonly Sampler[];
  /** The run's clock. */
  readonly clock: Clock;
  readonly interval_ms: number;
  /** Samples held between two drains; 262,144 unless given: over an hour of 6 domains at 10 Hz in 11 MB. */
  readonly capacity?: number;
  /** True: `start` throws when no sampler gives a reading. */
  readonly required?: boolean;
  /** Sees every batch as it arrives, for live output; must neither block nor throw. */
  readonly onBatch?: (batch: Batch, sampler: string) => void;
}

/** A recorder that also tells when there is nothing more to come. */
export interface EndingRecorder extends Recorder {
  /** Resolves when every sampler has ended for good: its recording is over, it died, or it was stopped. */
  readonly ended: Promise<void>;
  /** Resolves with the first batch of any sampler, be there a reading in it or not. */
  readonly heard: Promise<void>;
}
