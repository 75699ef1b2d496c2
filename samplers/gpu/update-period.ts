import type { Seconds, Watts } from '../../src/core/units.ts';

const CHANGES = 21;
/** A new estimate is worth saying when it differs by this part. */
const NEWS_RATIO = 0.2;
/** A reading that has not changed for so long comes from a sensor that stands still. A board at work never holds 10 mW steps this long. */
const STALE_s = 10;

export interface PublicationNews {
  /** Median time between changes of the reading, when it became known or changed. At least the interval asked for. */
  readonly period_s: Seconds | null;
  /** Set once for each run of equal readings that passes the limit: how long it has lasted. */
  readonly stale_s: Seconds | null;
}

/** The last estimate that was told. */
export interface SeenPeriod {
  readonly period_s: Seconds;
  /** True: values stood for several readings, so that this is the sensor's time and not the asker's. */
  readonly isResolved: boolean;
}

/** How often a gauge really changes, seen in runs of equal readings. Holds the last 21 changes. */
export class UpdatePeriod {
  #power_W: Watts | null = null;
  #changed_s: Seconds | null = null;
  #isFirstRun = true;
  #isStale = false;
  #spans_s: Seconds[] = [];
  /** Readings of each of these spans, and of the run under way. */
  #runs: number[] = [];
  #readings = 1;
  #told_s: Seconds | null = null;
  #isResolved = false;

  /** Null until 21 changes were seen. */
  get seen(): SeenPeriod | null {
    return this.#told_s === null ? null : { period_s: this.#told_s, isResolved: this.#isResolved };
  }

  read(at_s: Seconds, power_W: Watts): PublicationNews {
    if (this.#power_W === null || this.#changed_s === null) {
      this.#power_W = power_W;
      this.#changed_s = at_s;
      return { period_s: null, stale_s: null };
    }
    if (power_W === this.#power_W) {
      this.#readings += 1;
      return { period_s: null, stale_s: this.#staleness(at_s) };
    }
    const span_s = at_s - this.#changed_s;
    this.#power_W = power_W;
    this.#changed_s = at_s;
    this.#isStale = false;
    // The first run began before the stream did.
    if (this.#isFirstRun) this.#isFirstRun = false;
    else {
      this.#spans_s = [...this.#spans_s.slice(1 - CHANGES), span_s];
      this.#runs = [...this.#runs.slice(1 - CHANGES), this.#readings];
    }
    this.#readings = 1;
    return { period_s: this.#news(), stale_s: null };
  }

  /** After a missing reading nothing is known of the run it fell into. */
  forget(): void {
    this.#power_W = null;
    this.#changed_s = null;
    this.#isFirstRun = true;
    this.#isStale = false;
    this.#readings = 1;
  }

  #staleness(at_s: Seconds): Seconds | null {
    const held_s = at_s - (this.#changed_s ?? at_s);
    if (this.#isStale || held_s < STALE_s) return null;
    this.#isStale = true;
    return held_s;
  }

  #news(): Seconds | null {
    if (this.#spans_s.length < CHANGES) return null;
    const median_s = medianOf(this.#spans_s);
    if (this.#told_s !== null && Math.abs(median_s / this.#told_s - 1) <= NEWS_RATIO) return null;
    this.#told_s = median_s;
    this.#isResolved = medianOf(this.#runs) >= 2;
    return median_s;
  }
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(CHANGES - 1) / 2] ?? 0;
}
