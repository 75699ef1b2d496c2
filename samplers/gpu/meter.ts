import type { CodeId } from '../../src/core/codes.ts';
import type { Domain, RecordedEvent, Sample } from '../../src/core/sample.ts';
import type { Joules, Seconds, Watts } from '../../src/core/units.ts';
import { CounterChain } from '../from-counter.ts';
import { GaugeChain } from '../from-gauge.ts';
import { CrossCheck } from './cross-check.ts';
import { judgePower, maxPower_W } from './limits.ts';
import type { GpuReading, GpuSource, PowerField } from './reading.ts';
import { SensorTiming } from './sensor-timing.ts';

/** What one reading of one board gives. */
export interface MeterNews {
  readonly sample: Sample | null;
  readonly events: readonly RecordedEvent[];
  /** Facts that the stream itself showed, to be observed. */
  readonly facts: Readonly<Record<string, string | number | null>>;
  /** True: the declaration of the domain is new or has changed. */
  readonly announce: boolean;
}

/** A throttled board is said so again after this time, so that later windows hear of it. */
const AGAIN_s = 1;

/** One board: which of its readings is used, its chains, and what is odd about it. */
export class GpuMeter {
  readonly id: string;
  readonly #source: GpuSource;
  readonly #gauge: GaugeChain;
  readonly #counter: CounterChain;
  readonly #check = new CrossCheck();
  #field: PowerField | null = null;
  #timing: SensorTiming | null = null;
  #counts = false;
  #limit_W: Watts | null = null;
  #name: string | null = null;
  #announced = '';
  #rose_s: Seconds = Number.POSITIVE_INFINITY;
  #isOut = false;
  #isUnitWrong = false;
  #slowed_s: Seconds = Number.NEGATIVE_INFINITY;

  constructor(source: GpuSource, index: number) {
    this.id = `gpu:${index}`;
    this.#source = source;
    // The samples of a counting board's gauge are for the cross-check alone, so its kind does not matter.
    this.#gauge = new GaugeChain(this.id, 'gauge');
    this.#counter = new CounterChain({ domain: this.id, range_J: null, maxPower_W: maxPower_W(null) });
  }

  /** Null until a reading gave power or energy. */
  get domain(): Domain | null {
    const field = this.#field;
    if (field === null && !this.#counts) return null;
    const { source, energyScope, energyStep_J, powerStep_W, transport_s, systematicRatio } = this.#source;
    const timing = this.#counts ? null : this.#timing;
    return {
      id: this.id,
      label: this.#name === null ? `GPU ${this.id.slice('gpu:'.length)}` : this.#name,
      parent: null,
      scope: this.#counts ? energyScope : (field?.scope ?? energyScope),
      source,
      kind: this.#counts ? 'counter' : (field?.kind ?? 'counter'),
      rank: 2,
      quantum_J: timing === null ? energyStep_J : powerStep_W * timing.update_s,
      rails: 1,
      minPower_W: 0,
      maxPower_W: maxPower_W(this.#limit_W),
      misalignment_s: transport_s + (timing === null ? 0 : lagOf_s(timing)),
      averaging_s: timing?.averaging_s ?? null,
      systematicRatio,
    };
  }

  read(reading: GpuReading, at_s: Seconds): MeterNews {
    this.#learn(reading);
    const events: RecordedEvent[] = [];
    const say = (code: CodeId, detail: string): void => {
      events.push({ code, source: this.#source.source, at_s, domain: this.id, detail });
    };
    const power_W = this.#judged(reading, say);
    this.#tellOutage(reading, say);
    this.#tellSlowing(reading, at_s, say);
    const published = this.#published(power_W, at_s, say);
    return {
      sample: this.#sample(reading.energy_J, power_W, { at_s, say }),
      events,
      ...published,
      announce: this.#isNews(),
    };
  }

  #learn(reading: GpuReading): void {
    this.#name ??= reading.name;
    if (reading.limit_W !== null && reading.limit_W > 0) this.#limit_W = reading.limit_W;
    // Kinds of a domain are never mixed: what it began with, it keeps.
    if (this.#field !== null || this.#counts) return;
    this.#field = reading.powers.find((field) => field.power_W !== null) ?? null;
    this.#timing = this.#field === null ? null : new SensorTiming(this.#field);
    this.#counts = reading.energy_J !== null && reading.energy_J > 0;
  }

  /** Power of the field in use; null where it is missing or cannot be. What it was, is in the event. */
  #judged(reading: GpuReading, say: Say): Watts | null {
    const power_W = reading.powers.find((field) => field.label === this.#field?.label)?.power_W ?? null;
    if (power_W === null) return null;
    const verdict = judgePower(power_W, { limit_W: this.#limit_W, loadRatio: reading.loadRatio });
    const stated = `${this.#field?.label} states ${power_W} W`;
    if (verdict === 'unit') this.#isUnitWrong = true;
    // One such reading makes the unit of all others doubtful, also of small ones.
    if (this.#isUnitWrong) say('UNIT_SUSPECT', `${stated}${this.#limitText()}`);
    else if (verdict === 'implausible' || verdict === 'negative')
      say('IMPLAUSIBLE_POWER', `${stated}${this.#limitText()}`);
    else if (verdict === 'zero-under-load') say('ZERO_UNDER_LOAD', `${stated} at ${reading.loadRatio} load`);
    return this.#isUnitWrong || verdict === 'implausible' || verdict === 'negative' ? null : power_W;
  }

  #limitText(): string {
    return this.#limit_W === null ? '' : `; its limit is ${this.#limit_W} W`;
  }

  /** Once for each outage, and once for a board that never stated anything. */
  #tellOutage(reading: GpuReading, say: Say): void {
    const field = this.#field;
    const used = reading.powers.find((one) => one.label === field?.label);
    const isMissing = this.#counts ? reading.energy_J === null : (used?.power_W ?? null) === null;
    if (isMissing && !this.#isOut) {
      const stated = new Set(reading.powers.flatMap((one) => one.word ?? []));
      const words = [...stated].join(', ') || 'not stated';
      const board = this.#name === null ? this.id : `${this.id} (${this.#name})`;
      const never = field === null && !this.#counts ? `; ${this.#source.instead(this.#name)}` : '';
      say('RAIL_MISSING', `${board} gives no ${this.#counts ? 'energy' : 'power'}: ${words}${never}`);
    }
    this.#isOut = isMissing;
  }

  #tellSlowing(reading: GpuReading, at_s: Seconds, say: Say): void {
    if (reading.slowedBy.length === 0) {
      this.#slowed_s = Number.NEGATIVE_INFINITY;
      return;
    }
    if (at_s - this.#slowed_s < AGAIN_s) return;
    this.#slowed_s = at_s;
    say('THROTTLED', `${this.id} is slowed by ${reading.slowedBy.join(', ')}`);
  }

  #published(power_W: Watts | null, at_s: Seconds, say: Say): Pick<MeterNews, 'facts'> {
    const label = this.#field?.label ?? null;
    const timing = this.#timing;
    if (power_W === null || timing === null) {
      timing?.forget();
      return { facts: { power_field: label } };
    }
    const { period_s, stale_s } = timing.read(at_s, power_W);
    // A power printed in whole watts stands still at idle, and zero is no sensor's noise.
    if (stale_s !== null && power_W > 0 && this.#source.powerStep_W < 1) {
      say('STALE_READING', `${label} has stood at ${power_W} W for ${stale_s.toFixed(1)} s`);
    }
    return { facts: { power_field: label, update_period_s: period_s, ...timing.facts } };
  }

  #sample(
    energy_J: Joules | null,
    power_W: Watts | null,
    { at_s, say }: { readonly at_s: Seconds; readonly say: Say },
  ): Sample | null {
    const integrated = this.#gauge.read(at_s, power_W);
    if (!this.#counts) {
      const kind = this.#field?.kind;
      return integrated === null || kind === undefined ? null : { ...integrated, kind };
    }
    this.#counter.maxPower_W = maxPower_W(this.#limit_W);
    const { sample: counted, reset } = this.#counter.read(at_s, energy_J);
    if (reset !== null) say('COUNTER_RESET', reset);
    const sample = counted === null || this.#isJump(counted, say) ? null : counted;
    const lag_s = (this.#timing?.averaging_s ?? 0) + (this.#timing?.update_s ?? 0);
    const disagreement = this.#check.add(sample, integrated, lag_s);
    if (disagreement !== null) say(disagreement.code, disagreement.detail);
    return sample;
  }

  /** More than the board can have used in that time: said, and left out, as impossible power is. */
  #isJump(sample: Sample, say: Say): boolean {
    // A coarse counter rises in steps: what it rose by was used since its last step.
    const since_s = Math.min(this.#rose_s, sample.start_s);
    this.#rose_s = sample.energy_J > 0 ? sample.end_s : since_s;
    const power_W = sample.energy_J / (sample.end_s - since_s);
    if (judgePower(power_W, { limit_W: this.#limit_W, loadRatio: null }) === 'fits') return false;
    say(
      'IMPLAUSIBLE_POWER',
      `the energy counter rose by ${sample.energy_J} J: ${power_W} W${this.#limitText()}`,
    );
    return true;
  }

  #isNews(): boolean {
    const text = JSON.stringify(this.domain);
    if (text === this.#announced || text === 'null') return false;
    this.#announced = text;
    return true;
  }
}

/** A reading is half an update period old on average, and stands for the middle of what it averages. */
function lagOf_s({ averaging_s, update_s }: Pick<SensorTiming, 'averaging_s' | 'update_s'>): Seconds {
  return update_s / 2 + (averaging_s ?? update_s) / 2;
}

type Say = (code: CodeId, detail: string) => void;
