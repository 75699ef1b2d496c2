import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPORTS } from '../../reports/index.ts';
import type { ReportRows } from '../../reports/report.ts';
import { chartFiles, pdfFile, reportFile } from '../../src/cli/report-file.ts';
import { chartPng, chartSvg } from '../../src/rendering/chart-file.ts';
import { htmlPage } from '../../src/rendering/html-page.ts';
import { markdownReport } from '../../src/rendering/markdown.ts';
import { timelineOf } from '../../src/rendering/timeline.ts';
import { EMOJI_NAME, HOSTILE_NAME, ODD_ROWS, renamed } from '../support/odd-rows.ts';
import { rowsOf, sampleRecording } from '../support/report-rows.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;

async function svgs(rows: ReportRows): Promise<string[]> {
  const drawings = await Promise.all(REPORTS.map((report) => chartSvg(report, rows)));
  return drawings.filter((svg) => svg !== null);
}

describe('rows at the edge', { timeout: 60_000 }, () => {
  test.each(ODD_ROWS)('%s: Markdown and SVG without a figure that is none', async (_title, make) => {
    const rows = make();
    const text = markdownReport(rows.documents);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(text).not.toMatch(COMMANDS);
    for (const svg of await svgs(rows)) {
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg).not.toMatch(COMMANDS);
    }
  });

  test.each([
    ['markup and controls', HOSTILE_NAME],
    ['500 emoji', EMOJI_NAME],
  ])(
    'a name of %s leaves every drawing a well-formed document, which a strict reader draws',
    async (_what, name) => {
      const drawings = await svgs(renamed(name));
      expect(drawings.length).toBeGreaterThan(5);
      for (const svg of drawings) {
        expect(svg).not.toMatch(/<(?:img|script|foreignObject|a)\b|<[^>]*\son\w+=/i);
        expect((await chartPng(svg)).length).toBeGreaterThan(1000);
      }
    },
  );

  test('ten million readings are as many points as there are pixels, and lose no peak and no joule', async () => {
    const count = 1e7;
    const edges_s = Float64Array.from({ length: count + 1 }, (_, i) => i / 100);
    const energy_J = new Float64Array(count).fill(0.1);
    energy_J[7_654_321] = 9;
    const none = new Float64Array();
    const series = { domain: 'soc', kind: 'mean', energy_J, startPower_W: none, endPower_W: none } as const;
    const start_s = edges_s.subarray(0, count);
    const timeline = timelineOf([{ ...series, start_s, end_s: edges_s.subarray(1) }]);
    expect(timeline.length).toBeLessThanOrEqual(720);
    expect(Math.max(...timeline.map(({ max_W }) => max_W))).toBeCloseTo(900, 3);
    expect(timeline.reduce((sum, point) => sum + point.energy_J, 0)).toBeCloseTo(1e6 + 8.9, 0);
    const page = await htmlPage({ ...rowsOf(sampleRecording({ repetitions: 1 })), timeline });
    expect(page.length).toBeLessThan(2e6);
    expect(page).toContain('10000000 readings are drawn as 720 points');
  });
});

describe('a folder that cannot be written', { timeout: 60_000 }, () => {
  const rows = rowsOf(sampleRecording({ repetitions: 1 }));

  test.each(['page.html', 'report.pdf', 'chart.svg'])(
    'is said of %s, and nothing is left behind',
    async (name) => {
      const folder = temporaryFolder();
      // A folder of the name in the way: refused to everybody, root too.
      await mkdir(join(folder, name));
      const path = join(folder, name);
      const writing =
        name === 'page.html'
          ? reportFile(path, rows)
          : name === 'report.pdf'
            ? pdfFile(path, rows)
            : chartFiles({ format: 'svg', output: join(folder, 'none', name), chart: 'closure' }, rows);
      await expect(writing).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
      expect(await readdir(folder)).toEqual([name]);
    },
  );

  test.skipIf(process.platform !== 'linux')('of the kernel’s own, which refuses even root', async () => {
    await expect(reportFile('/sys/lmpower-report.html', rows)).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
  });
});
