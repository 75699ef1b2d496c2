import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { CodeId } from '../../src/core/codes.ts';
import { COMPOSITION, KEPT } from '../../src/core/environment-names.ts';
import type { Observation, RecordedEvent } from '../../src/core/sample.ts';
import { PLAIN, plainCourse, plainSeries, plainSession } from '../support/plain-session.ts';
import { edgesBetween, meanSeries } from '../support/power-course.ts';
import { domainOf } from '../support/recording.ts';

const board = domainOf({ id: 'gpu:0', source: 'tool', rank: 0 });
const stalled = (at_s: number): RecordedEvent => ({
  code: 'SAMPLER_STALLED',
  source: 'tool',
  at_s,
  domain: null,
  detail: 'no reading yet: the recording begins without it',
});
const KEPT_TOOL: Observation = { source: COMPOSITION, name: `${KEPT} tool`, at_s: 0, value: 'the only one' };

function codesBySource(from_s: number | null, observations: readonly Observation[] = [KEPT_TOOL]) {
  const late =
    from_s === null
      ? []
      : [meanSeries(plainCourse(), { domain: 'gpu:0', edges_s: edgesBetween({ from_s, to_s: 49 }, 0.5) })];
  const document = analyze(
    plainSession({
      series: [plainSeries(), ...late],
      recording: {
        domains: from_s === null ? [domainOf()] : [domainOf(), board],
        events: [stalled(1)],
        observations,
      },
    }),
  );
  const rows = document.trials[0]?.energy ?? [];
  return new Map<string, readonly CodeId[]>(rows.map(({ domain, codes }) => [domain, codes]));
}

describe('a source that the recording began without', () => {
  test('has SAMPLER_STALLED on what it missed, and the others do not', () => {
    const codes = codesBySource(PLAIN.requested_s + 2);
    expect(codes.get('gpu:0')).toContain('SAMPLER_STALLED');
    expect(codes.get('soc')).toEqual(['DOMAIN_PARTIAL']);
  });

  test('has nothing to answer for once it has joined', () => {
    expect(codesBySource(PLAIN.requested_s - 2).get('gpu:0')).not.toContain('SAMPLER_STALLED');
  });

  test('and that never joined concerns no row', () => {
    expect(codesBySource(null).get('soc')).toEqual(['DOMAIN_PARTIAL']);
    // A word about nobody's meter concerns all.
    expect(codesBySource(null, []).get('soc')).toContain('SAMPLER_STALLED');
  });
});
