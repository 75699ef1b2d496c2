import type { CodeId } from '../src/core/codes.ts';
import type { Domain, RecordedEvent, Sample } from '../src/core/sample.ts';
import type { Joules, Seconds, Watts } from '../src/core/units.ts';
import { mW_PER_W } from '../src/core/units.ts';
import { CounterChain } from './from-counter.ts';
import { GaugeChain } from './from-gauge.ts';
import { sampleFromMean } from './from-mean.ts';

/** From here on a reading is no overshoot. A declared assumption. */
const IMPLAUSIBLE_RATIO = 2;
/** From here on, and plausible when divided by a thousand, it is read in the wrong unit. */
const UNIT_RATIO = 10;
/** No whole machine that runs a model draws less. A declared assumption. */
const LEAST_SYSTEM_W: Watts = 0.1;
const SYSTEM_RANK = 3;

export interface ChannelOptions {
  /** Of a counter: where it begins again at 0; null: it is not known to. */
  readonly range_J?: Joules | null;
  /** A reading that stands still for so long is said to be stale; null: it may. */
  readonly stale_s?: Seconds | null;
}

export interface ChannelNews {
  readonly sample: Sample | null;
  readonly events: readonly RecordedEvent[];
}

/** What a domain says about itself beyond the usual. */
export type DomainFacts = Pick<Domain, 'id' | 'label' | 'scope' | 'source' | 'kind' | 'rank' | 'maxPower_W'> &
  Partial<Domain>;

export function domainOf(facts: DomainFacts): Domain {
  return {
    parent: null,
    quantum_J: 0,
    rails: 1,
    minPower_W: 0,
    misalignment_s: 0,
    averaging_s: null,
    systematicRatio: null,
    ...facts,
  };
}

/** One domain of one stream: its chain of readings, and what is odd about them. Odd readings are left out, never changed. */
export class Channel {
  readonly domain: Domain;
  readonly #gauge: GaugeChain;
  readonly #counter: CounterChain;
  readonly #stale_s: Seconds | null;
  #isOut = false;
  #still: { readonly value: number; readonly since_s: Seconds; readonly told_s: Seconds } | null = null;

  constructor(domain: Domain, { range_J = null, stale_s = null }: ChannelOptions = {}) {
    this.domain = domain;
    const { id, maxPower_W } = domain;
    this.#gauge = new GaugeChain(id, domain.kind === 'averaged' ? 'averaged' : 'gauge');
    this.#counter = new CounterChain({ domain: id, range_J, maxPower_W: IMPLAUSIBLE_RATIO * maxPower_W });
    this.#stale_s = stale_s;
  }

  /** Power at an instant. `why`: the source's word where there is no number. */
  power(at_s: Seconds, power_W: Watts | null, why = 'not stated'): ChannelNews {
    const events = this.#odd(at_s, power_W, why);
    const sound_W = events.some(isRefusal) ? null : power_W;
    if (sound_W !== null && sound_W > 0) events.push(...this.#stale(at_s, sound_W));
    return { sample: this.#gauge.read(at_s, sound_W), events };
  }

  /** Cumulative energy at an instant; a failed read is bridged by the next. */
  energy(at_s: Seconds, energy_J: Joules | null, why = 'not stated'): ChannelNews {
    const events = this.#outage(at_s, energy_J === null, why);
    const { sample, reset } = this.#counter.read(at_s, energy_J);
    if (reset !== null) events.push(this.event('COUNTER_RESET', at_s, reset));
    // A coarse counter rises in steps: what it rose by was used since its last step.
    const since_s = this.#still?.since_s ?? at_s;
    if (energy_J !== null) events.push(...this.#stale(at_s, energy_J));
    if (sample === null) return { sample, events };
    const power_W = sample.energy_J / (at_s - Math.min(since_s, sample.start_s));
    if (power_W <= IMPLAUSIBLE_RATIO * this.domain.maxPower_W) return { sample, events };
    const jump = `the counter rose by ${sample.energy_J} J: ${power_W.toFixed(1)} W`;
    return { sample: null, events: [...events, this.event('IMPLAUSIBLE_POWER', at_s, jump)] };
  }

  /** Mean power over the source's own window, which ends with its arrival. */
  mean(
    window: { readonly arrival_s: Seconds; readonly width_s: Seconds },
    power_W: Watts | null,
    why = 'not stated',
  ): ChannelNews {
    const { arrival_s, width_s } = window;
    const events = this.#odd(arrival_s, power_W, why);
    if (power_W === null || events.some(isRefusal)) return { sample: null, events };
    const sample = sampleFromMean({
      domain: this.domain.id,
      energy_J: power_W * width_s,
      width_s,
      arrival_s,
    });
    return { sample, events: power_W > 0 ? [...events, ...this.#stale(arrival_s, power_W)] : events };
  }

  event(code: CodeId, at_s: Seconds, detail: string): RecordedEvent {
    return { code, source: this.domain.source, at_s, domain: this.domain.id, detail };
  }

  #odd(at_s: Seconds, power_W: Watts | null, why: string): RecordedEvent[] {
    const events = this.#outage(at_s, power_W === null, why);
    const verdict = power_W === null ? null : this.#verdict(power_W);
    if (verdict !== null) {
      const { label, maxPower_W } = this.domain;
      events.push(this.event(verdict, at_s, `${label} reads ${power_W} W; its most is ${maxPower_W} W`));
    }
    return events;
  }

  /** Once for each outage. */
  #outage(at_s: Seconds, isMissing: boolean, why: string): RecordedEvent[] {
    const isNew = isMissing && !this.#isOut;
    this.#isOut = isMissing;
    return isNew ? [this.event('RAIL_MISSING', at_s, `${this.domain.label} gives no reading: ${why}`)] : [];
  }

  #verdict(power_W: Watts): 'IMPLAUSIBLE_POWER' | 'UNIT_SUSPECT' | null {
    const { maxPower_W, rank } = this.domain;
    if (!(power_W >= 0) || !Number.isFinite(power_W)) return 'IMPLAUSIBLE_POWER';
    if (power_W > IMPLAUSIBLE_RATIO * maxPower_W) {
      return power_W > UNIT_RATIO * maxPower_W && power_W / mW_PER_W <= maxPower_W
        ? 'UNIT_SUSPECT'
        : 'IMPLAUSIBLE_POWER';
    }
    return rank >= SYSTEM_RANK && power_W > 0 && power_W < LEAST_SYSTEM_W ? 'UNIT_SUSPECT' : null;
  }

  #stale(at_s: Seconds, value: number): RecordedEvent[] {
    const still = this.#still;
    const limit_s = this.#stale_s;
    if (still === null || still.value !== value) {
      this.#still = { value, since_s: at_s, told_s: at_s };
      return [];
    }
    if (limit_s === null || at_s - still.told_s < limit_s) return [];
    this.#still = { ...still, told_s: at_s };
    const stood = `${this.domain.label} has stood still for ${(at_s - still.since_s).toFixed(1)} s`;
    return [this.event('STALE_READING', at_s, stood)];
  }
}

function isRefusal(event: RecordedEvent): boolean {
  return event.code === 'IMPLAUSIBLE_POWER' || event.code === 'UNIT_SUSPECT';
}
