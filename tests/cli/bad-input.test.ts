import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { readRecording } from '../../scripts/golden-recording.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { RunDocument } from '../../src/core/result.ts';
import type { Recording } from '../../src/core/run.ts';
import { keepStatements } from '../../src/storage/kept-statements.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/storage/schema.ts';
import { openStore } from '../../src/storage/store.ts';
import { captureOutput } from '../support/captured-output.ts';
import { launchIn } from '../support/commands.ts';
import { PLAIN, plainCourse, plainSeries, plainSession } from '../support/plain-session.ts';
import { edgesBetween, meanSeries } from '../support/power-course.ts';
import { completionOf, runRecordOf, trialOf } from '../support/recording.ts';
import { storeRecording } from '../support/stored-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LAUNCH = { ...launchIn('/nowhere'), version: '0.0.0-test' };

interface Answer {
  readonly exitCode: number;
  readonly text: string;
  readonly document: RunDocument;
}

function stored(recording: Recording): string {
  const path = join(temporaryFolder(), 'runs.db');
  const store = openStore(path);
  storeRecording(store, recording);
  store.close();
  return path;
}

/** What `lmpower analyze latest` says of it, for people and for programs. */
async function analyzed(path: string): Promise<Answer> {
  const run = async (...flags: string[]) => {
    const output = captureOutput(200);
    const exitCode = await runProgram(['--db', path, 'analyze', 'latest', ...flags], LAUNCH);
    return { exitCode, stdout: output.stdout() };
  };
  const { exitCode, stdout } = await run();
  const document: RunDocument = JSON.parse((await run('--json')).stdout);
  return { exitCode, text: stdout, document };
}

function headline({ document }: Answer) {
  const row = document.trials[0]?.energy.find(({ domain }) => domain === document.headline);
  if (row === undefined) throw new Error('no row');
  return row;
}

describe('analyze of what went wrong: an answer with its codes, or which number cannot be had and how to record it', () => {
  test('no baseline: gross stands, net is none, and --baseline is named', async () => {
    const phases = [{ kind: 'inference' as const, start_s: PLAIN.requested_s, end_s: PLAIN.ended_s }];
    const trials = [{ ...trialOf(PLAIN), phases }];
    const answer = await analyzed(stored(plainSession({ recording: { phases: [], trials } })));
    expect(headline(answer)).toMatchObject({ net_J: null, net_JPerTok: null, baseline: null });
    const { gross_J, uncertainty } = headline(answer);
    expect(Math.abs((gross_J ?? 0) - 420)).toBeLessThanOrEqual(uncertainty.bound_J ?? 0);
    expect(headline(answer).codes).toContain('BASELINE_MISSING');
    expect(answer.text).toContain('--baseline');
    expect(answer.exitCode).toBe(0);
  });

  test('one trial: the figures stand without an interval, and more trials are asked for', async () => {
    const answer = await analyzed(stored(plainSession()));
    expect(answer.document.summary[0]?.net_JPerTok).toMatchObject({ ci95: null, spread: null });
    expect(answer.document.summary[0]?.codes).toContain('FEW_TRIALS');
    expect(headline(answer).net_J).not.toBeNull();
    expect(answer.text).toMatch(/--trials/);
  });

  test('one sample a phase: energy within its bound at grade D, no split, no idle power of one reading', async () => {
    const edges_s = edgesBetween({ from_s: 0.2, to_s: PLAIN.end_s - 1 }, 11);
    const answer = await analyzed(stored(plainSession({ series: [meanSeries(plainCourse(), { edges_s })] })));
    const row = headline(answer);
    expect(row).toMatchObject({ grade: 'D', prefill: null, decode: null, net_J: null });
    expect(row.codes).toEqual(
      expect.arrayContaining(['FEW_SAMPLES', 'PARTS_UNRESOLVED', 'BASELINE_MISSING', 'BOUND_LARGE']),
    );
    expect(Math.abs((row.gross_J ?? 0) - 420)).toBeLessThanOrEqual(row.uncertainty.bound_J ?? 0);
    expect(answer.text).toMatch(/--interval/);
  });

  test('overlapping requests: both say that the energy is not theirs alone', async () => {
    const trials = [PLAIN, { ...PLAIN, requested_s: 15, ended_s: 24 }].map((times, index) =>
      trialOf(times, { index, repetition: index, completions: [completionOf(times)] }),
    );
    const answer = await analyzed(stored(plainSession({ recording: { trials } })));
    for (const { energy } of answer.document.trials) expect(energy[0]?.codes).toContain('FOREIGN_LOAD');
    expect(answer.text).toContain('one request at a time');
    const apart = [PLAIN, { ...PLAIN, requested_s: PLAIN.ended_s, ended_s: 30 }].map((times, index) =>
      trialOf(times, { index, repetition: index, completions: [completionOf(times)] }),
    );
    const good = await analyzed(stored(plainSession({ recording: { trials: apart } })));
    expect(headline(good).codes).not.toContain('FOREIGN_LOAD');
  });

  test('cut off in the middle of a request: no joule for it, and the meter is named', async () => {
    const whole = plainSeries();
    const count = whole.end_s.filter((end_s) => end_s < 18).length;
    const series = {
      ...whole,
      start_s: whole.start_s.slice(0, count),
      end_s: whole.end_s.slice(0, count),
      energy_J: whole.energy_J.slice(0, count),
    };
    const answer = await analyzed(
      stored(
        plainSession({ series: [series], recording: { run: runRecordOf({ state: 'running' }), phases: [] } }),
      ),
    );
    expect(headline(answer)).toMatchObject({ gross_J: null, net_J: null });
    expect(headline(answer).codes).toEqual(expect.arrayContaining(['NOT_BRACKETED', 'COVERAGE_LOW']));
    expect(answer.exitCode).toBe(4);
    expect(answer.text).toMatch(/--cooldown|repeat the trial/);
  });

  test('cut off before the first answer: what was recorded is shown, and nothing is made up', async () => {
    const run = runRecordOf({ state: 'interrupted' });
    const trials = [trialOf(PLAIN, { completions: [] })];
    const answer = await analyzed(stored(plainSession({ recording: { run, trials } })));
    expect(headline(answer).codes).toEqual(['TRIAL_INTERRUPTED']);
    expect(answer.document.summary.every(({ n }) => n === 0)).toBe(true);
    expect(answer.exitCode).toBe(4);
    const none = await analyzed(stored(plainSession({ recording: { run, trials: [] } })));
    expect(none.document.trials).toEqual([]);
  });

  test.each(MIGRATIONS.map((_, i) => i + 1))(
    'recorded by the lmpower of schema %i: the same numbers as by this one',
    async (version) => {
      const recording = await readRecording(new URL('../golden/recording.json', import.meta.url));
      const path = stored(recording);
      const older = join(temporaryFolder(), 'older.db');
      const db = keepStatements(new Database(path));
      copyAs(db, older, version);
      db.close();
      const [now, then] = [await analyzed(path), await analyzed(older)];
      expect(then.document.summary).toEqual(now.document.summary);
      expect(then.exitCode).toBe(now.exitCode);
    },
  );
});

interface Named {
  readonly name: string;
}

/** The same rows in a file of an older schema: whatever that has no table or column for is left behind. */
function copyAs(db: Database.Database, path: string, version: number): void {
  const old = keepStatements(new Database(path));
  for (const step of MIGRATIONS.slice(0, version)) old.exec(step);
  old.pragma(`application_id = ${APPLICATION_ID}`);
  old.pragma(`user_version = ${version}`);
  old.close();
  db.pragma('foreign_keys = OFF');
  db.exec(`ATTACH '${path}' AS older`);
  const tables = db
    .prepare<[], Named>(
      "SELECT name FROM older.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all();
  for (const { name } of tables) {
    const columns = db
      .prepare<[], Named>(`SELECT name FROM pragma_table_info('${name}', 'older')`)
      .all()
      .map((column) => `"${column.name}"`)
      .join(', ');
    db.exec(`INSERT INTO older."${name}" (${columns}) SELECT ${columns} FROM main."${name}"`);
  }
  db.exec('DETACH older');
}
