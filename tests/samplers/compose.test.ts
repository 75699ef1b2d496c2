import { describe, expect, test } from 'vitest';
import { type Candidate, composeSources } from '../../samplers/compose.ts';
import type { Domain, SampleKind } from '../../src/core/sample.ts';
import { domainOf } from '../support/recording.ts';

function source(id: string, ...domains: Partial<Domain>[]): Candidate {
  return { id, domains: domains.map((domain) => domainOf({ source: id, ...domain })) };
}

const board = (kind: SampleKind, scope = 'GPU board'): Partial<Domain> => ({
  id: 'gpu:0',
  rank: 2,
  kind,
  scope,
});
const AMDGPU = 'GPU board by its driver (amdgpu power1_average)';
const NOUVEAU = 'GPU board by its driver (nouveau power1_input)';
const XE = 'GPU board by its driver (xe energy1_input)';
const counter = (id: string, rank: number, parent: string | null = null): Partial<Domain> => ({
  id,
  rank,
  parent,
  kind: 'counter',
});
const RAILS = ['cpu', 'gpu', 'ane'].map((id) => ({ id, rank: 0, parent: 'soc' }));
const SOC = { id: 'soc', rank: 1 };
const POWERMETRICS = source('powermetrics', SOC, ...RAILS);
const POWERCAP = source(
  'powercap',
  counter('package:0', 2),
  counter('core:0', 0, 'package:0'),
  counter('dram:0', 0),
);

describe('composeSources', () => {
  test.each<[string, Candidate[], string[], string[]]>([
    [
      'amd-smi, rocm-smi and hwmon describe the same boards: the driver costs no process',
      [
        source('amd-smi', board('gauge')),
        source('rocm-smi', board('gauge')),
        source('hwmon', board('gauge', AMDGPU)),
      ],
      ['hwmon'],
      ['amd-smi', 'rocm-smi'],
    ],
    [
      'a counter goes before what costs no process',
      [source('amd-smi', board('counter')), source('hwmon', board('averaged', AMDGPU))],
      ['amd-smi'],
      ['hwmon'],
    ],
    [
      'a running mean comes last',
      [source('amd-smi', board('gauge')), source('hwmon', board('averaged', AMDGPU))],
      ['amd-smi'],
      ['hwmon'],
    ],
    [
      'of two tools the one that does not start anew for each reading',
      [source('rocm-smi', board('gauge')), source('amd-smi', board('gauge'))],
      ['amd-smi'],
      ['rocm-smi'],
    ],
    [
      'nvidia-smi and nouveau read one board',
      [source('nvidia-smi', board('averaged')), source('hwmon', board('gauge', NOUVEAU))],
      ['hwmon'],
      ['nvidia-smi'],
    ],
    [
      "boards of two makers are two things, whatever their driver's number",
      [source('nvidia-smi', board('gauge')), source('hwmon', board('gauge', AMDGPU))],
      ['hwmon', 'nvidia-smi'],
      [],
    ],
    [
      "Intel's counter goes before its tools",
      [
        source('xpu-smi', board('averaged')),
        source('intel-gpu-top', board('mean')),
        source('hwmon', board('counter', XE)),
      ],
      ['hwmon'],
      ['xpu-smi', 'intel-gpu-top'],
    ],
    [
      'an integrated GPU that powercap counts needs no intel-gpu-top',
      [
        source('intel-gpu-top', { id: 'gpu:0', rank: 0, parent: 'package:0' }, { id: 'package:0', rank: 2 }),
        source('powercap', counter('package:0', 2), counter('uncore:0', 0, 'package:0')),
      ],
      ['powercap'],
      ['intel-gpu-top'],
    ],
    [
      'one that powercap does not count brings intel-gpu-top along',
      [
        source('intel-gpu-top', { id: 'gpu:0', rank: 0, parent: 'package:0' }, { id: 'package:0', rank: 2 }),
        source('powercap', counter('package:0', 2)),
      ],
      ['powercap', 'intel-gpu-top'],
      [],
    ],
    [
      'a platform counter goes before the battery',
      [
        source('battery', { id: 'battery', rank: 3, kind: 'gauge' }),
        source('powercap', counter('psys', 2.5)),
      ],
      ['powercap'],
      ['battery'],
    ],
    [
      'processor and battery are two things',
      [source('battery', { id: 'battery', rank: 3, kind: 'gauge' }), POWERCAP],
      ['powercap', 'battery'],
      [],
    ],
    [
      'macmon that sees no more than powermetrics is left out',
      [POWERMETRICS, source('macmon', SOC, ...RAILS)],
      ['powermetrics'],
      ['macmon'],
    ],
    [
      'macmon that sees the whole machine takes part, after powermetrics',
      [POWERMETRICS, source('macmon', SOC, ...RAILS, { id: 'system', rank: 3 })],
      ['powermetrics', 'macmon'],
      [],
    ],
    [
      'a board of unknown make may be any of those that are read',
      [source('command', board('gauge')), source('nvidia-smi', board('averaged'))],
      ['nvidia-smi'],
      ['command'],
    ],
    [
      'a source that says nothing of itself is not left out',
      [source('command'), POWERCAP],
      ['powercap', 'command'],
      [],
    ],
    ['nothing answers', [], [], []],
  ])('%s', (_fact, candidates, kept, leftOut) => {
    const composition = composeSources(candidates);
    expect(composition.kept.map(({ id }) => id)).toEqual(expect.arrayContaining(kept));
    expect(composition.kept).toHaveLength(kept.length);
    expect(composition.leftOut.map(({ id }) => id).sort()).toEqual([...leftOut].sort());
  });

  test('the order in which sources are given decides only between equals', () => {
    const all = [
      POWERCAP,
      source('amd-smi', board('gauge')),
      source('hwmon', board('gauge', AMDGPU)),
      source('battery', { id: 'battery', rank: 3, kind: 'gauge' }),
    ];
    const ids = (given: Candidate[]): string[] =>
      composeSources(given)
        .kept.map(({ id }) => id)
        .sort();
    expect(ids([...all].reverse())).toEqual(ids(all));
  });

  test('the preferred source is named first, so that it keeps the plain ids', () => {
    const macmon = source('macmon', SOC, ...RAILS, { id: 'system', rank: 3 });
    expect(composeSources([POWERMETRICS, macmon]).kept[0]?.id).toBe('powermetrics');
  });

  test('says why, in words', () => {
    const composition = composeSources([
      source('rocm-smi', board('gauge')),
      source('amd-smi', board('averaged')),
      source('hwmon', board('gauge', AMDGPU)),
    ]);
    expect(composition).toEqual({
      kept: [{ id: 'hwmon', reason: 'GPU boards of amd; preferred to rocm-smi, amd-smi' }],
      leftOut: [
        {
          id: 'rocm-smi',
          reason:
            'GPU boards of amd: hwmon reads the same, read in this process and not a process for each reading',
        },
        { id: 'amd-smi', reason: 'GPU boards of amd: hwmon reads the same, as gauge and not averaged' },
      ],
    });
  });
});
