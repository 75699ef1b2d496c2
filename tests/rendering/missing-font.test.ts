import { describe, expect, test, vi } from 'vitest';
import { chartPng } from '../../src/rendering/chart-file.ts';
import { htmlPage } from '../../src/rendering/html-page.ts';
import { pdfReport } from '../../src/rendering/pdf.ts';
import { rowsOf, sampleRecording } from '../support/report-rows.ts';

vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof import('node:fs/promises')>();
  const access: typeof files.access = async (path, mode) => {
    if (String(path).endsWith('.ttf')) throw new Error('ENOENT: no such file');
    return files.access(path, mode);
  };
  return { ...files, access };
});

const rows = rowsOf(sampleRecording({ repetitions: 1 }));

describe('without the font that ships', { timeout: 30_000 }, () => {
  test('PNG and PDF say what is missing and which format needs none', async () => {
    const said = {
      message: expect.stringContaining('is missing'),
      remedy: expect.stringContaining('--format html'),
    };
    await expect(
      chartPng('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ).rejects.toMatchObject(said);
    await expect(pdfReport(rows)).rejects.toMatchObject(said);
  });

  test('the page is whole', async () => {
    expect((await htmlPage(rows)).slice(-8)).toBe('</html>\n');
  });
});
