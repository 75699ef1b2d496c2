import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemClock } from '../src/core/clock.ts';
import type { RunRecord } from '../src/core/run.ts';
import type { Sample } from '../src/core/sample.ts';
import { openStore } from '../src/storage/store.ts';

/** How fast recorded samples come back from the store, beside the same samples as one row each. */
const DOMAINS = ['cpu', 'gpu', 'ane', 'soc'];
const SAMPLES_PER_FLUSH = 20_000;
const STORED = 5_000_000;
/** Rows are so much slower that a tenth of the samples must do. */
const ROWS = STORED / 10;
const INTERVAL_S = 0.1;

const RUN: RunRecord = {
  id: 'bench',
  startedAt: systemClock.wallAt(),
  origin_s: systemClock.now_s(),
  state: 'running',
  toolVersion: 'bench',
  methodVersion: 1,
  baselineState: 'B2',
  simulated: true,
  plan: {
    backend: 'none',
    url: null,
    models: [],
    workload: {
      id: 'bench',
      version: 1,
      title: 'bench',
      identity: 'text',
      nonce: false,
      system: null,
      prompts: [],
      sha256: '',
    },
    samplers: [],
    interval_ms: 100,
    baseline_s: 0,
    baselineMax_s: 0,
    cooldown_s: 0,
    trials: 1,
    warmup: false,
    inference: {
      temperature: null,
      topP: null,
      topK: null,
      minP: null,
      repeatPenalty: null,
      seed: null,
      maxOutput_tok: null,
    },
    load: { context_tok: null, gpuOffload: null, flashAttention: null, parallel: null },
  },
  environment: {
    machine: null,
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

function flush(first: number): Sample[] {
  return Array.from({ length: SAMPLES_PER_FLUSH }, (_, place) => {
    const number = first + place;
    const start_s = Math.floor(number / DOMAINS.length) * INTERVAL_S;
    const domain = DOMAINS[number % DOMAINS.length] ?? '';
    return {
      domain,
      start_s,
      end_s: start_s + INTERVAL_S,
      energy_J: 1 + (number % 7) / 7,
      kind: 'mean' as const,
    };
  });
}

function timed<T>(work: () => T): { readonly result: T; readonly took_s: number } {
  const from_s = systemClock.now_s();
  const result = work();
  return { result, took_s: systemClock.now_s() - from_s };
}

function benchChunks(path: string): { write_s: number; read_s: number } {
  const store = openStore(path);
  store.createRun(RUN);
  let write_s = 0;
  for (let first = 0; first < STORED; first += SAMPLES_PER_FLUSH) {
    const samples = flush(first);
    write_s += timed(() => store.append(RUN.id, { samples })).took_s;
  }
  store.close();
  const reader = openStore(path);
  const { result, took_s } = timed(() => reader.load(RUN.id));
  reader.close();
  const count = result.series.reduce((sum, series) => sum + series.energy_J.length, 0);
  if (count !== STORED) throw new Error(`${count} of ${STORED} samples came back`);
  return { write_s, read_s: took_s };
}

function benchRows(path: string): { write_s: number; read_s: number } {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE sample (domain TEXT, start_s REAL, end_s REAL, energy_J REAL, kind TEXT) STRICT');
  const insert = db.prepare('INSERT INTO sample VALUES (@domain, @start_s, @end_s, @energy_J, @kind)');
  const append = db.transaction((samples: readonly Sample[]) => {
    for (const sample of samples) insert.run(sample);
  });
  let write_s = 0;
  for (let first = 0; first < ROWS; first += SAMPLES_PER_FLUSH) {
    const samples = flush(first);
    write_s += timed(() => append(samples)).took_s;
  }
  const { took_s } = timed(() => db.prepare('SELECT * FROM sample').all());
  db.close();
  return { write_s, read_s: took_s };
}

function line(what: string, count: number, { write_s, read_s }: { write_s: number; read_s: number }): string {
  return `${what}: ${count} samples written in ${write_s.toFixed(2)} s, read in ${read_s.toFixed(3)} s\n`;
}

const folder = mkdtempSync(join(tmpdir(), 'lmpower-bench-'));
try {
  const path = join(folder, 'chunks.db');
  const chunks = benchChunks(path);
  const rows = benchRows(join(folder, 'rows.db'));
  const ratio = (time: 'write_s' | 'read_s'): string =>
    ((rows[time] * STORED) / ROWS / chunks[time]).toFixed(1);
  process.stdout.write(line('chunks', STORED, chunks));
  process.stdout.write(`chunks: ${(statSync(path).size / STORED).toFixed(1)} bytes a sample\n`);
  process.stdout.write(line('rows', ROWS, rows));
  process.stdout.write(
    `chunks are ${ratio('read_s')} times as fast to read, ${ratio('write_s')} times to write\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
