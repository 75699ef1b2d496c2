import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { phaseEdges, withSteps } from '../../src/analyzer/gauge-steps.ts';
import { type Timeline, timelineOf } from '../../src/analyzer/timeline.ts';
import { windowEnergy } from '../../src/analyzer/window-energy.ts';
import { PLAIN, plainCourse, plainSession } from '../support/plain-session.ts';
import { edgesBetween, gaugeSeries, stepsThrough } from '../support/power-course.ts';
import { domainOf, recordingOf } from '../support/recording.ts';

const course = stepsThrough(
  [
    [0, 4],
    [10.3, 30],
    [15.2, 5],
  ],
  30,
);
const EDGES = Float64Array.of(10.3, 15.2);

function gauge(edges_s: Float64Array, kind: 'gauge' | 'averaged' = 'gauge'): Timeline {
  const readings = gaugeSeries(course, { edges_s: edgesBetween({ from_s: 0, to_s: 30 }, 0.5) });
  return withSteps(timelineOf(domainOf({ kind, maxPower_W: 40 }), readings, null), edges_s);
}

const window = (start_s: number, end_s: number) => ({
  start_s,
  end_s,
  beforeStart_s: null,
  beforeEnd_s: null,
});

describe('a gauge at phase edges', () => {
  test('steps where power does: the energy of the phase is exact, and a line is printed beside', () => {
    const energy = windowEnergy(gauge(EDGES), window(10.3, 15.2));
    expect(energy.gross_J).toBeCloseTo(30 * 4.9, 9);
    expect(energy.proRated_J).toBeCloseTo(
      windowEnergy(gauge(new Float64Array(0)), window(10.3, 15.2)).gross_J,
      9,
    );
    expect(Math.abs(energy.proRated_J - 147)).toBeGreaterThan(2);
  });

  test('stays additive, and inside its bound, whatever the windows', () => {
    const timeline = gauge(EDGES);
    const time = fc.double({ min: 0.5, max: 29, noNaN: true });
    fc.assert(
      fc.property(time, time, time, (...times) => {
        const [a = 0, b = 0, c = 0] = times.sort((x, y) => x - y);
        const [whole, first, second] = [window(a, c), window(a, b), window(b, c)].map((one) =>
          windowEnergy(timeline, one),
        );
        expect((first?.gross_J ?? 0) + (second?.gross_J ?? 0)).toBeCloseTo(whole?.gross_J ?? Number.NaN, 9);
        expect(Math.abs((whole?.gross_J ?? 0) - course.energy_J(a, c))).toBeLessThanOrEqual(
          (whole?.bound_J ?? 0) + 1e-9,
        );
      }),
    );
  });

  test('an edge on a reading, outside the readings, or after another one in the same piece changes nothing', () => {
    const plain = gauge(Float64Array.of(10.3));
    for (const edges_s of [Float64Array.of(10.3, 10.4), Float64Array.of(-1, 3, 10.3, 99)])
      expect(gauge(edges_s).steps).toEqual(plain.steps);
  });

  test('a running mean does not step', () => {
    expect(gauge(EDGES, 'averaged').steps.piece).toHaveLength(0);
  });

  test('edges are those of phases, requests and their parts', () => {
    const { phases, trials } = plainSession();
    expect([...phaseEdges({ phases, trials })]).toEqual(
      expect.arrayContaining([PLAIN.baseline_s, PLAIN.requested_s, PLAIN.ended_s, PLAIN.cooledDown_s]),
    );
  });
});

describe('the row of a gauge', () => {
  test('says what the declared limits alone allow, beside a bound that takes power to stay between readings', () => {
    const edges_s = edgesBetween({ from_s: 0, to_s: 50 }, 0.5);
    const recording = plainSession({
      series: [gaugeSeries(plainCourse(), { edges_s })],
      recording: { domains: [domainOf({ kind: 'gauge', minPower_W: 0, maxPower_W: 60 })] },
    });
    const [row] = analyze(recording).trials[0]?.energy ?? [];
    const duration_s = PLAIN.ended_s - PLAIN.requested_s;
    const { bound_J, limits_J } = row?.uncertainty ?? {};
    expect(limits_J).toBeCloseTo(60 * duration_s - (row?.gross_J ?? 0), 6);
    expect(limits_J ?? 0).toBeGreaterThan(bound_J ?? 0);
  });

  test('other kinds have the one bound only', () => {
    const [row] = analyze(recordingOf(plainSession())).trials[0]?.energy ?? [];
    expect(row?.uncertainty).not.toHaveProperty('limits_J');
  });
});
