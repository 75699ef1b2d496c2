import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { compositesOf } from '../../src/analyzer/composites.ts';
import type { EnergyRow, RunDocument } from '../../src/core/result.ts';
import type { Recording } from '../../src/core/run.ts';
import type { Domain, SampleSeries } from '../../src/core/sample.ts';
import { PLAIN, plainSession } from '../support/plain-session.ts';
import {
  edgesBetween,
  gaugeSeries,
  meanSeries,
  type PowerCourse,
  stepsThrough,
} from '../support/power-course.ts';
import { domainOf } from '../support/recording.ts';

const packageOf = (n: number, part: Partial<Domain> = {}): Domain =>
  domainOf({ id: `package:${n}`, source: 'powercap', kind: 'counter', rank: 2, maxPower_W: 200, ...part });
const dramOf = (n: number, part: Partial<Domain> = {}): Domain =>
  domainOf({ id: `dram:${n}`, source: 'powercap', kind: 'counter', rank: 0, maxPower_W: 50, ...part });
const boardOf = (id: string, part: Partial<Domain> = {}): Domain =>
  domainOf({
    id,
    source: 'nvidia-smi',
    kind: 'gauge',
    rank: 2,
    maxPower_W: 600,
    scope: 'GPU board',
    ...part,
  });
const AMDGPU = 'GPU board by its driver (amdgpu power1_input)';

const sums = (...measured: Domain[]): Record<string, string[]> =>
  Object.fromEntries(
    compositesOf(measured).map(({ domain, parts }) => [domain.id, parts.map(({ id }) => id)]),
  );

describe('compositesOf', () => {
  test('two packages, two boards, and the machine of all of them', () => {
    expect(
      sums(packageOf(0), packageOf(1), dramOf(0), dramOf(1), boardOf('gpu:0'), boardOf('gpu:1')),
    ).toEqual({
      package: ['package:0', 'package:1'],
      gpu: ['gpu:0', 'gpu:1'],
      machine: ['package:0', 'package:1', 'dram:0', 'dram:1', 'gpu:0', 'gpu:1'],
    });
  });

  test('the machine names its parts and what it lacks', () => {
    const scopeOf = (...measured: Domain[]): string | undefined =>
      compositesOf(measured).find(({ domain }) => domain.id === 'machine')?.domain.scope;
    expect(scopeOf(packageOf(0), dramOf(0), boardOf('gpu:0'))).toBe(
      'CPU package + DRAM + GPU board, no mainboard, no PSU',
    );
    expect(scopeOf(packageOf(0), packageOf(1), boardOf('gpu:0'), boardOf('gpu:1'))).toBe(
      '2 CPU packages + 2 GPU boards, no mainboard, no PSU, no DRAM',
    );
  });

  test.each<[string, Domain[], Record<string, string[]>]>([
    ['one package is no sum', [packageOf(0)], {}],
    [
      'rails of one chip are summed by their source',
      [domainOf({ id: 'cpu', rank: 0, parent: 'soc' }), domainOf()],
      {},
    ],
    [
      'what lies inside a package is not added to it',
      [
        packageOf(0),
        domainOf({ id: 'core:0', parent: 'package:0', rank: 0 }),
        dramOf(0, { parent: 'package:0' }),
      ],
      {},
    ],
    [
      'an integrated GPU is no board',
      [packageOf(0), boardOf('gpu:0', { parent: 'package:0', rank: 0, source: 'intel-gpu-top' })],
      {},
    ],
    [
      'a second source of the same board is not counted',
      [
        packageOf(0),
        boardOf('gpu:0', { source: 'amd-smi', label: 'Radeon RX 7900 XTX' }),
        boardOf('gpu:0@hwmon', { source: 'hwmon', scope: AMDGPU }),
      ],
      { machine: ['package:0', 'gpu:0'] },
    ],
    [
      'a board of another make that came second is counted',
      [packageOf(0), boardOf('gpu:0'), boardOf('gpu:0@hwmon', { source: 'hwmon', scope: AMDGPU })],
      { gpu: ['gpu:0', 'gpu:0@hwmon'], machine: ['package:0', 'gpu:0', 'gpu:0@hwmon'] },
    ],
    [
      'a second source of the package is not counted',
      [
        packageOf(0),
        packageOf(0, { id: 'package:0@intel-gpu-top', source: 'intel-gpu-top' }),
        boardOf('gpu:0'),
      ],
      { machine: ['package:0', 'gpu:0'] },
    ],
    [
      'a GPU inside the processor, which its tool calls a board, is not added to the package',
      [packageOf(0), boardOf('gpu:0', { source: 'amd-smi', label: 'Radeon 8060S Graphics' })],
      {},
    ],
    [
      'a platform counter is wider than package and DRAM',
      [domainOf({ id: 'psys', rank: 2.5 }), packageOf(0, { parent: 'psys' }), dramOf(0, { parent: 'psys' })],
      {},
    ],
    [
      'but not than a sum with a board',
      [domainOf({ id: 'psys', rank: 2.5 }), packageOf(0, { parent: 'psys' }), boardOf('gpu:0')],
      { machine: ['package:0', 'gpu:0'] },
    ],
    [
      'a sum that a source states itself is not made again',
      [domainOf({ id: 'gpu', rank: 2 }), boardOf('gpu:0'), boardOf('gpu:1')],
      {},
    ],
  ])('%s', (_fact, measured, expected) => {
    expect(sums(...measured)).toEqual(expected);
  });

  test('no part contains another, nor is in a sum twice', () => {
    const any = fc.subarray([
      packageOf(0),
      packageOf(1),
      packageOf(0, { id: 'package:0@intel-gpu-top', source: 'intel-gpu-top' }),
      dramOf(0),
      dramOf(1, { parent: 'package:1' }),
      domainOf({ id: 'core:0', parent: 'package:0', rank: 0 }),
      boardOf('gpu:0'),
      boardOf('gpu:1'),
      boardOf('gpu:0@hwmon', { source: 'hwmon', scope: AMDGPU }),
      boardOf('gpu:0@amd-smi', { source: 'amd-smi', label: 'Radeon RX 7900 XTX' }),
      domainOf({ id: 'system', rank: 3 }),
    ]);
    fc.assert(
      fc.property(any, (measured) => {
        for (const { parts } of compositesOf(measured)) {
          const ids = parts.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          expect(parts.filter(({ parent }) => parent !== null && ids.includes(parent))).toEqual([]);
          const amd = parts.filter(({ id }) => id === 'gpu:0@hwmon' || id === 'gpu:0@amd-smi');
          expect(amd.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

function courseOf(idle_W: number, busy_W: number): PowerCourse {
  return stepsThrough(
    [
      [0, idle_W],
      [PLAIN.requested_s, busy_W],
      [PLAIN.ended_s, idle_W],
    ],
    PLAIN.end_s,
  );
}

/** A gauge that repeats itself publishes nothing: a ripple of 10 mW. */
function rippled(course: PowerCourse): PowerCourse {
  return { ...course, power_W: (t_s) => course.power_W(t_s) + 0.01 * Math.sin(7 * t_s) };
}

/** Package at 0.5 s, DRAM at 1 s, board at 0.1 s: no two meters share a rate. */
function machine(
  courses: { package: PowerCourse; dram: PowerCourse; gpu: PowerCourse },
  dram_s = PLAIN.end_s - 1,
): Recording {
  const edges = (interval_s: number, to_s: number = PLAIN.end_s - 1) =>
    edgesBetween({ from_s: 0.2, to_s }, interval_s);
  const counted = (series: SampleSeries): SampleSeries => ({ ...series, kind: 'counter' });
  return plainSession({
    series: [
      counted(meanSeries(courses.package, { domain: 'package:0', edges_s: edges(0.5) })),
      counted(meanSeries(courses.dram, { domain: 'dram:0', edges_s: edges(1, dram_s) })),
      gaugeSeries(rippled(courses.gpu), { domain: 'gpu:0', edges_s: edges(0.1) }),
    ],
    recording: { domains: [packageOf(0), dramOf(0), boardOf('gpu:0')] },
  });
}

function rowOf(document: RunDocument, domain: string): EnergyRow {
  const row = document.trials[0]?.energy.find((one) => one.domain === domain);
  if (row === undefined) throw new Error(`no row of ${domain}`);
  return row;
}

const PARTS = ['package:0', 'dram:0', 'gpu:0'];

describe('the machine as a sum', () => {
  const usual = { package: courseOf(10, 40), dram: courseOf(2, 4), gpu: courseOf(30, 300) };

  test('is the headline, and its energy, bound and idle power are those of its parts', () => {
    const document = analyze(machine(usual));
    expect(document.headline).toBe('machine');
    expect(document.domains.map(({ id }) => id)).toEqual([...PARTS, 'machine']);
    const sum = rowOf(document, 'machine');
    const parts = PARTS.map((id) => rowOf(document, id));
    const added = (of: (row: EnergyRow) => number | null): number =>
      parts.reduce((all, row) => all + (of(row) ?? 0), 0);
    expect(sum.gross_J).toBeCloseTo(
      added((row) => row.gross_J),
      9,
    );
    expect(sum.net_J).toBeCloseTo(
      added((row) => row.net_J),
      9,
    );
    expect(sum.uncertainty.bound_J).toBeCloseTo(
      added((row) => row.uncertainty.bound_J),
      9,
    );
    expect(sum.baseline?.power_W).toBeCloseTo(42, 1);
    expect(sum.codes).toContain('DOMAIN_PARTIAL');
    expect(parts.every((row) => row.codes.includes('DOMAIN_PARTIAL'))).toBe(false);
    expect(document.summary.filter(({ headline }) => headline).map(({ domain }) => domain)).toEqual([
      'machine',
      'machine',
    ]);
  });

  test('holds the truth within its bound, each part read at its own rate', () => {
    const power = fc.double({ min: 1, max: 30, noNaN: true });
    fc.assert(
      fc.property(power, power, power, (a_W, b_W, c_W) => {
        const sum = rowOf(
          analyze(
            machine({
              package: courseOf(a_W, a_W * 4),
              dram: courseOf(b_W, b_W + 3),
              gpu: courseOf(c_W, c_W * 10),
            }),
          ),
          'machine',
        );
        const true_J = (a_W * 4 + b_W + 3 + c_W * 10) * (PLAIN.ended_s - PLAIN.requested_s);
        expect(Math.abs((sum.gross_J ?? 0) - true_J)).toBeLessThanOrEqual(
          (sum.uncertainty.bound_J ?? 0) + 0.01,
        );
      }),
      { numRuns: 50 },
    );
  });

  test('its phases are sums as well, and each narrower whole has its part of them', () => {
    const document = analyze(machine(usual));
    for (const phase of document.trials[0]?.phases ?? []) {
      const of = (id: string) => phase.energy.find(({ domain }) => domain === id);
      const added_J = PARTS.reduce((all_J, id) => all_J + (of(id)?.gross_J ?? 0), 0);
      expect(of('machine')?.gross_J).toBeCloseTo(added_J, 9);
      expect(of('gpu:0')?.closure).toBeCloseTo((of('gpu:0')?.gross_J ?? 0) / added_J, 9);
      expect(of('machine')).not.toHaveProperty('closure');
      expect(of('dram:0')).not.toHaveProperty('closure');
    }
    expect(rowOf(document, 'gpu:0').closure).toBeCloseTo(300 / 344, 2);
  });

  test('has no joule where one of its parts has none, and says why', () => {
    const document = analyze(machine(usual, 18));
    expect(rowOf(document, 'gpu:0').gross_J).not.toBeNull();
    const sum = rowOf(document, 'machine');
    expect(sum.gross_J).toBeNull();
    expect(sum.net_JPerTok).toBeNull();
    expect(sum.codes).toContain('NOT_BRACKETED');
  });

  test('is as good as its weakest part', () => {
    const document = analyze(machine(usual));
    const sum = rowOf(document, 'machine');
    expect(sum.publications).toBe(rowOf(document, 'dram:0').publications);
    expect(sum.grade).toBe(rowOf(document, 'dram:0').grade);
    expect(sum.kind).toBe('gauge');
  });
});

test('an idle run states what a model costs in the sum as in its parts', () => {
  const usual = { package: courseOf(10, 40), dram: courseOf(2, 4), gpu: courseOf(30, 300) };
  const recording = machine(usual);
  const { plan } = recording.run;
  const run = { ...recording.run, plan: { ...plan, workload: { ...plan.workload, kind: 'idle' as const } } };
  const phases = [
    { kind: 'baseline', start_s: 1, end_s: 9, state: 'B1' },
    { kind: 'load', start_s: 12, end_s: 20, model: 'm' },
    { kind: 'baseline', start_s: 27, end_s: 40, state: 'B2', model: 'm' },
  ] as const;
  const lifecycle = analyze({ ...recording, run, trials: [], phases: [...phases] }).lifecycle ?? [];
  const sum = lifecycle.find(({ domain }) => domain === 'machine');
  const parts = lifecycle.filter(({ domain }) => PARTS.includes(domain));
  expect(lifecycle.filter(({ headline }) => headline)).toEqual([sum]);
  const added = (of: (one: (typeof parts)[number]) => number | null): number =>
    parts.reduce((all, one) => all + (of(one) ?? Number.NaN), 0);
  expect(sum?.open_W.value).toBeCloseTo(
    added((one) => one.open_W.value),
    9,
  );
  expect(sum?.load_J.value).toBeCloseTo(
    added((one) => one.load_J.value),
    9,
  );
  expect(sum?.load_J.value).toBeCloseTo(8 * 344, -1);
});
