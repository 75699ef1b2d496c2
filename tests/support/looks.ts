import type { Browser, Page } from 'playwright-core';

/** Mean lightness, 0–255, of the fields of a picture, row by row: what it looks like from afar. */
export type Look = readonly number[];

const COLUMNS = 32;
const ROWS = 16;
const WHITE = 255;
/** Less darkness than a point or a line leaves in a field. */
const FAINT = 2;

/** The looks of all charts of a page, by chart. */
export async function looksOf(browser: Browser, page: Page): Promise<Record<string, Look>> {
  const blank = await browser.newPage();
  const looks: Record<string, Look> = {};
  for (const figure of await page.locator('figure[data-chart]').all()) {
    const id = (await figure.getAttribute('data-chart')) ?? '';
    const png = await figure.locator('.drawing').screenshot();
    looks[id] = await blank.evaluate<number[]>(fieldsOf(png.toString('base64')));
  }
  await blank.close();
  return looks;
}

/** Part of the fields with ink, over white paper, that have more than half more or less of it than before; 0 alike, 1 at most. */
export function unlikeness(a: Look, b: Look): number {
  if (a.length !== b.length) return 1;
  const inks = a.map((value, i): readonly [number, number] => [WHITE - value, WHITE - (b[i] ?? WHITE)]);
  const inked = inks.filter((pair) => Math.max(...pair) > FAINT);
  const changed = inked.filter(([now, before]) => Math.abs(now - before) > Math.max(now, before) / 2);
  return inked.length === 0 ? 1 : changed.length / inked.length;
}

function fieldsOf(base64: string): string {
  return `(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${base64}';
    await image.decode();
    const { width, height } = image;
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const sums = Array.from({ length: ${COLUMNS * ROWS} }, () => [0, 0]);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = (y * width + x) * 4;
        const field = sums[Math.floor((y / height) * ${ROWS}) * ${COLUMNS} + Math.floor((x / width) * ${COLUMNS})];
        field[0] += (data[i] + data[i + 1] + data[i + 2]) / 3;
        field[1] += 1;
      }
    }
    return sums.map(([sum, count]) => Math.round(sum / count));
  })()`;
}
