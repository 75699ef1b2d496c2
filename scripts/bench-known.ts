// A second `lmpower run --all` over configurations that are all known: nothing is measured, all is shown. The median time
// from the shell to the last line. node dist/scripts/bench-known.js [configurations]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createLmStudio } from '../src/backends/lmstudio.ts';
import { systemClock } from '../src/core/clock.ts';
import { METHOD_VERSION } from '../src/core/result.ts';
import type { Plan, RunRecord } from '../src/core/run.ts';
import { MS_PER_S } from '../src/core/units.ts';
import { configurationsOf } from '../src/orchestrator/configuration.ts';
import { probeEnvironment } from '../src/orchestrator/environment.ts';
import { DEFAULT_CATALOG } from '../src/simulator/lmstudio/catalog.ts';
import { startLmStudioStandIn } from '../src/simulator/lmstudio/server.ts';
import { PowerSteps } from '../src/simulator/power-step.ts';
import { type NewResult, openStore } from '../src/storage/store.ts';

const DEFAULT_COUNT = 1000;
const LIMIT_MS = 1000;
const ROUNDS = 5;
const CLI = resolve(import.meta.dirname, '../src/cli/main.js');
const RUN = 'run --all --workload quick-v1 --sampler synthetic --backend lmstudio --no-digest'.split(' ');
const ID = '01900000-0000-7000-8000-000000000000';

/** The server runs on a thread of its own: this one waits for the program. */
async function serve(count: number): Promise<void> {
  const [model] = DEFAULT_CATALOG;
  if (model === undefined) throw new Error('the lab has no models');
  const models = Array.from({ length: count }, (_, place) => ({ ...model, key: `model-${place}@q4_k_m` }));
  const { url } = await startLmStudioStandIn({ steps: new PowerSteps(), models });
  parentPort?.postMessage(url);
}

interface Bench {
  readonly folder: string;
  readonly url: string;
}

interface Ended {
  readonly stdout: string;
  readonly span_ms: number;
  /** Processor time, which other programs do not lengthen. */
  readonly cpu_ms: number;
}

/** Tells on a fourth pipe how much processor time the program took. */
const TELL_CPU = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>{const{user,system}=process.cpuUsage();writeSync(3,String(user+system))})`;
const MS_PER_US = 1e-3;

function lmpower({ folder, url }: Bench, ...more: readonly string[]): Ended {
  const from_s = systemClock.now_s();
  const { error, output, status, stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', TELL_CPU, CLI, ...RUN, '--url', url, '--db', join(folder, 'known.db'), ...more],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      cwd: folder,
      env: { ...process.env, HOME: folder },
    },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
  return {
    stdout,
    span_ms: (systemClock.now_s() - from_s) * MS_PER_S,
    cpu_ms: Number(output[3]) * MS_PER_US,
  };
}

/** As if the plan had been carried out: one trial of each configuration, each with a result. */
async function fill(bench: Bench): Promise<void> {
  const { plan }: { plan: Plan } = JSON.parse(lmpower(bench, '--dry-run', '--json').stdout);
  const backend = createLmStudio({ url: bench.url, token: null, clock: systemClock, timeout_s: 30 });
  const { version } = await backend.probe();
  await backend.close();
  const environment = await probeEnvironment({ backendVersion: version });
  const run: RunRecord = {
    id: ID,
    startedAt: '2026-01-01T00:00:00.000Z',
    origin_s: 0,
    state: 'finished',
    toolVersion: 'bench',
    methodVersion: 1,
    baselineState: 'B2',
    simulated: true,
    plan,
    environment,
  };
  const store = openStore(join(bench.folder, 'known.db'));
  store.createRun(run);
  const configurations = [...configurationsOf(run)];
  store.append(run.id, {
    trials: configurations.map(([index]) => ({
      index,
      model: plan.models[index] ?? '',
      workload: plan.workload.id,
      promptId: plan.workload.prompts[0]?.id ?? '',
      category: 'short',
      repetition: 0,
      phases: [],
      completions: [],
      truth: null,
    })),
  });
  store.saveResults(
    run.id,
    configurations.map(([trial, configuration]) => resultOf(trial, configuration)),
  );
  store.close();
}

function resultOf(trial: number, configuration: string): NewResult {
  return {
    trial,
    configuration,
    methodVersion: METHOD_VERSION,
    isUsable: true,
    domain: 'soc',
    gross_J: 12 + trial / 100,
    net_J: 10 + trial / 100,
    output_tok: 64,
    duration_s: 2,
    grade: 'A',
  };
}

async function bench(count: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lmpower-known-'));
  const server = new Worker(new URL(import.meta.url), { workerData: count });
  try {
    const url = await new Promise<string>((told, failed) => {
      server.once('message', (message) => told(String(message)));
      server.once('error', failed);
    });
    const place = { folder, url };
    await fill(place);
    const rounds = Array.from({ length: ROUNDS }, () => lmpower(place));
    const shown = rounds[0]?.stdout.split('\n').filter((line) => line.startsWith('model-')).length ?? 0;
    const median = (of: (round: Ended) => number): number =>
      rounds.map(of).toSorted((x, y) => x - y)[ROUNDS >> 1] ?? Number.NaN;
    const median_ms = median(({ span_ms }) => span_ms);
    const isGood = median_ms < LIMIT_MS && shown === count;
    process.stdout.write(
      `run --all over ${count} known configurations, ${shown} shown: ${median_ms.toFixed(0)} ms, of it ${median(({ cpu_ms }) => cpu_ms).toFixed(0)} ms of processor\n${isGood ? 'good' : 'NOT good'}: below ${LIMIT_MS} ms\n`,
    );
    return isGood;
  } finally {
    await server.terminate();
    rmSync(folder, { recursive: true });
  }
}

if (isMainThread) process.exitCode = (await bench(Number(process.argv[2] ?? DEFAULT_COUNT))) ? 0 : 1;
else await serve(Number(workerData));
