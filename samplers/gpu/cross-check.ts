import type { CodeId } from '../../src/core/codes.ts';
import type { Sample } from '../../src/core/sample.ts';
import type { Joules, Seconds } from '../../src/core/units.ts';

/** Time over which energy and power are compared; shorter, the lag of an averaged power would show as a difference. */
const SPAN_s = 10;
/** Below this much energy the printed steps of power decide. */
const LEAST_J = 50;
/** Source: METHOD §7 and the sampler's own promise, 5 %. */
const AGREEMENT_RATIO = 0.05;

export interface Disagreement {
  readonly code: CodeId;
  readonly detail: string;
}

/** Compares an energy counter with the power that the same tool states, span by span; both figures are named. */
export class CrossCheck {
  #counted_J: Joules = 0;
  #integrated_J: Joules = 0;
  #span_s: Seconds = 0;

  add(counted: Sample | null, integrated: Sample | null): Disagreement | null {
    if (counted === null || integrated === null) return null;
    // Only the same stretch can be compared: a counter bridges gaps that power does not.
    if (counted.start_s !== integrated.start_s || counted.end_s !== integrated.end_s) return null;
    this.#counted_J += counted.energy_J;
    this.#integrated_J += integrated.energy_J;
    this.#span_s += counted.end_s - counted.start_s;
    const most_J = Math.max(this.#counted_J, this.#integrated_J);
    if (this.#span_s < SPAN_s || most_J < LEAST_J) return null;
    return this.#judge();
  }

  #judge(): Disagreement | null {
    const [counted_J, integrated_J, span_s] = [this.#counted_J, this.#integrated_J, this.#span_s];
    this.#counted_J = 0;
    this.#integrated_J = 0;
    this.#span_s = 0;
    const difference_J = Math.abs(counted_J - integrated_J);
    if (difference_J <= AGREEMENT_RATIO * Math.max(counted_J, integrated_J)) return null;
    const figures = `${counted_J.toFixed(1)} J, its power ${integrated_J.toFixed(1)} J in ${span_s.toFixed(1)} s`;
    if (counted_J === 0)
      return { code: 'ZERO_UNDER_LOAD', detail: `the energy counter stands still: ${figures}` };
    return { code: 'COUNTER_DISAGREES', detail: `the energy counter states ${figures}` };
  }
}
