import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createNvidiaSmiParser } from '../../samplers/nvidia-smi/parser.ts';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { TrialMemory } from '../../src/core/result.ts';
import type { Recording } from '../../src/core/run.ts';
import type { Observation } from '../../src/core/sample.ts';
import { runDocumentSchema } from '../../src/core/schemas/run-document.ts';
import { PLAIN, plainSession } from '../support/plain-session.ts';

type Seen = readonly [name: string, at_s: number, value: number, source?: string];

const { ended_s, requested_s } = PLAIN;
const MiB = 2 ** 20;

function observed(seen: readonly Seen[]): Observation[] {
  return seen.map(([name, at_s, value, source = 'nvidia-smi']) => ({ source, name, at_s, value }));
}

const rss = (...seen: readonly (readonly [at_s: number, value: number])[]): Observation[] =>
  observed(seen.map(([at_s, value]) => ['server_rss_B', at_s, value, 'environment']));

/** Of the one trial of a session: request 11 to 25 s. */
function memoryWith(observations: readonly Observation[], recording: Partial<Recording> = {}) {
  return analyze(plainSession({ recording: { observations, ...recording } })).trials[0]?.memory;
}

describe('memory of the server', () => {
  test('is the most of the readings from the request to its end', () => {
    const readings = rss([2, 90], [requested_s, 10], [14, 30], [16, 20], [ended_s, 25], [30, 90]);
    expect(memoryWith(readings)).toEqual({ server_B: 30, gpu_B: null });
  });

  test('of a request shorter than the looks is that of its ends, which are read just outside', () => {
    expect(memoryWith(rss([requested_s - 0.01, 7], [ended_s + 0.01, 9]))?.server_B).toBe(9);
    expect(memoryWith(rss([requested_s - 0.01, 9], [ended_s + 0.01, 7]))?.server_B).toBe(9);
  });

  test.each<[string, Observation[]]>([
    ['none was read', []],
    ['what was read is of other requests', rss([requested_s - 2, 7], [ended_s + 2, 9])],
    ['it is somebody else’s word', observed([['server_rss_B', 15, 7, 'someone']])],
  ])('is absent where %s', (_fact, observations) => {
    expect(analyze(plainSession({ recording: { observations } })).trials[0]).not.toHaveProperty('memory');
  });
});

describe('memory of GPU boards', () => {
  test('holds until it is stated anew, and is the sum of all boards', () => {
    const stated = observed([
      ['gpu:0 memory_MiB', 1, 100],
      ['gpu:1 memory_MiB', 1, 50],
      ['gpu:0 memory_MiB', 20, 400],
      ['gpu:1 memory_MiB', 22, 10],
      ['gpu:0 memory_MiB', 30, 900],
    ]);
    expect(memoryWith(stated)).toEqual({ server_B: null, gpu_B: 450 * MiB });
  });

  test('of one tick is taken together, not board by board', () => {
    const stated = observed([
      ['gpu:0 vram_B', 1, 100],
      ['gpu:1 vram_B', 1, 50],
      ['gpu:0 vram_B', 15, 120],
      ['gpu:1 vram_B', 15, 5],
    ]);
    expect(memoryWith(stated)?.gpu_B).toBe(150);
  });

  test('is local and shared memory of a board together; two tools that read one board say it once', () => {
    const stated = observed([
      ['gpu:0 vram_B', 3, 100, 'rocm-smi'],
      ['gpu:0 vram_B', 4, 100, 'amd-smi'],
      ['gpu:0 gtt_B', 4, 11, 'amd-smi'],
    ]);
    expect(memoryWith(stated)?.gpu_B).toBe(111);
  });

  test('of a source that died is not known from then on', () => {
    const events: Recording['events'] = [
      { code: 'SAMPLER_DIED', source: 'nvidia-smi', at_s: 5, domain: null, detail: 'it ended' },
    ];
    const stated = observed([['gpu:0 memory_MiB', 1, 100]]);
    expect(memoryWith(stated, { events })).toBeUndefined();
    expect(memoryWith(stated)?.gpu_B).toBe(100 * MiB);
    const other = observed([['gpu:1 vram_B', 1, 7, 'amd-smi']]);
    expect(memoryWith([...stated, ...other], { events })?.gpu_B).toBe(7);
  });

  test('here is not that of a model whose server is on another machine', () => {
    const stated = observed([
      ['gpu:0 memory_MiB', 1, 100],
      ['other_cores', 12, 1, 'environment'],
    ]);
    expect(memoryWith(stated)).toBeUndefined();
    expect(memoryWith([...stated, ...observed([['server_cores', 12, 1, 'environment']])])?.gpu_B).toBe(
      100 * MiB,
    );
  });

  test('is found in what nvidia-smi prints', () => {
    const parser = createNvidiaSmiParser(['index', 'power.draw', 'memory.used']);
    const { observations = [] } = parser.push(Buffer.from('0, 61.5, 18234\n0, 62.0, 18300\n'), 3)[0] ?? {};
    expect(memoryWith(observations)?.gpu_B).toBe(18234 * MiB);
  });
});

test('whatever was read, it is the peak of a look at every instant of the request', () => {
  const reading = fc.record({
    name: fc.constantFrom('gpu:0 vram_B', 'gpu:1 vram_B', 'gpu:1 gtt_B'),
    at_s: fc.integer({ min: 0, max: 40 }),
    value: fc.integer({ min: 0, max: 1000 }),
  });
  fc.assert(
    fc.property(
      fc.array(reading, { maxLength: 30 }),
      fc.array(reading, { maxLength: 20 }),
      (boards, looks) => {
        const unique = [...new Map(boards.map((one) => [`${one.name} ${one.at_s}`, one])).values()];
        const server = [...new Map(looks.map((one) => [one.at_s, one])).values()];
        const observations = [
          ...unique.map((one) => ({ source: 'amd-smi', ...one })),
          ...server.map((one) => ({ ...one, source: 'environment', name: 'server_rss_B' })),
        ];
        expect(memoryWith(observations)).toEqual(expected(unique, server));
      },
    ),
    { numRuns: 60 },
  );
});

interface Read {
  readonly name: string;
  readonly at_s: number;
  readonly value: number;
}

/** The same, second by second: all times above are whole seconds, and so are the ends of the request. */
function expected(boards: readonly Read[], looks: readonly Read[]): TrialMemory | undefined {
  const sums: number[] = [];
  for (let t_s = requested_s; t_s <= ended_s; t_s++) {
    const names = [...new Set(boards.filter(({ at_s }) => at_s <= t_s).map(({ name }) => name))];
    const latest = names.map((name) =>
      boards
        .filter((one) => one.name === name && one.at_s <= t_s)
        .reduce((newest, one) => (one.at_s > newest.at_s ? one : newest)),
    );
    if (latest.length > 0) sums.push(latest.reduce((sum, { value }) => sum + value, 0));
  }
  const at = (t_s: number): boolean => looks.some(({ at_s }) => at_s === t_s);
  const from_s = at(requested_s) ? requested_s : requested_s - 1;
  const to_s = at(ended_s) ? ended_s : ended_s + 1;
  const held = looks.filter(({ at_s }) => at_s >= from_s && at_s <= to_s).map(({ value }) => value);
  if (sums.length === 0 && held.length === 0) return undefined;
  return {
    server_B: held.length === 0 ? null : Math.max(...held),
    gpu_B: sums.length === 0 ? null : Math.max(...sums),
  };
}

test('a document with memory passes the published schema', () => {
  const document = analyze(plainSession({ recording: { observations: rss([15, 30]) } }));
  expect(runDocumentSchema.parse(document).trials[0]?.memory).toEqual({ server_B: 30, gpu_B: null });
});
