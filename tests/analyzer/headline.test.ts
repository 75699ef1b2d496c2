import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { type Answer, headlineOf } from '../../src/analyzer/headline.ts';
import { runDocumentSchema } from '../../src/core/schemas/run-document.ts';
import { PLAIN, plainCourse, plainSeries, plainSession } from '../support/plain-session.ts';
import { edgesBetween, meanSeries } from '../support/power-course.ts';
import { domainOf } from '../support/recording.ts';

const soc = { domain: domainOf() };
const wall = { domain: domainOf({ id: 'wall', source: 'plug', rank: 4, maxPower_W: 3680 }) };

/** One window: joules of each domain, gross and net. */
const window = (
  joules: Record<string, readonly [number | null, number | null]>,
  codes: Answer['codes'] = [],
): Answer[] =>
  Object.entries(joules).map(([domain, [gross_J, net_J]]) => ({
    domain,
    gross_J,
    net_J,
    codes: gross_J === null ? codes : [],
  }));
const both = window({ soc: [9, 8], wall: [20, 15] });
const withoutWall = window({ soc: [9, 8], wall: [null, null] }, ['COVERAGE_LOW', 'GAP']);

describe('headlineOf', () => {
  test('the widest, where it answers as often as the others', () => {
    expect(headlineOf([soc, wall], [both, both])).toEqual({ headline: wall, passedOver: [] });
  });

  test('a wider one without a joule is passed over, and what withheld its joules is said', () => {
    const { headline, passedOver } = headlineOf([soc, wall], [withoutWall, withoutWall]);
    expect(headline).toBe(soc);
    expect(passedOver).toEqual([{ domain: 'wall', n: 0, count: 2, codes: ['COVERAGE_LOW'] }]);
  });

  test('one choice for the run: half of the answers is enough, less is not', () => {
    expect(headlineOf([soc, wall], [both, withoutWall]).headline).toBe(wall);
    expect(headlineOf([soc, wall], [both, withoutWall, withoutWall]).headline).toBe(soc);
  });

  test('a source that came too late for a baseline has gross alone, and yields to one with net', () => {
    const late = window({ soc: [9, 8], wall: [20, null] });
    expect(headlineOf([soc, wall], [late]).headline).toBe(soc);
    expect(headlineOf([soc, wall], [window({ soc: [9, null], wall: [20, null] })]).headline).toBe(wall);
  });

  test('where no domain has a joule the widest stays, so that the run is void', () => {
    const none = window({ soc: [null, null], wall: [null, null] }, ['MODEL_MISMATCH']);
    expect(headlineOf([soc, wall], [none])).toEqual({ headline: wall, passedOver: [] });
    expect(headlineOf([soc, wall], [])).toEqual({ headline: wall, passedOver: [] });
    expect(headlineOf([], [])).toEqual({ headline: null, passedOver: [] });
  });
});

describe('a wall meter beside a sound chip', () => {
  const course = plainCourse();
  const meter = (to_s: number) =>
    meanSeries(course, { domain: 'wall', edges_s: edgesBetween({ from_s: 0.2, to_s }, 0.5) });
  const session = (to_s: number) =>
    analyze(
      plainSession({
        series: [plainSeries(), meter(to_s)],
        recording: { domains: [soc.domain, wall.domain] },
      }),
    );

  test('that died within the request costs its own row, not the headline', () => {
    const document = session(PLAIN.requested_s + 4);
    expect(document.headline).toBe('soc');
    expect(document.passedOver).toEqual([
      { domain: 'wall', n: 0, count: 1, codes: ['NOT_BRACKETED', 'COVERAGE_LOW'] },
    ]);
    const quoted = document.summary.filter(({ headline }) => headline);
    expect(quoted.map(({ domain, grade, n }) => ({ domain, grade, n }))).toEqual([
      { domain: 'soc', grade: 'A', n: 1 },
      { domain: 'soc', grade: 'A', n: 1 },
    ]);
    const rows = new Map(document.trials[0]?.energy.map((row) => [row.domain, row]));
    expect(rows.get('wall')?.gross_J).toBeNull();
    expect(rows.get('soc')?.closure).toBeNull();
    expect(rows.get('soc')?.codes).toContain('DOMAIN_PARTIAL');
    expect(runDocumentSchema.parse(document).headline).toBe('soc');
  });

  test('that lived is the headline, and nothing is passed over', () => {
    const document = session(PLAIN.end_s - 1);
    expect(document.headline).toBe('wall');
    expect(document).not.toHaveProperty('passedOver');
  });

  test('without any request the phases decide', () => {
    const idle = plainSession({
      series: [plainSeries(), meter(PLAIN.requested_s + 4)],
      recording: { domains: [soc.domain, wall.domain], trials: [] },
    });
    expect(analyze(idle).headline).toBe('soc');
  });
});
