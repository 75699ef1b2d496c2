import { describe, expect, test } from 'vitest';
import { rankingLines, rankingMarkdown } from '../../src/cli/ranking-table.ts';
import type { Ranked } from '../../src/core/ranking.ts';

const estimate = (value: number | null) => ({ value, ci95: null, spread: null });

function ranked(part: Partial<Ranked> = {}): Ranked {
  return {
    run: '019a0000-0000-7000-8000-000000000001',
    startedAt: '2026-01-01T00:00:00.000Z',
    model: 'qwen3-4b-q4_k_m',
    family: 'qwen3-4b',
    quantization: 'Q4_K_M',
    workload: 'classic-v1',
    machine: 'Mac16,1',
    domain: 'soc',
    scope: 'CPU+GPU+ANE estimate, no DRAM',
    n: 9,
    net_JPerTok: { value: 0.512, ci95: [0.5, 0.524], spread: 0.01 },
    gross_JPerTok: estimate(0.7),
    tokPerSPerW: estimate(1.95),
    tokPerS: 31.4,
    ttft_s: 0.21,
    size_B: 2.5e9,
    memory_B: 2.5e9,
    memoryOf: 'file',
    parameters: 4e9,
    edp_Js: 1200,
    tokPerSPerGB: 12.6,
    tokPerSPerBillion: 7.85,
    cpu_sPerTok: null,
    bestOfFamily: true,
    previous: null,
    ...part,
  };
}

test('fits 80 columns, and keeps the figure that it ranks by', () => {
  const many = [
    ranked(),
    ranked({ model: 'a-model-with-a-very-long-name-indeed-7b-q8_0', bestOfFamily: false }),
  ];
  for (const metric of ['edp', 'net-j-per-token', 'ttft'] as const) {
    const lines = rankingLines(many, metric, 80);
    for (const line of lines.slice(0, 3)) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines[0]).toContain({ edp: 'EDP J·s', 'net-j-per-token': 'net J/tok', ttft: 'TTFT s' }[metric]);
  }
});

test('shows interval, best of its model and the change against the run before', () => {
  const previous = { run: 'x', startedAt: '2025-12-01T00:00:00.000Z', change: -0.034 };
  const lines = rankingLines([ranked({ previous })], 'net-j-per-token', 200);
  expect(lines[1]).toMatch(/^\s*1\* +qwen3-4b-q4_k_m .*0\.512 ±2\.3 %.*-3\.4 %/);
});

test('leaves out columns that nobody has a figure for', () => {
  expect(rankingLines([ranked()], 'net-j-per-token', 200)[0]).not.toContain('CPU s/tok');
  const without = ranked({
    domain: null,
    scope: null,
    net_JPerTok: null,
    gross_JPerTok: null,
    tokPerSPerW: null,
    edp_Js: null,
    cpu_sPerTok: 0.004,
  });
  const [head, , ...foot] = rankingLines([without], 'speed', 200);
  expect(head).toContain('CPU s/tok');
  expect(head).not.toContain('J/tok');
  expect(foot.join('\n')).toContain('no meter was read: no joules');
});

describe('memory', () => {
  const inUse = ranked({ memory_B: 4.25e9, memoryOf: 'server+gpu' });

  test('that was read stands as a number, the size of a file with the word', () => {
    const [head, first, second] = rankingLines([inUse, ranked({ model: 'unread' })], 'memory', 80);
    expect(head).toMatch(/ GB\b/);
    expect(first).toMatch(/qwen3-4b-q4_k_m.* 4\.25(?: |$)/);
    expect(first).not.toContain('file');
    expect(second).toMatch(/unread.* 2\.50 file(?: |$)/);
  });

  test.each<[Ranked['memoryOf'], string]>([
    ['server+gpu', 'GB: resident memory of the server’s processes, and all in use on the GPU boards'],
    ['server', 'GB: resident memory of the server’s processes'],
    ['gpu', 'GB: all in use on the GPU boards'],
    ['file', 'GB file: size of the model’s file'],
  ])('of %s says below whose it is', (memoryOf, words) => {
    const lines = rankingLines([ranked({ memoryOf })], 'memory', 200);
    expect(lines.filter((line) => line.startsWith(words)).length).toBe(1);
    expect(lines.join('\n')).not.toContain('of different memory');
    expect(rankingLines([ranked({ memoryOf })], 'speed', 200).join('\n')).not.toContain(words);
  });

  test('of two sorts is no rank to lean on', () => {
    expect(rankingLines([inUse, ranked()], 'memory', 80).join('\n')).toContain('of different memory');
  });

  test('that nobody knows has no rank', () => {
    const [, first] = rankingLines([ranked({ memory_B: null, memoryOf: null })], 'memory', 80);
    expect(first).toMatch(/^ *– +qwen3/);
  });
});

test('says when the figures are of different meters', () => {
  const lines = rankingLines(
    [ranked(), ranked({ domain: 'wall', scope: 'wall plug' })],
    'net-j-per-token',
    200,
  );
  expect(lines.join('\n')).toContain('a rank between them means little');
});

describe('Markdown', () => {
  test('is a table, and no name breaks out of its cell', () => {
    const text = rankingMarkdown([ranked({ model: 'a|b<c>' })], 'speed');
    expect(text).toMatch(/^\| {2}\| model \| .*\n\| ---: \| --- \|/);
    expect(text).toContain('a\\|b\\<c\\>');
  });
});

test('what has no rank is given none, with the reason', () => {
  const lines = rankingLines(
    [ranked(), ranked({ model: 'noisy', net_JPerTok: estimate(-0.01), bestOfFamily: false })],
    'net-j-per-token',
    80,
  );
  expect(lines[1]).toMatch(/^ *1\* +qwen3/);
  expect(lines[2]).toMatch(/^ *– +noisy/);
  expect(lines.join('\n')).toContain('drowned in the idle power');
});
