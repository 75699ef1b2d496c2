import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunDocument } from '../../src/core/result.ts';
import { openMetrics } from '../../src/rendering/openmetrics.ts';
import { documentOf } from '../support/documents.ts';
import { runRecordOf } from '../support/recording.ts';

const PLAIN = documentOf();
const linesOf = (document: RunDocument): string[] => [...openMetrics(document)];

/** The document with each of its summaries changed. */
function withSummary(change: Partial<RunDocument['summary'][number]>): RunDocument {
  return { ...PLAIN, summary: PLAIN.summary.map((row) => ({ ...row, ...change })) };
}

const LABELS = String.raw`(?:[a-z_]+="(?:[^"\\\n]|\\\\|\\n|\\")*",?)*`;
const SAMPLE = new RegExp(String.raw`^([a-z_]+)\{(${LABELS})\} (-?[0-9.]+(?:e[+-]?\d+)?)\n$`, 'u');
const HEADING = /^# (TYPE|UNIT|HELP) ([a-z_]+) (.+)\n$/;

describe('openMetrics', () => {
  test('states the net energy per token of the headline domain as the document does', () => {
    const document = documentOf();
    const row = document.summary.find(({ headline, category }) => headline && category === 'all');
    const line = linesOf(document).find(
      (one) =>
        one.startsWith('lmpower_net_energy_joules_per_token{') &&
        one.includes('category="all"') &&
        one.includes('domain="soc"'),
    );
    expect(row?.net_JPerTok.value).toBeGreaterThan(0);
    expect(Number(line?.split(' ').at(-1))).toBe(row?.net_JPerTok.value);
    for (const label of ['model="some-model"', 'workload="classic-v1"', `grade="${row?.grade}"`])
      expect(line).toContain(label);
  });

  test('heads each family once with type, unit and help, keeps its samples together, and ends with EOF', () => {
    const lines = linesOf(documentOf());
    expect(lines.at(-1)).toBe('# EOF\n');
    const seen = new Set<string>();
    let family = '';
    for (const line of lines.slice(0, -1)) {
      const [, keyword, name = '', text = ''] = HEADING.exec(line) ?? [];
      if (keyword === 'TYPE') {
        expect(seen).not.toContain(name);
        seen.add(name);
        family = text === 'info' ? `${name}_info` : name;
      } else if (keyword === 'UNIT') expect(name.endsWith(`_${text}`)).toBe(true);
      else if (keyword === undefined) expect(SAMPLE.exec(line)?.[1]).toBe(family);
    }
    expect(seen.size).toBeGreaterThan(5);
  });

  test('names the program that measured an imported run on each figure', () => {
    const environment = { ...PLAIN.environment, imported: { program: 'classic-json', file: 'x.json' } };
    const samples = linesOf({ ...PLAIN, environment }).filter(
      (line) => SAMPLE.test(line) && !line.includes('_info'),
    );
    expect(samples.length).toBeGreaterThan(3);
    for (const line of samples) expect(line).toContain('imported="classic-json"');
  });

  test('gives no sample, and no empty family, for what is not known', () => {
    const unknown = { value: null, ci95: null, spread: null };
    const text = linesOf(withSummary({ net_JPerTok: unknown, bound_J: null })).join('');
    expect(text).not.toContain('lmpower_net_energy');
    expect(text).not.toContain('lmpower_energy_bound');
    expect(text).toContain('lmpower_gross_energy_joules_per_token{');
    expect(text).not.toMatch(/NaN|null/);
  });

  test('gives both edges of an interval', () => {
    const net_JPerTok = { value: 2, ci95: [1.5, 2.5] as const, spread: 0.1 };
    const text = linesOf(withSummary({ net_JPerTok })).join('');
    expect(text).toMatch(/interval_joules_per_token\{.*edge="low"\} 1\.5\n/);
    expect(text).toMatch(/interval_joules_per_token\{.*edge="high"\} 2\.5\n/);
  });

  test('a simulated figure says so on its own line', () => {
    const simulated = documentOf({ run: runRecordOf({ simulated: true }) });
    const samples = linesOf(simulated).filter((line) => line.startsWith('lmpower_'));
    expect(samples.every((line) => line.includes('simulated="true"'))).toBe(true);
    expect(linesOf(documentOf()).join('')).not.toContain('simulated="true"');
  });

  test('no model name breaks a line, a label or the terminal', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    const hostile = fc.oneof(
      text,
      fc.constantFrom('a"} 1\n# EOF\n', 'back\\slash\\', '\u001b[2J', '\r\n', '"', '\ud800'),
    );
    fc.assert(
      fc.property(hostile, (model) => {
        for (const line of linesOf(withSummary({ model })).filter((one) => !one.startsWith('#'))) {
          expect(line).toMatch(SAMPLE);
          expect(line.slice(0, -1)).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('what is escaped can be read back', () => {
    const model = 'a\\b"c\nd\\n';
    const line = linesOf(withSummary({ model })).find((one) => one.includes('model='));
    const [, quoted = ''] = /model="((?:[^"\\]|\\.)*)"/.exec(line ?? '') ?? [];
    const read = quoted.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    expect(read).toBe(model);
  });
});
