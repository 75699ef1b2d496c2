import type { Seconds } from '../src/core/units.ts';

/** A source's own clock, a label, is believed over at most this long; a longer or a backward step is a clock that was set. */
const STEP_MOST_s = 600;
/** A reading that lies this far behind its arrival, by the source's own clock, is taken for a set clock. */
const LAG_MOST_s = 5;
/** Readings over which the least lag is sought, to follow a clock that runs slow. */
const LAG_READINGS = 64;

export interface SourceClockOptions {
  /** True for stamps in whole seconds: they only tell readings apart that arrive together. */
  readonly coarse?: boolean;
}

/**
 * When a gauge was read. Arrival, but where the source stamps its readings, its own steps place those that a full pipe
 * delivered late or together; its time of day never enters. Never after the arrival and never backwards, but for
 * recorded bytes, whose arrival has always stood still: then the source's steps are all the time there is.
 */
export class SourceClock {
  readonly #coarse: boolean;
  #last: { readonly at_s: Seconds; readonly arrival_s: Seconds; readonly stamp_s: Seconds | null } | null =
    null;
  #leastLag_s = Number.POSITIVE_INFINITY;
  #readings = 0;
  #isLive = false;

  constructor({ coarse = false }: SourceClockOptions = {}) {
    this.#coarse = coarse;
  }

  /** `stamp_s`: the source's own time of the reading in seconds of any origin, null where it gives none. */
  at_s(arrival_s: Seconds, stamp_s: Seconds | null): Seconds {
    const at_s = this.#place(arrival_s, stamp_s);
    this.#last = { at_s, arrival_s, stamp_s };
    return at_s;
  }

  #place(arrival_s: Seconds, stamp_s: Seconds | null): Seconds {
    const last = this.#last;
    if (last === null) return arrival_s;
    const step_s = stamp_s === null || last.stamp_s === null ? null : stamp_s - last.stamp_s;
    const isSound = step_s !== null && step_s > 0 && step_s <= STEP_MOST_s;
    this.#isLive ||= arrival_s > last.arrival_s;
    if (arrival_s <= last.arrival_s) {
      const at_s = isSound ? last.at_s + step_s : last.at_s;
      return this.#isLive ? Math.max(last.at_s, Math.min(at_s, arrival_s)) : at_s;
    }
    const floor_s = Math.max(last.at_s, arrival_s);
    if (!isSound || this.#coarse) return floor_s;
    const lag_s = arrival_s - (last.at_s + step_s);
    if (lag_s > LAG_MOST_s || lag_s < 0) {
      this.#forgetLag();
      return floor_s;
    }
    return last.at_s + step_s + this.#overdue_s(lag_s);
  }

  /** What every one of the last readings lagged: the source's clock runs slow by it. */
  #overdue_s(lag_s: Seconds): Seconds {
    this.#leastLag_s = Math.min(this.#leastLag_s, lag_s);
    this.#readings++;
    if (this.#readings < LAG_READINGS) return 0;
    const overdue_s = this.#leastLag_s;
    this.#forgetLag();
    return overdue_s;
  }

  #forgetLag(): void {
    this.#leastLag_s = Number.POSITIVE_INFINITY;
    this.#readings = 0;
  }
}
