// Listing a store of many trials, as `lmpower runs` does, and comparing two of its runs: medians. node dist/scripts/bench-runs.js [trials per run …]
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyze } from '../src/analyzer/analyze.ts';
import { compareRuns } from '../src/analyzer/compare/compare.ts';
import { systemClock } from '../src/core/clock.ts';
import type { Completion, RunRecord, Trial } from '../src/core/run.ts';
import type { Domain, Sample } from '../src/core/sample.ts';
import { MS_PER_S } from '../src/core/units.ts';
import { uuidv7 } from '../src/core/uuid.ts';
import { loadWorkload } from '../src/orchestrator/workload.ts';
import { openStore, type RunFilter, type RunStore } from '../src/storage/store.ts';

const TRIALS = 100_000;
/** A list that takes longer is felt. */
const LIMIT_MS = 300;
const COMPARE_LIMIT_MS = 1000;
const ROUNDS = 5;
/** Runs of a thorough workload, and of the classic one. */
const DEFAULT_SIZES = [90, 9];
const MODELS = ['qwen3-4b', 'qwen3-8b', 'gemma-3-12b', 'llama-3.2-3b'];
const FILTERS: Readonly<Record<string, RunFilter>> = {
  everything: {},
  '--limit 20': { limit: 20 },
  '--model qwen': { model: /qwen/i },
  '--tag kept': { tag: 'kept' },
  '--workload w --state finished': { workload: 'classic-v1', state: 'finished' },
};

function completionAt(requested_s: number): Completion {
  return {
    promptId: 'short-1',
    requested_s,
    promptStart_s: null,
    promptEnd_s: null,
    tokens: Array.from({ length: 20 }, (_, i) => ({
      arrival_s: requested_s + i / 10,
      count_tok: 1,
      sort: 'content' as const,
    })),
    firstToken_s: requested_s,
    lastToken_s: requested_s + 2,
    ended_s: requested_s + 2,
    input_tok: 20,
    cached_tok: 0,
    output_tok: 20,
    reasoning_tok: 0,
    draft_tok: null,
    accepted_tok: null,
    tokenSource: 'server',
    stopReason: 'eos',
    text: 'an answer of some length, as models give them '.repeat(5),
    serverStatistics: { tokens_per_second: 42.5 },
    error: null,
  };
}

function trialAt(index: number, model: string): Trial {
  const start_s = index * 20;
  return {
    index,
    model,
    workload: 'classic-v1',
    promptId: 'short-1',
    category: 'short',
    repetition: 0,
    phases: [
      { kind: 'baseline', start_s: start_s - 10, end_s: start_s },
      { kind: 'inference', start_s, end_s: start_s + 2 },
    ],
    completions: [completionAt(start_s)],
    truth: null,
  };
}

/** Runs that have power readings, and hence can be compared. */
const COMPARED = 2;
const INTERVAL_s = 0.5;
const SOC: Domain = {
  id: 'soc',
  label: 'SoC',
  parent: null,
  scope: 'bench',
  source: 'bench',
  kind: 'mean',
  rank: 1,
  quantum_J: 1e-3,
  rails: 1,
  minPower_W: 0,
  maxPower_W: 60,
  misalignment_s: 0,
  averaging_s: null,
  systematicRatio: null,
};

/** Twenty seconds a trial, two of them at work. */
function samplesOf(trials: number): Sample[] {
  return Array.from({ length: (20 * (trials + 1)) / INTERVAL_s }, (_, i) => {
    const start_s = i * INTERVAL_s - 20;
    const power_W = (start_s + 20) % 20 < 2 ? 25 : 5;
    return {
      domain: 'soc',
      kind: 'mean',
      start_s,
      end_s: start_s + INTERVAL_s,
      energy_J: power_W * INTERVAL_s,
    };
  });
}

/** Every other run names no models: its listing has to look at its trials. */
async function fill(store: RunStore, trialsPerRun: number): Promise<void> {
  const workload = await loadWorkload('classic-v1');
  for (let number = 0; number < TRIALS / trialsPerRun; number++) {
    const model = MODELS[number % MODELS.length] ?? '';
    const run = runOf(number, { models: number % 2 === 0 ? [model] : [], workload });
    store.createRun(run);
    store.append(run.id, { trials: Array.from({ length: trialsPerRun }, (_, i) => trialAt(i, model)) });
    if (number < COMPARED) store.append(run.id, { domains: [SOC], samples: samplesOf(trialsPerRun) });
    if (number % 10 === 0) store.addTags(run.id, ['kept']);
  }
}

function runOf(number: number, plan: Pick<RunRecord['plan'], 'models' | 'workload'>): RunRecord {
  const year = number < COMPARED ? '2009' : `20${10 + (number % 16)}`;
  const wallAt = `${year}-01-01T00:00:00.${String(number % 1000).padStart(3, '0')}Z`;
  const inference = {
    temperature: 0,
    topP: null,
    topK: null,
    minP: null,
    repeatPenalty: null,
    seed: 1,
    maxOutput_tok: null,
  };
  return {
    id: uuidv7(wallAt, randomBytes(10)),
    startedAt: wallAt,
    origin_s: 0,
    state: 'finished',
    toolVersion: 'bench',
    methodVersion: 1,
    baselineState: 'B2',
    simulated: true,
    plan: {
      backend: 'none',
      url: null,
      samplers: [],
      interval_ms: 100,
      baseline_s: 10,
      baselineMax_s: 60,
      cooldown_s: 10,
      trials: 1,
      warmup: false,
      inference,
      load: { context_tok: null, gpuOffload: null, flashAttention: null, parallel: null },
      ...plan,
    },
    environment: {
      machine: `machine-${number % 3}`,
      chip: null,
      cores: null,
      memory_B: null,
      os: process.platform,
      osBuild: null,
      node: process.versions.node,
      powerSource: null,
      lowPowerMode: null,
      governor: null,
      elevated: false,
      backendVersion: null,
      engine: null,
      settings: [],
    },
  };
}

function median_ms(work: () => unknown): number {
  const times_ms = Array.from({ length: ROUNDS }, () => {
    const from_s = systemClock.now_s();
    work();
    return (systemClock.now_s() - from_s) * MS_PER_S;
  });
  return times_ms.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

/** As `lmpower compare` does: both runs are analysed anew. */
function compareTwo(path: string): void {
  const store = openStore(path);
  const [reference, candidate] = store
    .list()
    .slice(-COMPARED)
    .map(({ id }) => analyze(store.load(id)));
  store.close();
  if (reference === undefined || candidate === undefined) throw new Error('there are no two runs');
  compareRuns(reference, candidate, { across: true });
}

async function bench(trialsPerRun: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lmpower-bench-'));
  try {
    const path = join(folder, 'runs.db');
    const writer = openStore(path);
    await fill(writer, trialsPerRun);
    writer.close();
    process.stdout.write(`${TRIALS} trials in runs of ${trialsPerRun}\n`);
    const times_ms = Object.entries(FILTERS).map(([name, filter]) => {
      let listed = 0;
      const opened_ms = median_ms(() => {
        const store = openStore(path);
        listed = store.list(filter).length;
        store.close();
      });
      process.stdout.write(`  ${name.padEnd(32)}${opened_ms.toFixed(0).padStart(5)} ms, ${listed} runs\n`);
      return opened_ms;
    });
    const compared_ms = median_ms(() => compareTwo(path));
    process.stdout.write(`  ${'compare of two'.padEnd(32)}${compared_ms.toFixed(0).padStart(5)} ms\n`);
    return Math.max(...times_ms) < LIMIT_MS && compared_ms < COMPARE_LIMIT_MS;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : DEFAULT_SIZES;
let isGood = true;
for (const size of sizes) isGood = (await bench(size)) && isGood;
process.stdout.write(
  `${isGood ? 'good' : 'NOT good'}: each list below ${LIMIT_MS} ms, each comparison below ${COMPARE_LIMIT_MS} ms\n`,
);
process.exitCode = isGood ? 0 : 1;
