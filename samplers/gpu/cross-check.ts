import type { CodeId } from '../../src/core/codes.ts';
import type { Sample } from '../../src/core/sample.ts';
import type { Joules, Seconds, Watts } from '../../src/core/units.ts';

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
  #powers: Sample[] = [];
  #counted_J: Joules = 0;
  #integrated_J: Joules = 0;
  #span_s: Seconds = 0;

  /** `lag_s`: how far the power stays behind: its averaging time and update period. */
  add(counted: Sample | null, integrated: Sample | null, lag_s: Seconds): Disagreement | null {
    if (counted === null || integrated === null) return null;
    // Only the same stretch can be compared: a counter bridges gaps that power does not.
    if (counted.start_s !== integrated.start_s || counted.end_s !== integrated.end_s) return null;
    this.#powers.push(integrated);
    this.#counted_J += counted.energy_J;
    this.#integrated_J += integrated.energy_J;
    this.#span_s += counted.end_s - counted.start_s;
    const most_J = Math.max(this.#counted_J, this.#integrated_J);
    if (this.#span_s < SPAN_s || most_J < LEAST_J) return null;
    return this.#judge(lag_s);
  }

  #judge(lag_s: Seconds): Disagreement | null {
    const [counted_J, integrated_J, span_s] = [this.#counted_J, this.#integrated_J, this.#span_s];
    const unseen_J = laggingEnergy_J(this.#powers, lag_s) + hiddenEnergy_J(this.#powers);
    this.#powers = [];
    this.#counted_J = 0;
    this.#integrated_J = 0;
    this.#span_s = 0;
    const difference_J = Math.abs(counted_J - integrated_J);
    if (difference_J <= AGREEMENT_RATIO * Math.max(counted_J, integrated_J) + unseen_J) return null;
    const figures = `${counted_J.toFixed(1)} J, its power ${integrated_J.toFixed(1)} J in ${span_s.toFixed(1)} s`;
    if (counted_J === 0)
      return { code: 'ZERO_UNDER_LOAD', detail: `the energy counter stands still: ${figures}` };
    return { code: 'COUNTER_DISAGREES', detail: `the energy counter states ${figures}` };
  }
}

/**
 * τ·|ΔP| at both ends: a running mean still tells of the power before the span when that begins, and not yet of the last
 * when it ends. ΔP is what it varies by within τ of the end.
 */
function laggingEnergy_J(powers: readonly Sample[], lag_s: Seconds): Joules {
  const first_s = powers[0]?.start_s ?? 0;
  const last_s = powers.at(-1)?.end_s ?? 0;
  const opening = powers.filter(({ start_s }) => start_s < first_s + lag_s);
  const closing = powers.filter(({ end_s }) => end_s > last_s - lag_s);
  return lag_s * (variation_W(opening) + variation_W(closing));
}

function variation_W(powers: readonly Sample[]): Watts {
  const ends_W = powers.flatMap(({ startPower_W = 0, endPower_W = 0 }) => [startPower_W, endPower_W]);
  return ends_W.length === 0 ? 0 : Math.max(...ends_W) - Math.min(...ends_W);
}

/** What the course of power between two readings may hide. Source: METHOD §2, the bound of a gauge. */
function hiddenEnergy_J(powers: readonly Sample[]): Joules {
  return powers.reduce((sum_J, { start_s, end_s, startPower_W = 0, endPower_W = 0 }) => {
    return sum_J + (Math.abs(endPower_W - startPower_W) * (end_s - start_s)) / 2;
  }, 0);
}
