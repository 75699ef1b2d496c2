import type { Batch, Domain } from '../../src/core/sample.ts';
import type { Seconds, Watts } from '../../src/core/units.ts';
import { domainOf } from '../channel.ts';
import { Channels } from '../channels.ts';
import type { BatteryReading } from './reading.ts';

export const SOURCE = 'battery';
/** Chargers of laptops end at 240 W, and batteries before. A declared assumption. */
const MOST_W: Watts = 300;
/** Fuel gauges renew their current every second to every half minute. A declared assumption. */
const UPDATE_s: Seconds = 2;
const STALE_s: Seconds = 60;

export const BATTERY: Domain = domainOf({
  id: 'battery',
  label: 'Battery',
  scope: 'whole machine from its battery, only while it discharges; display included',
  source: SOURCE,
  kind: 'gauge',
  rank: 3,
  quantum_J: 0,
  maxPower_W: MOST_W,
  misalignment_s: UPDATE_s / 2,
});

export class BatteryAccount {
  readonly #channels = new Channels(SOURCE);

  /** On the mains there is nothing to count, which is no fault: the chain breaks without an event. */
  take(reading: BatteryReading, at_s: Seconds): Batch {
    const channel = this.#channels.of(BATTERY.id, () => ({ domain: BATTERY, options: { stale_s: STALE_s } }));
    const { isDischarging, power_W, why } = reading;
    const power_source = isDischarging === null ? null : isDischarging ? 'battery' : 'mains';
    const isFault = isDischarging !== false;
    const news = channel.power(at_s, isFault ? power_W : null, why ?? 'not stated');
    const told = isFault ? news : { ...news, events: [] };
    return this.#channels.batch([told], { at_s, facts: { [SOURCE]: { power_source } } });
  }

  garbage(at_s: Seconds, detail: string): Batch {
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }
}
