import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { REPORTS } from '../../reports/index.ts';
import { LIGHT_PALETTE } from '../../reports/theme.ts';
import { htmlPage } from '../../src/rendering/html-page.ts';
import { EMOJI_NAME, HOSTILE_NAME, ODD_ROWS, renamed } from '../support/odd-rows.ts';
import { rowsOf, SAMPLE_MODELS, sampleRecording } from '../support/report-rows.ts';

const sample = rowsOf(sampleRecording());
const page = await htmlPage(sample);

/** Without the scripts: what a reader and the HTML parser see. */
function visible(html: string): string {
  return html.replace(/<script[^>]*>[\s\S]*?<\/script>/g, '');
}

describe('htmlPage', { timeout: 30_000 }, () => {
  test('leads with the answer, then ranking, charts, doubts, method, fingerprint, figures', () => {
    const order = [
      'class="answer"',
      'id="ranking"',
      'data-chart="power-over-time"',
      'data-chart="energy-by-model"',
      'id="doubts"',
      'id="method"',
      'id="fingerprint"',
      'id="figures"',
    ].map((text) => page.indexOf(text));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  test('draws every chart that has an answer beforehand, labelled for those who cannot see it', () => {
    for (const report of REPORTS) {
      const isDrawn = report.build(sample) !== null;
      expect([report.id, page.includes(`data-chart="${report.id}"`)]).toEqual([report.id, isDrawn]);
      if (!isDrawn) continue;
      const image = `<div class="drawing" role="img" aria-labelledby="${report.id}" aria-describedby="${report.id}-caption"><svg`;
      expect(
        [image, `<figcaption id="${report.id}-caption">`].filter((text) => !page.includes(text)),
      ).toEqual([]);
    }
  });

  test('allows its own scripts and style by hash, and nothing else', () => {
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => hash(text ?? ''));
    expect(scripts).toHaveLength(3);
    const plain = (policy ?? '').replaceAll('&#39;', "'");
    for (const one of scripts) expect(plain).toContain(`'${one}'`);
    expect(plain).toContain(`style-src '${hash(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '')}'`);
    expect(plain).toMatch(/^default-src 'none';/);
    expect(plain).not.toContain('unsafe');
  });

  test('names no other place: no link, source, import or style that could make a request', () => {
    expect(visible(page).match(/\s(?:src|href|action|srcset|poster)="(?!#)[^"]*/g)).toBe(null);
    expect(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1]?.match(/@import|url\(/g) ?? null).toBe(null);
  });

  test('names no colour but through the palette, so that dark and high contrast reach every mark', () => {
    const drawings = [...page.matchAll(/<div class="drawing"[^>]*>([\s\S]*?)<\/div>/g)].map(
      ([, svg]) => svg ?? '',
    );
    const paints = drawings.flatMap((svg) =>
      [...svg.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, paint]) => paint),
    );
    const named = new Set(paints.filter((paint) => !/^var\(--[\w-]+\)$/.test(paint ?? '')));
    expect([...named].filter((paint) => !['none', 'transparent'].includes(paint ?? ''))).toEqual([]);
    for (const [, name] of page.matchAll(/var\((--[\w-]+)\)/g))
      expect(Object.keys(LIGHT_PALETTE)).toContain(name);
  });

  test('has each code of a row with its remedy to link to', () => {
    const links = [...page.matchAll(/href="#code-(\w+)"/g)].map(([, code]) => code);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((code) => !page.includes(`<tr id="code-${code}">`))).toEqual([]);
  });

  test('does not list the doubt of a rail that nothing on the page shows', async () => {
    const documents = sample.documents.map((document) => ({
      ...document,
      summary: document.summary.map((one) =>
        one.headline ? one : { ...one, codes: [...one.codes, 'CLOCK_STEP' as const] },
      ),
    }));
    expect(documents.some(({ summary }) => summary.some(({ codes }) => codes.includes('CLOCK_STEP')))).toBe(
      true,
    );
    expect(visible(await htmlPage({ ...sample, documents }))).not.toContain('CLOCK_STEP');
  });

  test('SIMULATED stands in the title and above the answer where the lab took part, and nowhere else', async () => {
    const demo = await htmlPage(
      rowsOf(sampleRecording({ simulated: true, repetitions: 1, models: SAMPLE_MODELS.slice(0, 1) })),
    );
    expect(demo.includes('<title>lmpower report (SIMULATED)</title>')).toBe(true);
    expect(demo.indexOf('class="simulated"')).toBeLessThan(demo.indexOf('class="answer"'));
    expect(visible(page).includes('SIMULATED')).toBe(false);
  });

  test('is the same to the byte each time', async () => {
    expect((await htmlPage(sample)) === page).toBe(true);
  });
});

describe('odd input', { timeout: 30_000 }, () => {
  test.each(ODD_ROWS)('%s: a whole page', async (_title, make) => {
    const odd = await htmlPage(make());
    expect(odd.slice(-8)).toBe('</html>\n');
    expect(visible(odd).match(/NaN|undefined|Infinity|\[object/g)).toBe(null);
    expect(odd.match(/<script/g)?.length).toBe(odd.match(/<\/script>/g)?.length);
  });

  test('a hostile name is shown and does nothing', async () => {
    const odd = await htmlPage(renamed(HOSTILE_NAME));
    expect(odd.match(/<img|\u202e|\p{Cs}/gu)).toBe(null);
    expect(visible(odd).match(/&#60;img src=x onerror=alert\(1\)/g)?.length ?? 0).toBeGreaterThan(1);
  });

  test('500 emoji are shortened to whole letters, in tables and drawings', async () => {
    const odd = await htmlPage(renamed(EMOJI_NAME));
    expect(visible(odd).match(/(?:🦙){61}/gu)).toBe(null);
    expect(odd.match(/\p{Surrogate}/gu)).toBe(null);
  });
});
