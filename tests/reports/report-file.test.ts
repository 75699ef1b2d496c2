import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chartFiles, pathIn, reportFile } from '../../src/cli/report-file.ts';
import { plainSession } from '../support/plain-session.ts';
import { rowsOf, sampleRecording } from '../support/report-rows.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const recording = sampleRecording({ repetitions: 1 });
const rows = rowsOf(recording);
const ID = recording.run.id;

describe('report files', { timeout: 30_000 }, () => {
  test('a folder takes every chart, named after run and chart', async () => {
    const folder = temporaryFolder();
    const paths = await chartFiles({ format: 'svg', output: folder, chart: undefined }, rows);
    expect((await readdir(folder)).sort()).toEqual(paths.map((path) => path.slice(folder.length + 1)).sort());
    expect(paths).toContain(join(folder, `lmpower-${ID}-energy-by-model.svg`));
  });

  test('a file takes the chart asked for', async () => {
    const output = join(temporaryFolder(), 'picture.png');
    expect(await chartFiles({ format: 'png', output, chart: 'closure' }, rows)).toEqual([output]);
    expect((await readFile(output)).subarray(1, 4).toString()).toBe('PNG');
  });

  test('a chart that these runs cannot fill is refused with those that they can', async () => {
    const output = temporaryFolder();
    await expect(chartFiles({ format: 'svg', output, chart: 'history' }, rows)).rejects.toMatchObject({
      code: 'USAGE',
      remedy: expect.stringContaining('energy-by-model'),
    });
    const silent = plainSession({ series: [] });
    await expect(
      chartFiles({ format: 'svg', output, chart: undefined }, rowsOf(silent)),
    ).rejects.toMatchObject({ code: 'USAGE' });
    expect(await readdir(output)).toEqual([]);
  });

  test('a page into a folder carries the run’s id, and a missing folder is said', async () => {
    const folder = temporaryFolder();
    const path = await pathIn(folder, rows.documents, 'html');
    expect(path).toBe(join(folder, `lmpower-${ID}.html`));
    await reportFile(path, rows);
    expect((await stat(path)).size).toBeGreaterThan(500_000);
    await expect(reportFile(join(folder, 'none', 'page.html'), rows)).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
    });
  });
});
