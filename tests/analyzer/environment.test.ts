import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { CodeId } from '../../src/core/codes.ts';
import type { TrialResult } from '../../src/core/result.ts';
import type { Observation } from '../../src/core/sample.ts';
import { PLAIN, plainSession } from '../support/plain-session.ts';

type Seen = readonly [name: string, at_s: number, value: string | number];

function observed(seen: readonly Seen[], source = 'environment'): Observation[] {
  return seen.map(([name, at_s, value]) => ({ source, name, at_s, value }));
}

/** The one trial of a session: baseline 1 to 11 s, request 11 to 25 s, cooldown to 35 s, closing baseline 36 to 46 s. */
function trialWith(observations: readonly Observation[], completion = {}): TrialResult {
  const [trial] = analyze(plainSession({ completion, recording: { observations } })).trials;
  if (trial === undefined) throw new Error('no trial');
  return trial;
}

const codesOf = (observations: readonly Observation[]): readonly CodeId[] =>
  trialWith(observations).energy[0]?.codes ?? [];

/** Looks at 2 s intervals up to 48 s: `busy` in those that end in (from, to], quiet in all others. */
function loads(name: string, span: readonly [number, number], busy: number, server = 0): Observation[] {
  const looks = Array.from({ length: 24 }, (_, i) => 2 * (i + 1));
  return observed(
    looks.flatMap((at_s): Seen[] => [
      [name, at_s, at_s > span[0] && at_s <= span[1] ? busy : 0.02],
      ...(name === 'other_cores' ? ([['server_cores', at_s, server]] as const) : []),
    ]),
  );
}

describe('work of others', () => {
  test.each<[string, Observation[], boolean]>([
    ['during the request', loads('other_cores', [14, 16], 0.3), true],
    ['during the baseline, which the net energy rests on', loads('other_cores', [4, 6], 0.3), true],
    ['during the closing baseline, which it rests on as well', loads('other_cores', [38, 42], 0.3), true],
    ['during the cooldown only', loads('other_cores', [28, 32], 0.9), false],
    ['below a tenth of a processor', loads('other_cores', [0, 40], 0.09), false],
    ['within the slack of two counts of a busy server', loads('other_cores', [0, 40], 0.2, 8), false],
    ['mostly after the request', loads('other_cores', [26, 28], 0.9), false],
    ['not told from the server, while the server idles', loads('rest_cores', [4, 6], 0.8), true],
    ['not told from the server, while the server works', loads('rest_cores', [14, 24], 4), false],
    ['not told from the server, no more than a server at rest', loads('rest_cores', [4, 6], 0.4), false],
  ])('%s', (_fact, observations, isForeign) => {
    expect(codesOf(observations).includes('FOREIGN_LOAD')).toBe(isForeign);
  });

  test('the first look has nothing to be the mean since', () => {
    expect(codesOf(observed([['other_cores', 15, 3]]))).not.toContain('FOREIGN_LOAD');
  });

  test('load that some other source reports is not judged', () => {
    const strange = loads('other_cores', [14, 16], 3).map((one) => ({ ...one, source: 'someone' }));
    expect(codesOf(strange)).not.toContain('FOREIGN_LOAD');
  });
});

describe('state of the machine', () => {
  test.each<[CodeId, Seen[]]>([
    [
      'THROTTLED',
      [
        ['thermal_pressure', 0, 'nominal'],
        ['thermal_pressure', 14, 'throttled'],
        ['thermal_pressure', 16, 'nominal'],
      ],
    ],
    [
      'ON_BATTERY',
      [
        ['power_source', 0, 'ac'],
        ['power_source', 20, 'battery'],
      ],
    ],
    ['ON_BATTERY', [['battery power_source', 2, 'battery']]],
    [
      'LOW_POWER_MODE',
      [
        ['low_power_mode', 0, 'on'],
        ['low_power_mode', 12, 'off'],
      ],
    ],
  ])('%s while it touches the request', (code, seen) => {
    expect(codesOf(observed(seen))).toContain(code);
  });

  test('what ended before the request, or began after it, does not', () => {
    const codes = codesOf(
      observed([
        ['thermal_pressure', 0, 'throttled'],
        ['thermal_pressure', 8, 'nominal'],
        ['power_source', 0, 'ac'],
        ['power_source', 30, 'battery'],
        ['low_power_mode', 0, 'off'],
      ]),
    );
    expect(codes.filter((code) => ['THROTTLED', 'ON_BATTERY', 'LOW_POWER_MODE'].includes(code))).toEqual([]);
  });

  test('what one source calls well does not end what another calls hot', () => {
    const hot = observed([['thermal_pressure', 5, 'serious']], 'powermetrics');
    expect(codesOf([...hot, ...observed([['thermal_pressure', 8, 'nominal']])])).toContain('THROTTLED');
  });
});

describe('processor time of the server', () => {
  const readings = (...seen: readonly (readonly [number, number])[]): Observation[] =>
    observed(seen.map(([at_s, value]) => ['server_cpu_s', at_s, value] as const));

  test('is the difference between the ends of the request, also per token', () => {
    const observations = readings(
      [3, 1],
      [PLAIN.requested_s - 0.001, 7],
      [PLAIN.ended_s + 0.002, 27],
      [40, 90],
    );
    expect(trialWith(observations).serverCpu).toEqual({ cpu_s: 20, cpu_sPerTok: 2 });
  });

  test('is not made up where the server says no count', () => {
    const observations = readings([PLAIN.requested_s, 7], [PLAIN.ended_s, 27]);
    const silent = { output_tok: null, tokens: [], tokenSource: null };
    expect(trialWith(observations, silent).serverCpu).toEqual({ cpu_s: 20, cpu_sPerTok: null });
  });

  test.each<[string, Observation[]]>([
    ['it was not read', []],
    ['it was not read at the end', readings([PLAIN.requested_s, 7])],
    [
      'the next reading is that of another request',
      readings([PLAIN.requested_s, 7], [PLAIN.ended_s + 5, 27]),
    ],
    ['it fell, as processes went', readings([PLAIN.requested_s, 7], [PLAIN.ended_s, 6])],
  ])('is left out where %s', (_fact, observations) => {
    expect(trialWith(observations)).not.toHaveProperty('serverCpu');
  });
});
