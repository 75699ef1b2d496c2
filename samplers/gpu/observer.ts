import type { Observation } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';

/** A value that changes is recorded this often at most, so that a stream at 10 Hz fills no memory. */
const LEAST_s = 1;

/** Keeps what changed of a source's observations. */
export class Observer {
  readonly #source: string;
  readonly #known = new Map<string, { readonly at_s: Seconds; readonly value: string | number }>();

  constructor(source: string) {
    this.#source = source;
  }

  /** Names get the domain in front: `gpu:0 temperature_C`. A value that is null says nothing. */
  observe(
    prefix: string,
    at_s: Seconds,
    facts: Readonly<Record<string, string | number | null>>,
  ): Observation[] {
    return Object.entries(facts).flatMap(([fact, value]) => {
      if (value === null) return [];
      const name = `${prefix} ${fact}`;
      const known = this.#known.get(name);
      if (known !== undefined && (known.value === value || at_s - known.at_s < LEAST_s)) return [];
      this.#known.set(name, { at_s, value });
      return [{ source: this.#source, name, at_s, value }];
    });
  }
}
