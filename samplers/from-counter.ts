import type { DomainId, Sample } from '../src/core/sample.ts';
import type { Joules, Seconds, Watts } from '../src/core/units.ts';

export interface CounterFacts {
  readonly domain: DomainId;
  /** Where the counter begins again at 0; null: it is not known to. */
  readonly range_J: Joules | null;
  /** Most that the domain can plausibly draw, which tells a wrap-around from a reset. */
  readonly maxPower_W: Watts;
}

export interface CounterStep {
  readonly sample: Sample | null;
  /** Why the difference to the reading before cannot be trusted; its energy is then unknown. */
  readonly reset: string | null;
}

const NOTHING: CounterStep = { sample: null, reset: null };

/**
 * Cumulative readings → samples between successive ones. A failed read (null, negative, not finite) is missing and the
 * next difference bridges it exactly. A fall is a wrap-around only where the time that passed × plausible power is less
 * than the range, else a reset. Source: METHOD §2, kind `counter`; power-sources 2.2.
 */
export class CounterChain {
  #facts: CounterFacts;
  #last: { readonly at_s: Seconds; readonly energy_J: Joules } | null = null;

  constructor(facts: CounterFacts) {
    this.#facts = facts;
  }

  /** The limit may become known, or change, while the counter runs. */
  set maxPower_W(maxPower_W: Watts) {
    this.#facts = { ...this.#facts, maxPower_W };
  }

  read(at_s: Seconds, energy_J: Joules | null): CounterStep {
    if (energy_J === null || !(energy_J >= 0) || !Number.isFinite(energy_J) || !Number.isFinite(at_s)) {
      return NOTHING;
    }
    const before = this.#last;
    if (before !== null && at_s <= before.at_s) return NOTHING;
    this.#last = { at_s, energy_J };
    if (before === null) return NOTHING;
    const { domain, range_J, maxPower_W } = this.#facts;
    const rise_J = energy_J - before.energy_J;
    const plausible_J = (at_s - before.at_s) * maxPower_W;
    if (range_J !== null && plausible_J >= range_J) {
      return resetOf(
        `${(at_s - before.at_s).toFixed(1)} s without a reading: the counter may have begun again`,
      );
    }
    const spent_J = rise_J < 0 && range_J !== null ? rise_J + range_J : rise_J;
    if (spent_J < 0 || (rise_J < 0 && spent_J > plausible_J)) {
      return resetOf(`the counter fell from ${before.energy_J} J to ${energy_J} J`);
    }
    return {
      sample: { domain, start_s: before.at_s, end_s: at_s, energy_J: spent_J, kind: 'counter' },
      reset: null,
    };
  }
}

function resetOf(reset: string): CounterStep {
  return { sample: null, reset };
}
