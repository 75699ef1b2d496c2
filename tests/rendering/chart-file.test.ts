import { describe, expect, test } from 'vitest';
import { REPORTS } from '../../reports/index.ts';
import type { ReportRows } from '../../reports/report.ts';
import { chartPng, chartSvg } from '../../src/rendering/chart-file.ts';
import { pdfReport } from '../../src/rendering/pdf.ts';
import { textWidth_px, wrapped } from '../../src/rendering/text-width.ts';
import { EMOJI_NAME, HOSTILE_NAME, ODD_ROWS, renamed } from '../support/odd-rows.ts';
import { rowsOf, sampleRecording } from '../support/report-rows.ts';

const simulated = rowsOf(sampleRecording({ simulated: true, repetitions: 2 }));

async function svgOf(id: string, rows: ReportRows = simulated): Promise<string> {
  const report = REPORTS.find((one) => one.id === id);
  return (report === undefined ? null : await chartSvg(report, rows)) ?? '';
}

describe('a chart alone', { timeout: 30_000 }, () => {
  test('carries its question, its run, its scope and SIMULATED, and no CSS variable', async () => {
    for (const report of REPORTS.filter((one) => one.build(simulated) !== null)) {
      const svg = await svgOf(report.id);
      expect(svg).toContain(report.question.replaceAll('’', '’'));
      expect(svg).toContain('SIMULATED');
      expect(svg).toContain(simulated.documents[0]?.run.id);
      expect(svg).not.toContain('var(');
    }
  });

  test('is null where the rows hold no answer', async () => {
    const [first] = REPORTS;
    expect(first === undefined ? 1 : await chartSvg(first, rowsOf())).toBe(null);
  });

  test('as PNG it has twice the pixels of its box, and its text: the shipped font is found', async () => {
    const svg = await svgOf('energy-by-model');
    const png = Buffer.from(await chartPng(svg));
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
    const silent = Buffer.from(await chartPng(svg.replace(/<text[\s\S]*?<\/text>/g, '')));
    expect(png.length).toBeGreaterThan(1.2 * silent.length);
  });

  test.each([
    ['emoji', EMOJI_NAME],
    ['hostile', HOSTILE_NAME],
  ])('with a name of %s it is still a picture', async (_kind, name) => {
    const svg = await svgOf('energy-by-model', renamed(name));
    expect(
      Buffer.from(await chartPng(svg))
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });
});

describe('pdfReport', () => {
  test('has the ranking, every chart and the doubts on several pages', async () => {
    const pdf = Buffer.from(await pdfReport(simulated)).toString('latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    const pages = pdf.match(/\/Type \/Page\b/g)?.length ?? 0;
    const charts = REPORTS.filter((report) => report.build(simulated) !== null).length;
    expect(pages).toBeGreaterThan(charts / 3);
    expect(pages).toBeLessThanOrEqual(charts + 3);
  }, 30_000);

  test.each(ODD_ROWS)(
    '%s: a whole file',
    async (_title, make) => {
      const pdf = Buffer.from(await pdfReport(make())).toString('latin1');
      expect([pdf.slice(0, 5), pdf.trimEnd().slice(-5)]).toEqual(['%PDF-', '%%EOF']);
    },
    30_000,
  );
});

describe('text without a canvas', () => {
  test('wide letters are wider than narrow ones, and width grows with the size', () => {
    expect(textWidth_px('mmm', 10)).toBeGreaterThan(2 * textWidth_px('iii', 10));
    expect(textWidth_px('abc', 20)).toBeCloseTo(2 * textWidth_px('abc', 10), 9);
  });

  test('lines keep every word and their width', () => {
    const text = 'All joules of a configuration divided by all its output tokens';
    const lines = wrapped(text, 11, 120);
    expect(lines.join(' ')).toBe(text);
    expect(lines.length).toBeGreaterThan(2);
    expect(Math.max(...lines.map((line) => textWidth_px(line, 11)))).toBeLessThanOrEqual(120);
  });
});
