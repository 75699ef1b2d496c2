import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { courseThrough, edgesBetween, meanSeries } from '../support/power-course.ts';
import { domainOf, recordingOf, trialOf } from '../support/recording.ts';

/** Idle at 5 W, then 25 W for ten seconds; after a pause of an hour the same with 1 W more. */
const LATER_s = 3600;
const sitting = (from_s: number, idle_W: number) =>
  meanSeries(
    courseThrough([
      [from_s, idle_W],
      [from_s + 11, idle_W],
      [from_s + 11, idle_W + 20],
      [from_s + 21, idle_W + 20],
      [from_s + 21, idle_W],
      [from_s + 41, idle_W],
    ]),
    { edges_s: edgesBetween({ from_s, to_s: from_s + 41 }, 0.5) },
  );

function joined(): ReturnType<typeof sitting> {
  const [early, late] = [sitting(0, 5), sitting(LATER_s, 6)];
  const both = (name: 'start_s' | 'end_s' | 'energy_J'): Float64Array =>
    Float64Array.from([...early[name], ...late[name]]);
  return { ...early, start_s: both('start_s'), end_s: both('end_s'), energy_J: both('energy_J') };
}

const trial = (index: number, from_s: number) =>
  trialOf(
    { baseline_s: from_s + 1, requested_s: from_s + 11, ended_s: from_s + 21, cooledDown_s: from_s + 31 },
    { index, repetition: index },
  );

const recording = recordingOf({
  domains: [domainOf()],
  series: [joined()],
  trials: [trial(0, 0), trial(1, LATER_s)],
  sessions: [{ startedAt: '2026-01-01T01:00:00.000Z', origin_s: 1, start_s: LATER_s, toolVersion: '0.1.0' }],
  events: [{ code: 'GAP', source: 'meter', at_s: LATER_s, domain: null, detail: 'taken up again' }],
});

describe('a run that was taken up again', () => {
  const document = analyze(recording);
  const rows = document.trials.map(({ energy }) => energy[0]);

  test('has the same net energy in both sittings, each above its own idle power', () => {
    for (const row of rows) expect(row?.net_J).toBeCloseTo(200, 0);
  });

  test('interpolates no baseline across the pause', () => {
    expect(rows[0]?.baseline).toMatchObject({ after_W: null });
    expect(rows[0]?.baseline?.power_W).toBeCloseTo(5, 6);
  });

  test('the pause itself is held against no trial', () => {
    for (const row of rows) expect(row?.codes).not.toContain('GAP');
  });

  test('says so', () => {
    expect(document.sessions).toHaveLength(1);
  });
});
