import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlPage } from '../../src/rendering/html-page.ts';
import { HOSTILE_NAME, renamed } from '../support/odd-rows.ts';
import { rowsOf, sampleRecording } from '../support/report-rows.ts';

const CHROMIUM = '/usr/bin/chromium';
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
