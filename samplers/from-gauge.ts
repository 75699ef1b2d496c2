import type { DomainId, Sample } from '../src/core/sample.ts';
import type { Seconds, Watts } from '../src/core/units.ts';

export type GaugeKind = 'gauge' | 'averaged';

/** Readings further apart than this and than `GAP_FACTOR` usual distances have nothing known between them. */
const GAP_LEAST_s = 2;
const GAP_FACTOR = 4;
/** Weight of the newest distance in the usual one. */
const USUAL_WEIGHT = 0.2;

interface Point {
  readonly at_s: Seconds;
  readonly power_W: Watts;
}

/**
 * Readings of power at instants → samples between successive ones, energy by the trapezoid. Equal readings are samples as
 * any other: a repeated power is still a power. Source: METHOD §2, kinds `gauge` and `averaged`.
 */
export class GaugeChain {
  readonly #domain: DomainId;
  readonly #kind: GaugeKind;
  #last: Point | null = null;
  #usual_s: Seconds | null = null;
  #latest_s: Seconds = Number.NEGATIVE_INFINITY;

  constructor(domain: DomainId, kind: GaugeKind) {
    this.#domain = domain;
    this.#kind = kind;
  }

  /**
   * The sample that ends at this reading. Null for the first one, and after a missing reading (null, negative, not finite)
   * or a silence, which both break the chain: what lies there is a gap, never zero. Of readings at one instant the last
   * counts; one from the past is passed over.
   */
  read(at_s: Seconds, power_W: Watts | null): Sample | null {
    if (power_W === null || !(power_W >= 0) || !Number.isFinite(power_W) || !Number.isFinite(at_s)) {
      this.#last = null;
      return null;
    }
    if (at_s < this.#latest_s) return null;
    const before = this.#last;
    this.#latest_s = at_s;
    this.#last = { at_s, power_W };
    return before === null ? null : this.#between(before, { at_s, power_W });
  }

  #between(before: Point, after: Point): Sample | null {
    const width_s = after.at_s - before.at_s;
    const energy_J = ((before.power_W + after.power_W) / 2) * width_s;
    if (!(width_s > 0) || !Number.isFinite(energy_J) || this.#isGap(width_s)) return null;
    return {
      domain: this.#domain,
      start_s: before.at_s,
      end_s: after.at_s,
      energy_J,
      kind: this.#kind,
      startPower_W: before.power_W,
      endPower_W: after.power_W,
    };
  }

  #isGap(width_s: Seconds): boolean {
    const usual_s = this.#usual_s;
    const isGap = usual_s !== null && width_s > Math.max(GAP_LEAST_s, GAP_FACTOR * usual_s);
    // A silence that comes again is the new distance, so it counts too, by its weight.
    this.#usual_s = usual_s === null ? width_s : usual_s + USUAL_WEIGHT * (width_s - usual_s);
    return isGap;
  }
}
