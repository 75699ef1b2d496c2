import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Recording } from '../../src/core/run.ts';
import type { Sample, SampleSeries } from '../../src/core/sample.ts';
import { openStore, type RecordingPart } from '../../src/storage/store.ts';
import {
  anyDomain,
  anyEvent,
  anyObservation,
  anyPhase,
  anySample,
  anyText,
  anyTrial,
  jsonNumber,
  newRun,
} from '../support/any-recording.ts';

const anyPart: fc.Arbitrary<Required<Omit<RecordingPart, 'settings'>>> = fc.record({
  samples: fc.array(anySample, { maxLength: 30 }),
  domains: fc.array(anyDomain, { maxLength: 3 }),
  observations: fc.array(anyObservation, { maxLength: 5 }),
  events: fc.array(anyEvent, { maxLength: 5 }),
  marks: fc.array(fc.record({ monotonic_s: jsonNumber, wallAt: anyText }), { maxLength: 2 }),
  phases: fc.array(anyPhase, { maxLength: 3 }),
  trials: fc.array(anyTrial, { maxLength: 2 }),
  failures: fc.array(fc.record({ model: anyText, code: anyText, message: anyText, at_s: jsonNumber }), {
    maxLength: 2,
  }),
});

/** The later of equal keys, in the place of the first. */
function latestBy<T, K>(items: readonly T[], key: (item: T) => K): T[] {
  const latest = new Map<K, T>();
  for (const item of items) latest.set(key(item), item);
  return [...latest.values()];
}

/** By first appearance, each stably sorted by its end. */
function seriesOf(samples: readonly Sample[]): SampleSeries[] {
  const keys = [...new Set(samples.map(({ domain, kind }) => `${kind}\0${domain}`))];
  return keys.map((key) => {
    const own = samples.filter(({ domain, kind }) => `${kind}\0${domain}` === key);
    const sorted = own.toSorted((a, b) => a.end_s - b.end_s);
    const first = own[0];
    if (first === undefined) throw new Error('an empty series');
    const hasPower = own.some((s) => s.startPower_W !== undefined || s.endPower_W !== undefined);
    return {
      domain: first.domain,
      kind: first.kind,
      start_s: Float64Array.from(sorted, (s) => s.start_s),
      end_s: Float64Array.from(sorted, (s) => s.end_s),
      energy_J: Float64Array.from(sorted, (s) => s.energy_J),
      startPower_W: Float64Array.from(hasPower ? sorted : [], (s) => s.startPower_W ?? Number.NaN),
      endPower_W: Float64Array.from(hasPower ? sorted : [], (s) => s.endPower_W ?? Number.NaN),
    };
  });
}

describe('RunStore.load', () => {
  test('gives back exactly what was appended, in order', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 4 }), (parts) => {
        const store = openStore(':memory:');
        const run = newRun('run');
        store.createRun(run);
        for (const part of parts) store.append(run.id, part);
        const expected: Recording = {
          run,
          domains: latestBy(
            parts.flatMap((part) => part.domains),
            ({ id }) => id,
          ),
          series: seriesOf(parts.flatMap((part) => part.samples)),
          phases: parts.flatMap((part) => part.phases),
          trials: latestBy(
            parts.flatMap((part) => part.trials),
            ({ index }) => index,
          ),
          observations: parts.flatMap((part) => part.observations),
          events: parts.flatMap((part) => part.events),
          marks: parts.flatMap((part) => part.marks),
          ...(parts.some((part) => part.failures.length > 0)
            ? { failures: parts.flatMap((part) => part.failures) }
            : {}),
        };
        expect(store.load(run.id)).toEqual(expected);
        store.close();
      }),
      { numRuns: 60 },
    );
  });

  test('runs of one file do not mix', () => {
    fc.assert(
      fc.property(anyPart, anyPart, (a, b) => {
        const [shared, alone] = [openStore(':memory:'), openStore(':memory:')];
        for (const store of [shared, alone]) store.createRun(newRun('a'));
        shared.createRun(newRun('b'));
        shared.append('b', b);
        shared.append('a', a);
        shared.append('b', b);
        alone.append('a', a);
        expect(shared.load('a')).toEqual(alone.load('a'));
        shared.close();
        alone.close();
      }),
      { numRuns: 20 },
    );
  });
});
