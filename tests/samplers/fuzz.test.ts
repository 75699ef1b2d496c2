import { describe, expect, test } from 'vitest';
import { SAMPLERS } from '../../samplers/index.ts';
import { fuzzParser } from '../support/fuzz-parsers.ts';
import { FUZZ_SUBJECTS, type FuzzSubject } from '../support/fuzz-subjects.ts';

/** Over all parsers; `scripts/fuzz.ts` runs ten times as many. */
const STREAMS = 100_000;
const SHARES = FUZZ_SUBJECTS.reduce((sum, { share }) => sum + share, 0);

const streamsOf = ({ share }: FuzzSubject): number => Math.ceil((STREAMS * share) / SHARES);

describe('damaged streams: no throw, no unsound sample, time in order, any chunks, no loss without an event', () => {
  test('no parser is left out', () => {
    const fuzzed = new Set(FUZZ_SUBJECTS.map(({ name }) => name.split(/[, ]/)[0]));
    expect([...fuzzed].sort()).toEqual(SAMPLERS.map(({ id }) => id).sort());
    expect(FUZZ_SUBJECTS.reduce((sum, subject) => sum + streamsOf(subject), 0)).toBeGreaterThanOrEqual(
      STREAMS,
    );
  });

  test.each(FUZZ_SUBJECTS.map((subject) => [streamsOf(subject), subject.name, subject] as const))(
    '%i of %s',
    (count, _name, subject) => {
      const violations: string[] = [];
      let [samples, events] = [0, 0];
      for (let seed = 1; seed <= count; seed++) {
        const outcome = fuzzParser(subject, seed);
        samples += outcome.samples;
        events += outcome.events;
        violations.push(...outcome.violations.map((text) => `seed ${seed}: ${text}`));
      }
      expect(violations.slice(0, 5)).toEqual([]);
      // Most of what is whole is read, and much of what is damaged is told.
      expect(samples).toBeGreaterThan(count);
      expect(events).toBeGreaterThan(count / 10);
    },
  );
});
