import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { openStore } from '../../src/storage/store.ts';
import { captureOutput } from '../support/captured-output.ts';
import { CLI, type CliEnd, cli, withoutRootNotice } from '../support/cli.ts';
import { launchIn } from '../support/commands.ts';
import { measuredRecording } from '../support/documents.ts';
import { jsonFile, llamaBenchTest } from '../support/foreign-files.ts';
import { runRecordOf } from '../support/recording.ts';
import { storeRecording } from '../support/stored-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const IS_ROOT = process.getuid?.() === 0;
const ID = '019a0000-0000-7000-8000-000000000001';
const WITHOUT_PACKAGES = resolve(import.meta.dirname, '../support/without-packages.mjs');

let folder = '';
let db = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lmpower-export-'));
  db = join(folder, 'runs.sqlite');
  const store = openStore(db);
  storeRecording(store, measuredRecording({ run: runRecordOf({ id: ID }) }));
  store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LAUNCH = launchIn('/nowhere');

/** The program within this process: the same but for its start. */
async function exported(...words: string[]): Promise<CliEnd> {
  const output = captureOutput();
  const code = await runProgram(['export', ID, '--db', db, ...words], LAUNCH);
  return { code, signal: null, stdout: output.stdout(), stderr: output.stderr() };
}

/** Every format that goes into a file, and what stands first in it. */
const FILES: readonly (readonly [words: string[], start: RegExp])[] = [
  [['--format', 'json'], /^\{\n {2}"schemaVersion"/],
  [['--format', 'jsonl', '--what', 'timeseries'], /^\{"run":/],
  [['--format', 'csv', '--what', 'trials'], /^run,trial,/],
  [['--format', 'csv', '--what', 'tokens'], /^run,trial,promptId,/],
  [['--format', 'csv', '--what', 'timeseries'], /^run,domain,/],
  [
    ['--format', 'csv', '--what', 'timeseries', '--shape', 'wide'],
    /^run,start_s,end_s,phase,trial,soc_energy_J,/,
  ],
  [['--format', 'parquet', '--what', 'timeseries'], /^PAR1/],
  [['--format', 'classic-json'], /^\{\n {2}"benchmark_id"/],
  [['--format', 'md'], /./],
  [['--format', 'openmetrics'], /^# TYPE/],
];

describe.each(FILES)('export %j', (words, start) => {
  test('into a folder is named after the run', async () => {
    const into = temporaryFolder();
    const { code, stderr, stdout } = await exported(...words, '--output', into);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const [name = ''] = readdirSync(into).filter((one) => !one.endsWith('.columns.json'));
    expect(name).toContain(ID);
    expect(stderr).toContain(`written: ${join(into, name)}`);
    expect(readFileSync(join(into, name), 'latin1')).toMatch(start);
  });

  test('takes the place of an older file whole', async () => {
    const path = join(temporaryFolder(), 'out');
    writeFileSync(path, 'x'.repeat(1_000_000));
    expect((await exported(...words, '--output', path)).code).toBe(0);
    expect(readFileSync(path, 'latin1')).toMatch(start);
    expect(readFileSync(path, 'latin1')).not.toContain('xxx');
  });

  test.skipIf(IS_ROOT)('into a read-only folder fails, says so and leaves nothing there', async () => {
    const into = join(temporaryFolder(), 'closed');
    mkdirSync(into);
    chmodSync(into, 0o500);
    const { code, stderr } = await exported(...words, '--output', into);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be written: .*\n {2}→ /);
    expect(readdirSync(into)).toEqual([]);
  });

  test('into a folder that is not there fails, says so and leaves nothing', async () => {
    const into = join(temporaryFolder(), 'none');
    const { code, stderr } = await exported(...words, '--output', join(into, 'file'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be written: .*\n {2}→ /);
    expect(existsSync(into)).toBe(false);
  });
});

describe('a reader that went away', () => {
  const broken = async (...words: string[]) => {
    const inside = temporaryFolder();
    const child = spawn(process.execPath, [CLI, 'export', ID, '--db', db, ...words], {
      cwd: inside,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise((done) => child.on('close', done));
    expect(readdirSync(inside)).toEqual([]);
    return { code, stderr: withoutRootNotice(stderr) };
  };

  test.each(['csv', 'json', 'jsonl', 'openmetrics'])('of %s on stdout is no error', async (format) => {
    expect(await broken('--format', format)).toEqual({ code: 0, stderr: '' });
  });

  test('of a file that is a pipe is told', async () => {
    const { code, stderr } = await broken('--format', 'parquet', '--output', '/dev/stdout');
    expect(code).toBe(2);
    expect(stderr).toMatch(/\/dev\/stdout cannot be written: .*\n {2}→ /);
  });
});

describe('export', () => {
  test.each(['trials', 'tokens', 'timeseries'])('%s as CSV has its columns beside it', async (what) => {
    const path = join(temporaryFolder(), 'rows.csv');
    await exported('--format', 'csv', '--what', what, '--output', path);
    const head = readFileSync(path, 'utf8').split('\n')[0] ?? '';
    const { columns } = JSON.parse(readFileSync(`${path}.columns.json`, 'utf8'));
    expect(columns.map(({ name }: { name: string }) => name)).toEqual(head.split(','));
  });

  test('to stdout has the same bytes as into a file', async () => {
    const path = join(temporaryFolder(), 'rows.csv');
    await exported('--format', 'csv', '--what', 'timeseries', '--output', path);
    const { stdout } = await exported('--format', 'csv', '--what', 'timeseries');
    expect(stdout).toBe(readFileSync(path, 'utf8'));
  });

  test('as Parquet without a name goes into this folder', async () => {
    const here = temporaryFolder();
    const { code } = await cli(['export', ID, '--format', 'parquet', '--db', db], { folder: here });
    expect(code).toBe(0);
    const bytes = readFileSync(join(here, `lmpower-${ID}-trials.parquet`));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    expect(await parquetReadObjects({ file })).toMatchObject([{ run: ID }, { run: ID }]);
  });

  test.each([
    [['--format', 'md', '--what', 'trials'], /--what goes with/],
    [['--format', 'csv', '--shape', 'wide'], /--shape wide is for the time series/],
    [['--format', 'jsonl', '--what', 'timeseries', '--shape', 'wide'], /--shape wide/],
    [['--format', 'otlp'], /takes --url/],
    [['--format', 'otlp', '--url', 'http://localhost:1', '--output', 'x'], /no --output/],
    [['--format', 'csv', '--url', 'http://localhost:1'], /--url goes with --format otlp/],
    [['--format', 'otlp', '--url', 'localhost'], /http address/],
  ])('%j is wrong usage', async (words, why) => {
    const { code, stderr, stdout } = await exported(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/→ \S/);
  });
});

describe('export --format otlp', () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      bodies.push(text);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address: AddressInfo | string | null = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/metrics`;
  });
  afterAll(() => server.close());

  test('sends the run to a receiver, and says how much', async () => {
    const { code, stderr, stdout } = await exported('--format', 'otlp', '--url', url);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^\d+ points of run 019a.* sent to http/);
    expect(bodies.join()).toContain('lmpower.request.energy_per_token');
  });

  test('goes nowhere that a variable says of servers of models', async () => {
    const env = { LMPOWER_URL: 'http://127.0.0.1:1/v1' };
    const { code, stderr } = await cli(['export', ID, '--format', 'otlp', '--db', db], { folder, env });
    expect(code).toBe(2);
    expect(stderr).toContain('takes --url');
    expect((await cli(['export', ID, '--format', 'csv', '--db', db], { folder, env })).code).toBe(0);
  });

  test('without the packages of OpenTelemetry says what to install', async () => {
    const node = ['--import', WITHOUT_PACKAGES];
    const { code, stderr } = await cli(['export', ID, '--format', 'otlp', '--url', url, '--db', db], {
      folder,
      node,
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/packages of OpenTelemetry[\s\S]*→ npm install @opentelemetry\/api/);
  });
});

describe('import', () => {
  const bench = (): string =>
    jsonFile(join(temporaryFolder(), 'bench.json'), [llamaBenchTest(), llamaBenchTest({ n_threads: 8 })]);
  const emptyDb = (): string => join(temporaryFolder(), 'other.sqlite');

  test('takes results in as runs that runs, compare and report show', async () => {
    const own = emptyDb();
    const at = (...words: string[]) => cli([...words, '--db', own], { folder });
    const { imported } = JSON.parse((await at('import', bench(), '--json')).stdout);
    expect(imported).toHaveLength(2);
    expect((await at('runs')).stdout).toMatch(/finished \(IMPORTED\)/);
    const ranked = await at('compare', ...imported, '--rank-by', 'speed');
    expect(ranked.code).toBe(0);
    expect(ranked.stdout).toMatch(/71\.1/);
    const compared = await at('compare', ...imported);
    expect(compared.code).toBe(2);
    expect(compared.stderr).toMatch(/no energy/);
    const page = join(temporaryFolder(), 'page.html');
    expect((await at('report', 'latest', '--output', page)).code).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain('small-Q4_0.gguf');
    expect((await at('db', 'check')).stdout).toMatch(/^sound, 2 runs/);
    expect((await at('verify', 'latest')).code).toBe(0);
  });

  test('of two files, one of them bad, takes nothing', async () => {
    const own = emptyDb();
    const bad = jsonFile(join(temporaryFolder(), 'bad.json'), [llamaBenchTest({ n_gen: -1 })]);
    const { code, stderr, stdout } = await cli(['import', bench(), bad, '--db', own], { folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/bad\.json cannot be imported: entry 1\.n_gen[\s\S]*→ /);
    expect(JSON.parse((await cli(['runs', '--json', '--db', own], { folder })).stdout).runs).toEqual([]);
  });
});
