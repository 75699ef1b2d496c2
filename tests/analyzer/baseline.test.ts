import { describe, expect, test } from 'vitest';
import {
  baselinePlan,
  baselinesAround,
  idlePower,
  interpolatedBaseline,
} from '../../src/analyzer/baseline.ts';
import { timelineOf } from '../../src/analyzer/timeline.ts';
import type { Phase } from '../../src/core/run.ts';
import { edgesBetween, meanSeries, stepsThrough } from '../support/power-course.ts';
import { domainOf, trialOf } from '../support/recording.ts';

const baseline = (start_s: number, end_s: number): Phase => ({ kind: 'baseline', start_s, end_s });

const course = stepsThrough(
  [
    [0, 4],
    [10.2, 30],
    [15, 5],
  ],
  30,
);
const timeline = timelineOf(
  domainOf(),
  meanSeries(course, { edges_s: edgesBetween({ from_s: 0, to_s: 30 }, 0.5) }),
  null,
);

describe('idlePower', () => {
  test('is the mean over readings wholly inside the phase: the one that holds the request is left out', () => {
    expect(idlePower(timeline, baseline(0.2, 10.2))).toMatchObject({
      power_W: 4,
      halfWidth_W: 0,
      start_s: 0.2,
      middle_s: 5.25,
    });
  });

  test('needs two readings', () => {
    expect(idlePower(timeline, baseline(2, 2.9))).toBeNull();
    expect(idlePower(timeline, baseline(2, 3))?.power_W).toBe(4);
  });

  test('is withheld where a reading is impossible', () => {
    const broken = timelineOf(domainOf({ maxPower_W: 1 }), timeline, null);
    expect(idlePower(broken, baseline(0, 10))).toBeNull();
  });
});

describe('baselinesAround', () => {
  const first = trialOf({ baseline_s: 0, requested_s: 10, ended_s: 20, cooledDown_s: 30 });
  const second = trialOf({ baseline_s: 30, requested_s: 40, ended_s: 50, cooledDown_s: 60 }, { index: 1 });
  const closing = baseline(60, 70);
  const request = (start_s: number) => ({ start_s, end_s: start_s + 10 });

  test("takes the trial's own baseline and the next trial's, or the closing one", () => {
    const plan = baselinePlan({ trials: [first, second], phases: [closing] });
    expect(baselinesAround(plan, request(10), first.phases)).toEqual({
      before: first.phases[0],
      after: second.phases[0],
      isOwn: true,
    });
    expect(baselinesAround(plan, request(40), second.phases).after).toEqual(closing);
  });

  test('falls back to an earlier one for trials without their own, and says so', () => {
    const bare = { ...second, phases: second.phases.slice(1) };
    const around = baselinesAround(
      baselinePlan({ trials: [first, bare], phases: [] }),
      request(40),
      bare.phases,
    );
    expect(around).toEqual({ before: first.phases[0], after: null, isOwn: false });
  });

  test('never reaches across a load: another model is resident there', () => {
    const load: Phase = { kind: 'load', start_s: 25, end_s: 29 };
    const plan = baselinePlan({ trials: [first, second], phases: [load, closing] });
    expect(baselinesAround(plan, request(10), first.phases).after).toBeNull();
  });
});

describe('interpolatedBaseline', () => {
  const before = { start_s: 0, middle_s: 0, power_W: 4, halfWidth_W: 0.3, df: 1e6 };
  const after = { start_s: 0, middle_s: 10, power_W: 6, halfWidth_W: 0.4, df: 1e6 };

  test('lies between the two, by the time of the request', () => {
    expect(interpolatedBaseline({ state: 'B2', isShared: false }, { before, after }, 2.5)).toMatchObject({
      power_W: 4.5,
      before_W: 4,
      after_W: 6,
      halfWidth_W: expect.closeTo(Math.hypot(0.75 * 0.3, 0.25 * 0.4), 6),
    });
  });

  test('is the only one where there is one, and null where there is none', () => {
    expect(interpolatedBaseline({ state: 'B2', isShared: false }, { before, after: null }, 5)).toEqual({
      state: 'B2',
      power_W: 4,
      halfWidth_W: 0.3,
      before_W: 4,
      after_W: null,
    });
    expect(
      interpolatedBaseline({ state: 'B2', isShared: false }, { before: null, after: null }, 5),
    ).toBeNull();
  });
});
