import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { parse as parsePlist } from 'plist';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runText } from '../../src/cli/run-text.ts';
import { keepStatements } from '../../src/storage/kept-statements.ts';
import { openStore } from '../../src/storage/store.ts';
import { type CliEnd, cli, startCli, withoutRootNotice } from '../support/cli.ts';
import { documentOf, measuredRecording } from '../support/documents.ts';
import { FIXTURES } from '../support/powermetrics-fixtures.ts';
import { completionOf, runRecordOf, trialOf } from '../support/recording.ts';

const FIXTURE_FOLDER = join(import.meta.dirname, '../fixtures/powermetrics');
const CAPTURE_FOLDER = resolve(import.meta.dirname, '../../../shared/captures/powermetrics');
const FIVE_FRAMES = join(FIXTURE_FOLDER, 'm1-1000ms.plist');
const LONG_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'lmpower-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const lmpower = (...args: string[]): Promise<CliEnd> => cli(args, { folder });
const replay = (file: string): string => `replay:powermetrics:${file}@0`;

interface SampleLine {
  readonly domain: string;
  readonly start_s: number;
  readonly end_s: number;
  readonly energy_J: number;
  readonly kind: string;
}

const samplesOf = (stdout: string): SampleLine[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const total_J = (samples: readonly SampleLine[], domain: string): number =>
  samples.reduce((sum_J, one) => (one.domain === domain ? sum_J + one.energy_J : sum_J), 0);
const total = (numbers: readonly (number | null | undefined)[]): number =>
  numbers.reduce<number>((sum, one) => sum + (one ?? 0), 0);

describe('the program', () => {
  test('tells its version, that of the package, on stdout', async () => {
    const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(await lmpower('--version')).toMatchObject({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
    expect((await lmpower('-V')).stdout).toBe(`${manifest.version}\n`);
  });

  test('prints help on stdout and wrong usage on stderr', async () => {
    expect(await lmpower('--help')).toMatchObject({ code: 0, stderr: '' });
    const wrong = await lmpower('rnu');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('Did you mean run?');
  });

  test('ends quietly when nobody reads it', async () => {
    const { child, ended } = startCli(['explain'], { folder });
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test.skipIf(!existsSync('/dev/full'))('says so when stdout cannot be written', async () => {
    const { code, stderr } = await lmpower('sample', '--sampler', replay(FIVE_FRAMES), '--csv', '/dev/full');
    expect(code).toBe(2);
    expect(stderr).toContain('/dev/full cannot be written: ENOSPC');
  });
});

describe('sample', () => {
  test.each(FIXTURES)('gives the joules that $file states, one sample a line', async ({ file, stated }) => {
    const { code, stderr, stdout } = await lmpower(
      'sample',
      '--sampler',
      replay(join(FIXTURE_FOLDER, file)),
      '--json',
    );
    expect(code).toBe(0);
    expect(stderr).not.toContain('SAMPLER_DIED');
    const samples = samplesOf(stdout);
    for (const { end_s, kind, start_s } of samples) {
      expect(kind).toBe('mean');
      expect(end_s).toBeGreaterThan(start_s);
    }
    expect(total_J(samples, 'cpu')).toBeCloseTo(total(stated.map((frame) => frame.cpu_mJ)) / 1000, 9);
    expect(total_J(samples, 'gpu')).toBeCloseTo(total(stated.map((frame) => frame.gpu_mJ)) / 1000, 9);
    expect(total_J(samples, 'ane')).toBeCloseTo(total(stated.map((frame) => frame.ane_mJ)) / 1000, 9);
  });

  const captures = existsSync(CAPTURE_FOLDER)
    ? readdirSync(CAPTURE_FOLDER).filter((name) => name.endsWith('.plist'))
    : [];

  test.skipIf(captures.length === 0)(
    'gives the joules that every capture of ../shared/captures states (skipped where the folder is absent)',
    async () => {
      for (const name of captures) {
        const file = join(CAPTURE_FOLDER, name);
        const { stdout } = await lmpower('sample', '--sampler', replay(file), '--json');
        const samples = samplesOf(stdout);
        const stated = statedBy(readFileSync(file, 'utf8'));
        expect(total_J(samples, 'cpu'), `cpu of ${name}`).toBeCloseTo(stated.cpu_J, 6);
        expect(total_J(samples, 'gpu'), `gpu of ${name}`).toBeCloseTo(stated.gpu_J, 6);
        expect(total_J(samples, 'ane'), `ane of ${name}`).toBeCloseTo(stated.ane_J, 6);
      }
    },
    LONG_MS,
  );

  test('chains the windows of a replay without gap or overlap', async () => {
    const { stdout } = await lmpower('sample', '--sampler', replay(FIVE_FRAMES), '--json');
    const soc = samplesOf(stdout).filter(({ domain }) => domain === 'soc');
    expect(soc).toHaveLength(5);
    for (let i = 1; i < soc.length; i++) expect(soc[i]?.start_s).toBeCloseTo(soc[i - 1]?.end_s ?? 0, 9);
  });

  test('sums up least, mean and greatest power of each domain', async () => {
    const { code, stdout } = await lmpower('sample', '--sampler', replay(FIVE_FRAMES));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^domain +samples +min W +mean W +max W +energy J +over s\n/);
    expect(stdout).toMatch(/^soc +5 +0\.115 +6\.40 +13\.5 +32\.46 +5\.073$/m);
  });

  test('ends after as many readings as asked for', async () => {
    const { stdout } = await lmpower('sample', '--sampler', replay(FIVE_FRAMES), '--json', '--samples', '2');
    expect(samplesOf(stdout).filter(({ domain }) => domain === 'soc')).toHaveLength(2);
  });

  test('ends after its time, and labels what is made up in every output', async () => {
    const csv = join(folder, 'made-up.csv');
    const words = ['--mode', 'batch', '--json', '--duration', '0.3', '--interval', '50', '--csv', csv];
    const { code, stderr, stdout } = await lmpower('sample', '--sampler', 'synthetic', ...words);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ simulated: true, schemaVersion: 1 });
    expect(document.samples.length).toBeGreaterThan(4);
    expect(document.summary.find((row: { domain: string }) => row.domain === 'soc').min_W).toBeGreaterThan(0);
    expect(readFileSync(csv, 'utf8')).toMatch(
      /^domain,kind,start_s,end_s,energy_J,power_W,simulated\n.*,true\n/,
    );
    expect(stderr).toContain('SIMULATED');
  });

  test('writes every sample as CSV', async () => {
    const csv = join(folder, 'samples.csv');
    await lmpower('sample', '--sampler', replay(FIVE_FRAMES), '--csv', csv);
    const [heading, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n');
    expect(heading).toBe('domain,kind,start_s,end_s,energy_J,power_W');
    expect(lines).toHaveLength(20);
  });

  test('ends when its reader goes away, without a word, and still writes its file', async () => {
    const csv = join(folder, 'kept.csv');
    const { child, ended } = startCli(
      ['sample', '--sampler', 'synthetic', '--interval', '20', '--json', '--csv', csv],
      { folder },
    );
    child.stdout.once('data', () => child.stdout.destroy());
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(withoutRootNotice(stderr)).not.toMatch(/EPIPE|lmpower:/);
    expect(readFileSync(csv, 'utf8')).toContain('\nsoc,');
  });

  test('stopped by Ctrl-C it keeps what came until then', async () => {
    const csv = join(folder, 'stopped.csv');
    const words = ['--sampler', 'synthetic', '--interval', '20', '--json', '--csv', csv];
    const { child, ended } = startCli(['sample', ...words], { folder });
    child.stdout.once('data', () => child.kill('SIGINT'));
    const { code, stderr, stdout } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('stopping …');
    expect(readFileSync(csv, 'utf8').trimEnd().split('\n')).toHaveLength(samplesOf(stdout).length + 1);
  });

  test.each([
    ['a missing file', join(folder, 'nowhere.plist'), /ENOENT/],
    ['a file of another kind', join(import.meta.dirname, 'commands.e2e.test.ts'), /holds no reading/],
  ])('says once what is wrong with %s', async (_what, file, message) => {
    const { code, stderr, stdout } = await lmpower('sample', '--sampler', replay(file), '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(withoutRootNotice(stderr)).toMatch(/^lmpower: .*\n {2}→ .*\n$/);
    expect(stderr).toMatch(message);
  });

  test('says what a source wrote instead of readings, and how often, when none came', async () => {
    const words = ['--sampler', 'command:echo nonsense; echo more', '--json'];
    const { code, stderr, stdout } = await lmpower('sample', ...words);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(withoutRootNotice(stderr)).toMatch(/^GARBAGE ×2: no number: nonsense\nlmpower: .*nonsense/);
  });

  test('and so it does of a source that goes on writing nonsense, when its time is over', async () => {
    const words = ['--sampler', 'command:while :; do echo nonsense; sleep 0.1; done', '--duration', '0.5'];
    const { code, stderr } = await lmpower('sample', ...words);
    expect(code).toBe(3);
    expect(withoutRootNotice(stderr)).toMatch(
      /^GARBAGE ×\d+: no number: nonsense\nlmpower: no reading came\.\n {2}→ .*no reading of its kind.*\n$/,
    );
  });
});

/** Joules that the energy fields of a recording state, by the `plist` package. */
function statedBy(text: string): Record<'cpu_J' | 'gpu_J' | 'ane_J', number> {
  const frames = [...text.matchAll(/<plist[\s\S]*?<\/plist>/g)].map(([frame]): unknown => parsePlist(frame));
  const energy_J = (block: string, key: string): number =>
    total(frames.map((frame) => numberAt(objectAt(frame, block), key))) / 1000;
  return {
    cpu_J: energy_J('processor', 'cpu_energy'),
    gpu_J: energy_J('gpu', 'gpu_energy'),
    ane_J: energy_J('processor', 'ane_energy'),
  };
}

function objectAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function numberAt(value: unknown, key: string): number | null {
  const found = objectAt(value, key);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

describe('doctor', () => {
  test('tells the state and the remedy of every source and server, as one document', async () => {
    const { code, stdout } = await lmpower('doctor', '--json', '--url', 'http://127.0.0.1:1');
    const findings = JSON.parse(stdout);
    expect(findings).toMatchObject({ schemaVersion: 1, ready: false });
    expect(code).toBe(3);
    expect(findings.samplers.map((one: { id: string }) => one.id)).toContain('powermetrics');
    for (const { state, remedy } of findings.backends) {
      expect(state).toBe('unreachable');
      expect(remedy).toMatch(/\S/);
    }
  });

  test('says the same to people', async () => {
    const { stdout } = await lmpower('doctor', '--url', 'http://127.0.0.1:1');
    expect(stdout).toMatch(/Power sources[\s\S]*synthetic: ready[\s\S]*Servers[\s\S]*lmstudio: unreachable/);
    expect(stdout).toContain('Not ready');
  });
});

describe('recorded runs', () => {
  const db = join(folder, 'runs.sqlite');
  const first = '019a0000-0000-7000-8000-000000000001';
  const second = '019a0000-0000-7000-8000-000000000002';
  const huge = '019b0000-0000-7000-8000-000000000003';
  const text = 'ünïcode '.repeat(700_000);
  const times = { baseline_s: 1, requested_s: 11, ended_s: 25, cooledDown_s: 35 };
  const hugeTrial = trialOf(times, { completions: [completionOf(times, { text })] });

  beforeAll(() => {
    const store = openStore(db);
    for (const id of [first, second, huge]) {
      const trials = id === huge ? [hugeTrial] : [trialOf(times)];
      const { domains, events, marks, observations, phases, run, series } = measuredRecording({
        run: runRecordOf({ id }),
        trials,
      });
      store.createRun(run);
      const samples = series.flatMap(({ domain, kind, start_s, end_s, energy_J }) =>
        Array.from(end_s, (end, i) => ({
          domain,
          kind,
          start_s: start_s[i] ?? 0,
          end_s: end,
          energy_J: energy_J[i] ?? 0,
        })),
      );
      store.append(id, { domains, events, marks, observations, phases, trials, samples });
    }
    store.close();
  });

  test('an empty database is no error', async () => {
    const { code, stdout } = await cli(['runs', '--db', join(folder, 'empty', 'new.sqlite')], { folder });
    expect(code).toBe(0);
    expect(stdout).toContain('No run is recorded yet');
    const json = await cli(['runs', '--json', '--db', join(folder, 'empty', 'new.sqlite')], { folder });
    expect(JSON.parse(json.stdout)).toEqual({ schemaVersion: 1, runs: [] });
  });

  test('are listed, the newest first', async () => {
    const { runs } = JSON.parse((await lmpower('runs', '--json', '--db', db)).stdout);
    expect(runs.map((run: { id: string }) => run.id)).toEqual([huge, second, first]);
    const { stdout } = await lmpower('--db', db, 'runs');
    expect(stdout).toMatch(/^019b0000-0000 .*some-model$/m);
  });

  test.each([
    ['analyze', 'latest', 0, null],
    ['analyze', '019b', 0, null],
    ['analyze', second, 0, null],
    ['analyze', '019a', 2, /fits several runs: 019a0000-0000-7000-8000-000000000001, /],
    ['analyze', 'nosuch', 2, /no run 'nosuch'/],
    ['export', '019a', 2, /fits several/],
    ['export', '%', 2, /no run '%'/],
    ['report', 'nosuch', 2, /no run/],
  ])('%s %s exits %d', async (command, ref, code, message) => {
    const end = await lmpower(command, ref, '--db', db);
    expect(end.code).toBe(code);
    if (message !== null) expect(end.stderr).toMatch(message);
  });

  test('a document of megabytes arrives whole through a slow pipe', async () => {
    const { child, ended } = startCli(['analyze', 'latest', '--json', '--db', db], { folder });
    child.stdout.on('data', () => {
      child.stdout.pause();
      setImmediate(() => child.stdout.resume());
    });
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(5e6);
    expect(stdout).toBe(runText(documentOf({ run: runRecordOf({ id: huge }), trials: [hugeTrial] })));
  });

  test('are exported in every format', async () => {
    const exported = async (...words: string[]): Promise<string> =>
      (await lmpower('export', first, '--db', db, ...words)).stdout;
    expect(JSON.parse(await exported()).run.id).toBe(first);
    expect(Object.keys(JSON.parse(await exported('--format', 'classic-json')))[0]).toBe('benchmark_id');
    expect(await exported('--format', 'csv')).toMatch(/^run,trial,model,/);
    expect(await exported('--format', 'csv', '--what', 'tokens')).toMatch(
      /^run,trial,promptId,index,arrival_s/,
    );
    expect(await exported('--format', 'csv', '--what', 'timeseries')).toMatch(
      /^run,domain,source,kind,start_s/,
    );
    expect(JSON.parse(await exported('--format', 'jsonl'))).toMatchObject({ run: first, promptId: 'p1' });
    expect(await exported('--format', 'md')).toMatch(/\| some-model \|/);
    expect(await exported('--format', 'md')).not.toContain('SIMULATED');
  });
});

describe('a database that cannot be used', () => {
  const made = (name: string, change: (db: Database.Database) => void): string => {
    const path = join(folder, name);
    openStore(path).close();
    const db = keepStatements(new Database(path));
    change(db);
    db.close();
    return path;
  };
  const refused = async (path: string, message: RegExp): Promise<void> => {
    const before = readFileSync(path);
    const { code, stderr, stdout } = await lmpower('runs', '--db', path);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/→ .*--db FILE/);
    expect(readFileSync(path).equals(before)).toBe(true);
  };

  test('because it is newer than the program', () =>
    refused(
      made('newer.sqlite', (db) => db.pragma('user_version = 99')),
      /written by a newer lmpower/,
    ));

  test('because it is no database', () => {
    const path = join(folder, 'garbage.sqlite');
    writeFileSync(path, 'this is not a database, however long it may be. '.repeat(100));
    return refused(path, /is not a database/);
  });

  test("because it is another program's", () => {
    const path = join(folder, 'foreign.sqlite');
    const db = keepStatements(new Database(path));
    db.exec('CREATE TABLE photo (id INTEGER)');
    db.close();
    return refused(path, /not one of lmpower/);
  });

  test(
    'because another program holds it',
    async () => {
      const path = made('locked.sqlite', () => undefined);
      const db = keepStatements(new Database(path));
      db.pragma('locking_mode = EXCLUSIVE');
      db.exec('BEGIN EXCLUSIVE');
      const { code, stderr } = await lmpower('runs', '--db', path);
      db.close();
      expect(code).toBe(3);
      expect(stderr).toMatch(/in use by another program/);
    },
    LONG_MS,
  );

  test('because it is a folder, or its folder is a file', async () => {
    for (const path of [folder, join(FIVE_FRAMES, 'x.sqlite')]) {
      const { code, stderr } = await lmpower('runs', '--db', path);
      expect(code).toBe(3);
      expect(stderr).toMatch(/^lmpower: .*\n {2}→ name a file that you may write to: --db FILE\n/);
    }
  });
});
