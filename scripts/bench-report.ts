/** How long pages take, and how large they get: 50 configurations with 24 h of samples, and 100,000 trials. `node dist/scripts/bench-report.js` */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReportRows } from '../reports/report.ts';
import { reportRows } from '../src/cli/report-rows.ts';
import { systemClock } from '../src/core/clock.ts';
import type { EnergyRow, Estimate, RunDocument, Summary, TrialResult } from '../src/core/result.ts';
import type { Domain, SampleSeries } from '../src/core/sample.ts';
import { S_PER_US } from '../src/core/units.ts';
import { htmlPage } from '../src/rendering/html-page.ts';
import { timelineOf } from '../src/rendering/timeline.ts';

const DAY_s = 86_400;
const INTERVAL_s = 0.5;
const RAILS = ['soc', 'cpu', 'gpu', 'ane'];
const PROMPTS = 9;

/** A day of readings at the default interval, from a fixed sequence. */
function seriesOf(domain: string, index: number): SampleSeries {
  const count = DAY_s / INTERVAL_s;
  const end_s = Float64Array.from({ length: count }, (_, i) => (i + 1) * INTERVAL_s);
  return {
    domain,
    kind: 'mean',
    start_s: end_s.map((at_s) => at_s - INTERVAL_s),
    end_s,
    energy_J: end_s.map((_, i) => INTERVAL_s * (4 + index + ((i * 7919) % 31))),
    startPower_W: new Float64Array(),
    endPower_W: new Float64Array(),
  };
}

function estimate(value: number): Estimate {
  return { value, ci95: [value * 0.98, value * 1.02], spread: value * 0.03 };
}

function rowOf(domain: string, factor: number): EnergyRow {
  const net_J = 200 * factor;
  const part = { start_s: 0, end_s: 1, bound_J: 1, tokens: 300, publications: 30, grade: 'A' } as const;
  const share = (ratio: number): EnergyRow['prefill'] => ({
    ...part,
    gross_J: net_J * ratio,
    net_J: net_J * ratio,
    gross_JPerTok: 0.5,
    net_JPerTok: 0.5,
  });
  return {
    domain,
    scope: 'CPU+GPU+ANE estimate, no DRAM',
    kind: 'mean',
    gross_J: net_J * 1.1,
    net_J,
    prefill: share(0.2),
    decode: share(0.7),
    remainder_J: net_J * 0.1,
    tail_J: 0,
    proRated: { gross_J: net_J, net_J },
    method: 'window',
    baseline: { state: 'B2', power_W: 4, halfWidth_W: 0.1, before_W: 4, after_W: 4.1 },
    closure: 1,
    gross_JPerTok: (net_J * 1.1) / 300,
    net_JPerTok: net_J / 300,
    tokPerS: 30,
    tokPerSPerW: 1,
    uncertainty: { bound_J: 2, baseline_J: 1, systematicRatio: null },
    publications: 30,
    coverage: 1,
    grade: 'A',
    codes: ['DOMAIN_PARTIAL'],
  };
}

function trialAt(
  index: number,
  of: { readonly count: number; readonly configurations: number },
): TrialResult {
  const start_s = (index / of.count) * DAY_s;
  const span_s = DAY_s / of.count;
  const [requested_s, ended_s] = [start_s + span_s * 0.4, start_s + span_s * 0.8];
  const configuration = Math.floor((index / of.count) * of.configurations);
  const factor = 1 + configuration / 10 + ((index * 31) % 17) / 300;
  return {
    index,
    model: `model-${configuration}@q4_k_m`,
    workload: 'classic-v1',
    promptId: `p${index % PROMPTS}`,
    category: (['short', 'medium', 'long'] as const)[index % 3] ?? 'short',
    repetition: Math.floor(index / PROMPTS),
    phases: (['baseline', 'inference', 'cooldown'] as const).map((kind, i) => ({
      kind,
      start_s: start_s + i * 0.4 * span_s,
      end_s: start_s + (i + 1) * 0.4 * span_s,
      energy: [],
    })),
    completion: {
      ...{ promptId: `p${index % PROMPTS}`, requested_s, promptStart_s: null, promptEnd_s: null },
      tokens: Array.from({ length: 20 }, (_, i) => ({
        arrival_s: requested_s + ((ended_s - requested_s) * (i + 1)) / 20,
        count_tok: 15,
        sort: 'content',
      })),
      ...{ firstToken_s: requested_s, lastToken_s: ended_s, ended_s, input_tok: 100 + (index % 7) },
      ...{ cached_tok: 0, output_tok: 250 + (index % 100), reasoning_tok: 0, draft_tok: null },
      ...{ accepted_tok: null, tokenSource: 'server', stopReason: 'eos', text: '', error: null },
      serverStatistics: {},
      latency: {
        ...{ ttft_s: 0.1, ttfo_s: 0.1, queue_s: null, prefill_s: 0.1, prefillSource: 'ttft', tpot_s: 0.03 },
        ...{ duration_s: ended_s - requested_s, decode_tok: 299, decodeSource: 'deltas' },
        ...{ prefillTokPerS: 900, decodeTokPerS: 33 },
      },
    },
    energy: [rowOf('soc', factor), rowOf('gpu', factor * 0.8)],
  };
}

function summaryOf(model: string, category: string, net_JPerTok: number): Summary {
  return {
    ...{ model, workload: 'classic-v1', category, domain: 'soc', scope: 'CPU+GPU+ANE estimate, no DRAM' },
    ...{ headline: true, n: 9, output_tok: 2700, bound_J: 20, grade: 'A', codes: ['DOMAIN_PARTIAL'] },
    net_JPerTok: estimate(net_JPerTok),
    gross_JPerTok: estimate(net_JPerTok * 1.1),
    tokPerS: estimate(30 + net_JPerTok),
    tokPerSPerW: estimate(1 / net_JPerTok),
  };
}

function domainOf(id: string): Domain {
  return {
    ...{
      id,
      label: id,
      parent: null,
      scope: 'bench',
      source: 'bench',
      kind: 'mean',
      rank: id === 'soc' ? 1 : 0,
    },
    ...{ quantum_J: 1e-3, rails: 1, minPower_W: 0, maxPower_W: 60, misalignment_s: 0 },
    ...{ averaging_s: null, systematicRatio: null },
  };
}

function documentOf(of: { readonly count: number; readonly configurations: number }): RunDocument {
  const settings = { temperature: null, topP: null, topK: null, minP: null, repeatPenalty: null, seed: null };
  const workload = {
    id: 'classic-v1',
    version: 1,
    title: '',
    identity: 'text',
    nonce: false,
    system: null,
  } as const;
  return {
    schemaVersion: 1,
    tool: { name: 'lmpower', version: '0.0.0', methodVersion: 1 },
    run: { id: 'bench', startedAt: '2026-01-01T00:00:00.000Z', state: 'finished', duration_s: DAY_s },
    environment: {
      ...{ machine: null, chip: null, cores: null, memory_B: null, os: 'bench', osBuild: null, node: '' },
      ...{ powerSource: null, lowPowerMode: null, governor: null, elevated: false },
      ...{ backendVersion: null, engine: null, settings: [] },
    },
    plan: {
      ...{ backend: 'bench', url: null, models: [], samplers: ['bench'], interval_ms: 500, baseline_s: 10 },
      ...{ baselineMax_s: 10, cooldown_s: 10, trials: 1, warmup: false },
      workload: { ...workload, prompts: [], sha256: '0' },
      inference: { ...settings, maxOutput_tok: null },
      load: { context_tok: null, gpuOffload: null, flashAttention: null, parallel: null },
    },
    domains: RAILS.map(domainOf),
    headline: 'soc',
    phases: [],
    trials: Array.from({ length: of.count }, (_, index) => trialAt(index, of)),
    summary: Array.from({ length: of.configurations }, (_, i) => i).flatMap((i) =>
      ['all', 'short', 'medium', 'long'].map((category) =>
        summaryOf(`model-${i}@q4_k_m`, category, 0.6 * (1 + i / 10)),
      ),
    ),
    warnings: [],
  };
}

const CHROMIUM = '/usr/bin/chromium';

/** Milliseconds from opening the page to its first text or picture, three times; nothing where there is no Chromium. */
async function firstPaints(html: string): Promise<string> {
  if (!existsSync(CHROMIUM)) return '';
  const { chromium } = await import('playwright-core');
  const folder = await mkdtemp(join(tmpdir(), 'lmpower-bench-'));
  const path = join(folder, 'page.html');
  await writeFile(path, html);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const paints: string[] = [];
  for (let i = 0; i < 3; i++) {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(path).href);
    const paint = await page.evaluate<number>(FIRST_PAINT);
    paints.push(paint.toFixed(0));
    await page.close();
  }
  await browser.close();
  await rm(folder, { recursive: true });
  return `  first paint in Chromium ${paints.join(', ')} ms`;
}

const FIRST_PAINT = `new Promise((resolve) => {
  const told = () => {
    const [first] = performance.getEntriesByName('first-contentful-paint');
    if (first === undefined) setTimeout(told, 20);
    else resolve(first.startTime);
  };
  told();
})`;

async function timed(what: string, make: () => Promise<string>): Promise<void> {
  const start_s = systemClock.now_s();
  const before = process.cpuUsage();
  const html = await make();
  const { length } = Buffer.from(html);
  const took_s = systemClock.now_s() - start_s;
  const busy = process.cpuUsage(before);
  const busy_s = (busy.user + busy.system) * S_PER_US;
  process.stdout.write(
    `${took_s.toFixed(2)} s (processor ${busy_s.toFixed(2)} s)  ${(length / 1e6).toFixed(2)} MB  ${what}${await firstPaints(html)}\n`,
  );
}

function rowsOf(document: RunDocument, series: readonly SampleSeries[]): ReportRows {
  return { ...reportRows([document], undefined), timeline: timelineOf(series) };
}

const series = RAILS.map(seriesOf);
const fifty = documentOf({ count: 50 * PROMPTS * 5, configurations: 50 });
const many = documentOf({ count: 100_000, configurations: 6 });
await timed(`50 configurations, 24 h of samples at ${INTERVAL_s} s on ${RAILS.length} rails`, () =>
  htmlPage(rowsOf(fifty, series)),
);
await timed('100,000 trials', () => htmlPage(rowsOf(many, series)));
