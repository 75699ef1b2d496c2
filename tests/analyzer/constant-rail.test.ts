import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { CodeId } from '../../src/core/codes.ts';
import type { Domain } from '../../src/core/sample.ts';
import { PLAIN, plainCourse, plainSession } from '../support/plain-session.ts';
import { edgesBetween, gaugeSeries, type PowerCourse, stepsThrough } from '../support/power-course.ts';
import { domainOf } from '../support/recording.ts';

const EDGES_S = edgesBetween({ from_s: 0.2, to_s: PLAIN.end_s - 1 }, 0.5);
const board = domainOf({ id: 'board', source: 'tegrastats', kind: 'gauge', rank: 2 });
/** A rail that sleeps at one step of its sensor, as `VDD_CV 40mW` does without a vision task. */
const rail = domainOf({ id: 'vdd_cv', source: 'tegrastats', kind: 'gauge', rank: 0, parent: 'board' });
const held: PowerCourse = stepsThrough([[0, 0.04]], PLAIN.end_s);

function rippled(course: PowerCourse): PowerCourse {
  return { ...course, power_W: (t_s) => course.power_W(t_s) + 0.01 * Math.sin(7 * t_s) };
}

function codes(
  boardCourse: PowerCourse,
  changed: Partial<Domain> = {},
): ReadonlyMap<string, readonly CodeId[]> {
  const document = analyze(
    plainSession({
      series: [
        gaugeSeries(boardCourse, { domain: 'board', edges_s: EDGES_S }),
        gaugeSeries(held, { domain: 'vdd_cv', edges_s: EDGES_S }),
      ],
      recording: { domains: [board, { ...rail, ...changed }] },
    }),
  );
  return new Map(document.trials[0]?.energy.map((row) => [row.domain, row.codes]));
}

describe('a rail that holds one power', () => {
  test('is not stale while the module that the same chip reads changes from reading to reading', () => {
    const found = codes(rippled(plainCourse()));
    expect(found.get('vdd_cv')).not.toContain('STALE_READING');
    expect(found.get('board')).not.toContain('STALE_READING');
  });

  test('is stale with all the others: the meter is slower than it is asked', () => {
    const found = codes(plainCourse());
    expect(found.get('vdd_cv')).toContain('STALE_READING');
    expect(found.get('board')).toContain('STALE_READING');
  });

  test('is no rail where it is a board of its own, or of another meter', () => {
    expect(codes(rippled(plainCourse()), { rank: 2 }).get('vdd_cv')).toContain('STALE_READING');
    expect(codes(rippled(plainCourse()), { source: 'other' }).get('vdd_cv')).toContain('STALE_READING');
  });
});
