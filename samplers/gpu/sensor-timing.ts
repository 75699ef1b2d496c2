import type { Seconds, Watts } from '../../src/core/units.ts';
import type { PowerField } from './reading.ts';
import { StepResponse } from './step-response.ts';
import { type PublicationNews, UpdatePeriod } from './update-period.ts';

/** So many edges say more than a table: by then one of them was sharp. A declared choice. */
const EDGES_LEAST = 3;

/** How a power sensor really behaves in this stream, with what is known of its kind in place of what did not show. */
export class SensorTiming {
  readonly #known: PowerField;
  readonly #period = new UpdatePeriod();
  readonly #response = new StepResponse();
  #edges = 0;
  #sharpest_s: Seconds | null = null;

  constructor(known: PowerField) {
    this.#known = known;
  }

  /** One reading; what it says of publications. */
  read(at_s: Seconds, power_W: Watts): PublicationNews {
    const edge = this.#response.read(at_s, power_W);
    if (edge !== null) {
      this.#edges += 1;
      this.#sharpest_s = Math.min(this.#sharpest_s ?? edge.averaging_s, edge.averaging_s);
    }
    return this.#period.read(at_s, power_W);
  }

  forget(): void {
    this.#period.forget();
    this.#response.forget();
  }

  /**
   * Time between new values: as seen in runs of equal readings. Where each reading is new, the sensor is at least as
   * quick as it was asked.
   */
  get update_s(): Seconds {
    const { update_s } = this.#known;
    const seen = this.#period.seen;
    if (seen === null) return update_s;
    return seen.isResolved ? seen.period_s : Math.min(update_s, seen.period_s);
  }

  /** Averaging time: no longer than the sharpest edge shows, and that long once several edges agree. */
  get averaging_s(): Seconds | null {
    const { averaging_s } = this.#known;
    if (averaging_s === null || this.#sharpest_s === null) return averaging_s;
    return this.#edges >= EDGES_LEAST ? this.#sharpest_s : Math.min(averaging_s, this.#sharpest_s);
  }

  /** What was known, and what was measured: observations. */
  get facts(): Readonly<Record<string, string | number | null>> {
    return {
      known_update_s: this.#known.update_s,
      known_averaging_s: this.#known.averaging_s,
      step_response_s: this.#sharpest_s,
    };
  }
}
