import { describe, expect, test } from 'vitest';
import { timelineOf } from '../../src/analyzer/timeline.ts';
import { windowEnergy } from '../../src/analyzer/window-energy.ts';
import type { SampleSeries } from '../../src/core/sample.ts';
import {
  courseThrough,
  edgesBetween,
  gaugeSeries,
  meanSeries,
  type PowerCourse,
  stepsThrough,
} from '../support/power-course.ts';
import { domainOf } from '../support/recording.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';

const END_S = 30;
const MOST_W = 60;

/** Steps, ramps, spikes and squares between 0 and 60 W. */
const COURSES: Record<string, (random: SeededRandom) => PowerCourse> = {
  steps: (random) =>
    stepsThrough(
      Array.from(
        { length: 12 },
        (_, i) => [i * 2.5 + random.between(0, 2), random.between(0, MOST_W)] as const,
      ),
      END_S + 5,
    ),
  ramps: (random) =>
    courseThrough(Array.from({ length: 15 }, (_, i) => [i * 2.5, random.between(0, MOST_W)] as const)),
  spikes: (random) =>
    stepsThrough(
      Array.from({ length: 30 }, (_, i) => {
        const t_s = i * 1.1 + random.between(0, 0.9);
        return [
          [t_s, MOST_W],
          [t_s + 0.05, 3],
        ] as const;
      }).flat(),
      END_S + 5,
    ),
  squares: (random) => {
    const period_s = random.between(0.3, 4);
    return stepsThrough(
      Array.from(
        { length: Math.ceil(36 / period_s) },
        (_, i) => [i * period_s, i % 2 === 0 ? 2 : 50] as const,
      ),
      END_S + 5,
    );
  },
};

interface Case {
  readonly misalignment_s: number;
  readonly quantum_J: number;
  readonly kind: 'mean' | 'counter' | 'gauge';
}

/** How many of `count` random windows hold the truth inside their bound. */
function countHeld(
  makeCourse: (random: SeededRandom) => PowerCourse,
  { misalignment_s, quantum_J, kind }: Case,
): number {
  const random = seededRandom(7);
  const count = 400;
  let held = 0;
  for (let i = 0; i < count; i++) {
    const course = makeCourse(random);
    const interval_s = random.between(0.1, 2);
    const edges_s = edgesBetween({ from_s: 0, to_s: END_S }, interval_s, () => random.between(-0.1, 0.1));
    const offset_s = random.between(-misalignment_s, misalignment_s);
    const exact =
      kind === 'gauge' ? gaugeSeries(course, { edges_s }) : meanSeries(course, { edges_s, quantum_J });
    const series: SampleSeries = {
      ...exact,
      start_s: exact.start_s.map((t_s) => t_s + offset_s),
      end_s: exact.end_s.map((t_s) => t_s + offset_s),
    };
    const timeline = timelineOf(domainOf({ kind, misalignment_s, quantum_J }), series, null);
    const start_s = random.between(1, END_S - 4);
    const end_s = random.between(start_s + 0.01, END_S - 1);
    const beforeStart_s = random.next() < 0.5 ? null : 0;
    const energy = windowEnergy(timeline, {
      start_s,
      end_s,
      beforeStart_s,
      beforeEnd_s: beforeStart_s && start_s,
    });
    if (Math.abs(energy.gross_J - course.energy_J(start_s, end_s)) <= energy.bound_J + 1e-9) held++;
  }
  return held / count;
}

describe('the bound of a window', () => {
  test.each(Object.entries(COURSES))(
    'holds the truth of %s sampled as means, misaligned by 20 ms, cut to 1 mJ',
    (_name, course) => {
      expect(
        countHeld(course, { kind: 'mean', misalignment_s: 0.02, quantum_J: 1e-3 }),
      ).toBeGreaterThanOrEqual(0.99);
    },
  );

  test.each(Object.entries(COURSES))(
    'always holds the truth of %s where edges alone matter',
    (_name, course) => {
      expect(countHeld(course, { kind: 'mean', misalignment_s: 0, quantum_J: 0 })).toBe(1);
      expect(countHeld(course, { kind: 'counter', misalignment_s: 0, quantum_J: 0 })).toBe(1);
    },
  );

  test('holds the truth of a gauge read faster than power changes', () => {
    const ramps = COURSES['ramps'];
    if (ramps === undefined) throw new Error('no ramps');
    expect(countHeld(ramps, { kind: 'gauge', misalignment_s: 0, quantum_J: 0 })).toBeGreaterThanOrEqual(0.99);
  });

  test('is zero at constant power only where the limits leave no room, and at most ΔP·w/4 an edge for pro-rated steps', () => {
    const course = stepsThrough(
      [
        [0, 10],
        [5.25, 50],
      ],
      10,
    );
    const series = meanSeries(course, { edges_s: edgesBetween({ from_s: 0, to_s: 10 }, 0.5) });
    const timeline = timelineOf(domainOf({ minPower_W: 10, maxPower_W: 50 }), series, null);
    const window = { start_s: 5.25, end_s: 9, beforeStart_s: null, beforeEnd_s: null };
    expect(windowEnergy(timeline, window).bound_J).toBeCloseTo((40 * 0.5) / 4, 9);
    expect(windowEnergy(timeline, { ...window, start_s: 6.2 }).bound_J).toBeCloseTo(0, 9);
  });

  test('on borders of samples is what the meter cuts off, one step per reading and rail', () => {
    const course = stepsThrough([[0, 3.0011]], 20);
    const series = meanSeries(course, {
      edges_s: edgesBetween({ from_s: 0, to_s: 20 }, 0.5),
      quantum_J: 1e-3,
    });
    const { gross_J, bound_J } = windowEnergy(
      timelineOf(domainOf({ quantum_J: 1e-3, rails: 3 }), series, null),
      {
        start_s: 2,
        end_s: 12,
        beforeStart_s: null,
        beforeEnd_s: null,
      },
    );
    expect(course.energy_J(2, 12) - gross_J).toBeGreaterThan(0.005);
    expect(course.energy_J(2, 12) - gross_J).toBeLessThan(bound_J);
    expect(bound_J).toBeGreaterThanOrEqual(20 * 3e-3);
    expect(bound_J).toBeLessThanOrEqual(21 * 3e-3 + 1e-9);
  });

  test('grows with the misalignment that the source declares', () => {
    const series = meanSeries(stepsThrough([[0, 10]], 10), {
      edges_s: edgesBetween({ from_s: 0, to_s: 10 }, 0.5),
    });
    const boundAt = (misalignment_s: number): number =>
      windowEnergy(timelineOf(domainOf({ misalignment_s }), series, null), {
        start_s: 2.2,
        end_s: 7.7,
        beforeStart_s: null,
        beforeEnd_s: null,
      }).bound_J;
    expect(boundAt(0.02)).toBeGreaterThan(boundAt(0) + 1.99 * 0.02 * 60);
  });
});
