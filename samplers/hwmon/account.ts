import type { Batch, Domain } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { Channels } from '../channels.ts';
import { inBaseUnits, SOURCE } from './devices.ts';

/** A counter of energy that stands still for so long is not fed. */
const STALE_s: Seconds = 5;

/** One beat's reading of one device. */
export interface HwmonReading {
  readonly domain: Domain;
  /** µW, or µJ of a counter; null with the reason in `why`. */
  readonly number: number | null;
  readonly why: string | null;
}

export class HwmonAccount {
  readonly #channels = new Channels(SOURCE);

  take(readings: readonly HwmonReading[], at_s: Seconds): Batch {
    const news = readings.map(({ domain, number, why }) => {
      const options = { stale_s: domain.kind === 'counter' ? STALE_s : null };
      const channel = this.#channels.of(domain.id, () => ({ domain, options }));
      const value = number === null ? null : inBaseUnits(domain, number);
      const word = why ?? 'not stated';
      return domain.kind === 'counter' ? channel.energy(at_s, value, word) : channel.power(at_s, value, word);
    });
    return this.#channels.batch(news, { at_s });
  }

  garbage(at_s: Seconds, detail: string): Batch {
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }
}
