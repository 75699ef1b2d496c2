import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { htmlPage } from '../../src/rendering/html-page.ts';
import { type Look, looksOf, unlikeness } from '../support/looks.ts';
import { HOSTILE_NAME, renamed } from '../support/odd-rows.ts';
import { rowsOf, sampleRecording } from '../support/report-rows.ts';

const CHROMIUM = '/usr/bin/chromium';
const LOOKS = new URL('../golden/looks.json', import.meta.url);
/** Nothing but the page may use the network, so that a request seen is the page's own. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The least contrast of text on the page and of marks in drawings against the paper. Source: WCAG 2.2, relative luminance. */
const CONTRASTS = `(() => {
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((value) => channel(Number(value) / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  const ratio = (colour) => {
    const own = luminance(colour);
    return (Math.max(own, paper) + 0.05) / (Math.min(own, paper) + 0.05);
  };
  const least = (colours) => Math.min(...colours.filter((colour) => /^rgb\\(/.test(colour)).map(ratio));
  const styles = (selector, property) => [...document.querySelectorAll(selector)].map((one) => getComputedStyle(one)[property]);
  return {
    text: least([...styles('p, td, th, figcaption, h2, summary, dt, dd, li', 'color'), ...styles('svg text', 'fill')]),
    marks: least([...styles('.mark-symbol circle', 'fill'), ...styles('.mark-line path', 'stroke')]),
  };
})()`;

interface Opened {
  readonly page: Page;
  /** Requests other than for the file itself, console lines and page errors. */
  readonly noise: string[];
}

describe.skipIf(!existsSync(CHROMIUM))(`the page in a browser (skipped where ${CHROMIUM} is absent)`, () => {
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
    folder = await mkdtemp(join(tmpdir(), 'lmpower-page-'));
    url = await written('page.html', await htmlPage(rowsOf(sampleRecording())));
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function written(name: string, html: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, html);
    return pathToFileURL(path).href;
  }

  async function open(target: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const noise: string[] = [];
    page.on('request', (request) => {
      if (request.url() !== target) noise.push(`request ${request.url()}`);
    });
    page.on('console', (message) => noise.push(`${message.type()} ${message.text()}`));
    page.on('pageerror', (error) => noise.push(`error ${error.message}`));
    await page.goto(target);
    return { page, noise };
  }

  async function lookThrough(page: Page): Promise<void> {
    for (const figure of await page.locator('figure[data-chart]').all()) {
      await figure.scrollIntoViewIfNeeded();
      await figure.and(page.locator('[data-live]')).waitFor({ state: 'attached' });
    }
  }

  test('asks nothing of the network and says nothing to the console while Vega takes every chart over', async () => {
    const { page, noise } = await open(url);
    const charts = await page.locator('figure[data-chart] .drawing svg').count();
    expect(charts).toBe(await page.locator('figure[data-chart]').count());
    await lookThrough(page);
    expect(await page.locator('figure[data-live] .drawing svg').count()).toBe(charts);
    expect(noise).toEqual([]);
  }, 60_000);

  test('a chart out of sight is drawn but not yet taken over', async () => {
    const { page } = await open(url);
    expect(await page.locator('figure[data-chart]').last().getAttribute('data-live')).toBe(null);
    expect(await page.locator('figure[data-chart]').last().locator('svg path').count()).toBeGreaterThan(0);
  }, 60_000);

  test('sorts by keyboard, numbers by value, and says so to a screen reader', async () => {
    const { page } = await open(url);
    const heading = page.locator('#ranking-table thead th', { hasText: 'net J/token' });
    const models = (): Promise<string[]> => page.locator('#ranking-table tbody th').allTextContents();
    const before = await models();
    await heading.locator('button').focus();
    await page.keyboard.press('Enter');
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    expect(await models()).toEqual(before);
    await page.keyboard.press('Enter');
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    expect(await models()).toEqual([...before].reverse());
  }, 60_000);

  test('filters as one types, and says how many are left', async () => {
    const { page } = await open(url);
    await page.getByLabel('Filter the ranking').fill('GEMMA');
    expect(await page.locator('#ranking-table tbody tr:visible').count()).toBe(1);
    expect(await page.locator('[role=status]').textContent()).toBe('1 of 4');
    await page.getByLabel('Filter the ranking').fill('');
    expect(await page.locator('#ranking-table tbody tr:visible').count()).toBe(4);
  }, 60_000);

  test('in the dark the paper is dark, the ink light, and marks change with them', async () => {
    const paints = async (options: BrowserContextOptions): Promise<string[]> => {
      const { page } = await open(url, options);
      return page.evaluate<string[]>(`[
        getComputedStyle(document.body).backgroundColor,
        getComputedStyle(document.body).color,
        getComputedStyle(document.querySelector('figure[data-chart=energy-by-model] svg .mark-rect path')).fill,
      ]`);
    };
    const light = await paints({ colorScheme: 'light' });
    const dark = await paints({ colorScheme: 'dark' });
    expect(light[0]).toBe('rgb(255, 255, 255)');
    expect(dark[0]).toBe('rgb(20, 24, 29)');
    expect(new Set([...light, ...dark]).size).toBe(6);
  }, 60_000);

  test.each<[string, BrowserContextOptions]>([
    ['light', { contrast: 'more' }],
    ['dark', { contrast: 'more', colorScheme: 'dark' }],
  ])(
    'in high contrast, %s, all text stands out at least 7 to 1, and colours of marks 4.5 to 1',
    async (_name, options) => {
      const { page, noise } = await open(url, options);
      await lookThrough(page);
      const ratios = await page.evaluate<{ text: number; marks: number }>(CONTRASTS);
      expect(ratios.text).toBeGreaterThanOrEqual(7);
      expect(ratios.marks).toBeGreaterThanOrEqual(4.5);
      expect(noise).toEqual([]);
    },
    60_000,
  );

  test('where the system forces its colours, drawings keep theirs on paper of their own', async () => {
    const { page, noise } = await open(url, { forcedColors: 'active' });
    await lookThrough(page);
    const [paper, line, bar] = await page.evaluate<string[]>(`[
      getComputedStyle(document.querySelector('.drawing')).backgroundColor,
      getComputedStyle(document.querySelector('figure[data-chart=energy-by-model] svg .mark-rect path')).fill,
      getComputedStyle(document.querySelector('svg.bar rect + rect')).fill,
    ]`);
    expect([paper, line, bar]).toEqual(['rgb(255, 255, 255)', 'rgb(122, 48, 0)', 'rgb(0, 58, 112)']);
    expect(noise).toEqual([]);
  }, 60_000);

  test('is used without a mouse: skip link, filter, sorting, tables that scroll, details that open', async () => {
    const { page } = await open(url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('q8');
    expect(await page.locator('#ranking-table tbody tr:visible').count()).toBe(1);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.press('Delete');
    expect(await page.locator('#ranking-table tbody tr:visible').count()).toBe(4);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('scroll');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await page.locator('#ranking-table thead th').first().getAttribute('aria-sort')).toBe('ascending');
    await page.locator('section[aria-labelledby=figures] summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('section[aria-labelledby=figures] tbody tr:visible').count()).toBeGreaterThan(
      10,
    );
  }, 60_000);

  test('paints the answer and the ranking before any chart is taken over', async () => {
    const { page } = await open(url);
    const [paint, live] = await page.evaluate<number[]>(`new Promise((resolve) => {
      const figure = document.querySelector('figure[data-chart]');
      figure.scrollIntoView();
      const told = () => {
        const first = performance.getEntriesByName('first-contentful-paint')[0];
        if (first !== undefined && figure.dataset.live !== undefined) resolve([first.startTime, performance.now()]);
        else setTimeout(told, 20);
      };
      told();
    })`);
    expect(paint).toBeGreaterThan(0);
    expect(paint).toBeLessThan(live ?? 0);
  }, 60_000);

  test('on a phone nothing is wider than the screen, and charts are drawn anew for it', async () => {
    const { page } = await open(url, { viewport: { width: 375, height: 800 } });
    await lookThrough(page);
    const widths = await page.evaluate<number[]>(`[
      document.documentElement.scrollWidth,
      ...[...document.querySelectorAll('figure svg')].map((svg) => svg.getBoundingClientRect().width),
    ]`);
    expect(Math.max(...widths)).toBeLessThanOrEqual(375);
    const label = await page.locator('figure[data-live] svg text').first().boundingBox();
    expect(label?.height).toBeGreaterThan(9);
  }, 60_000);

  test('prints on several pages of paper, in light colours', async () => {
    const { page, noise } = await open(url, { colorScheme: 'dark' });
    await lookThrough(page);
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0).toBeGreaterThan(3);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(noise).toEqual([]);
  }, 60_000);

  test('every chart looks from afar as it did when it was last looked at (LOOKED_AT=1 keeps what is there now)', async () => {
    const { page } = await open(url);
    await lookThrough(page);
    const looks = await looksOf(browser, page);
    if (process.env['LOOKED_AT'] === '1') await writeFile(LOOKS, `${JSON.stringify(looks)}\n`);
    const kept: Record<string, Look> = JSON.parse(await readFile(LOOKS, 'utf8'));
    expect(Object.keys(looks)).toEqual(Object.keys(kept));
    const changed = Object.entries(looks).filter(([id, look]) => unlikeness(look, kept[id] ?? []) > 0.05);
    expect(changed.map(([id]) => id)).toEqual([]);
  }, 60_000);

  test('a hostile name is text in tables, charts and tooltips', async () => {
    const { page, noise } = await open(await written('hostile.html', await htmlPage(renamed(HOSTILE_NAME))));
    await lookThrough(page);
    const bar = page.locator('figure[data-chart=energy-by-model] .mark-rect path').first();
    await bar.scrollIntoViewIfNeeded();
    await bar.hover();
    await page.locator('#vg-tooltip').waitFor({ state: 'visible' });
    expect(await page.locator('#vg-tooltip').textContent()).toContain('onerror=alert(1)');
    expect(await page.locator('img').count()).toBe(0);
    expect(noise).toEqual([]);
  }, 60_000);
});
