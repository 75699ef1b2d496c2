import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { readRecording } from '../../scripts/golden-recording.ts';
import { analyze } from '../../src/analyzer/analyze.ts';
import { firstDifference } from '../../src/cli/first-difference.ts';
import { runProgram } from '../../src/cli/program.ts';
import { runText } from '../../src/cli/run-text.ts';
import type { Recording } from '../../src/core/run.ts';
import { keepStatements } from '../../src/storage/kept-statements.ts';
import { openStore } from '../../src/storage/store.ts';
import { captureOutput } from '../support/captured-output.ts';
import { launchIn } from '../support/commands.ts';
import { storeRecording } from '../support/stored-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LAUNCH = { ...launchIn('/nowhere'), version: '0.0.0-test' };

interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
}

let recording: Recording;
let text: string;

beforeAll(async () => {
  recording = await readRecording(new URL('../golden/recording.json', import.meta.url));
  text = runText(analyze(recording));
});

/** Runs the command on a database of the golden run with this document, after this damage. */
async function answer(
  args: readonly string[],
  { document = text, damage = '' }: { readonly document?: string | null; readonly damage?: string } = {},
): Promise<Answer> {
  const path = join(temporaryFolder(), 'runs.db');
  const store = openStore(path);
  storeRecording(store, recording);
  if (document !== null) store.saveDocument(recording.run.id, document);
  store.close();
  const raw = keepStatements(new Database(path));
  raw.pragma('foreign_keys = OFF');
  raw.exec(damage);
  raw.close();
  const output = captureOutput(80);
  const exitCode = await runProgram(['--db', path, ...args], LAUNCH);
  return { exitCode, stdout: output.stdout() };
}

describe('lmpower verify', () => {
  test('a run as it was recorded: byte for byte, and sound', async () => {
    const { exitCode, stdout } = await answer(['verify', 'latest']);
    expect(stdout).toContain('byte for byte');
    expect(stdout).toContain('the recording is sound');
    expect(exitCode).toBe(0);
  });

  test('a document that was changed by one digit is found, with the place', async () => {
    const document = text.replace(/"net_JPerTok": ([\d.]+)/, '"net_JPerTok": 9$1');
    expect(document).not.toBe(text);
    const { exitCode, stdout } = await answer(['verify', 'latest', '--json'], { document });
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      agreement: 'different',
      difference: { path: expect.stringMatching(/^trials\[0\]\..*net_JPerTok$/) },
    });
  });

  test('samples that were changed are found by what they give', async () => {
    const damage = 'DELETE FROM chunk WHERE chunkKey = (SELECT max(chunkKey) FROM chunk)';
    expect((await answer(['verify', 'latest'], { damage })).exitCode).toBe(4);
  });

  test('a document of another method version is said, and is no failure', async () => {
    const document = text.replace(/"methodVersion": \d+/, '"methodVersion": 0');
    const { exitCode, stdout } = await answer(['verify', 'latest', '--json'], { document });
    expect(JSON.parse(stdout)).toMatchObject({
      agreement: 'other-method',
      storedMethod: 0,
      difference: null,
    });
    expect(exitCode).toBe(0);
    const other = document.replace(/"grade": "\w"/, '"grade": "Z"');
    expect((await answer(['verify', 'latest'], { document: other })).stdout).toMatch(/grade: stored\s+"Z"/);
  });

  test('a run without a document cannot be verified', async () => {
    const { exitCode, stdout } = await answer(['verify', 'latest'], { document: null });
    expect(stdout).toContain('no document is stored');
    expect(exitCode).toBe(4);
  });

  test('a document that is no JSON is shown as such', async () => {
    expect(await answer(['verify', 'latest'], { document: 'not JSON' })).toMatchObject({
      exitCode: 4,
      stdout: expect.stringContaining('stored "not JSON"'),
    });
  });

  test('a recording that contradicts itself is no proof, though its document follows from it', async () => {
    const damage = 'UPDATE trial SET "index" = 99 WHERE trialKey = (SELECT max(trialKey) FROM trial)';
    const { exitCode, stdout } = await answer(['verify', 'latest', '--json'], { damage });
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout).faults).toContainEqual({
      what: expect.stringContaining('is missing'),
      where: 'trial 99',
    });
  });
});

describe('lmpower db check', () => {
  test('a sound database exits 0', async () => {
    expect(await answer(['db', 'check'])).toEqual({ exitCode: 0, stdout: 'sound, 1 runs\n' });
  });

  test('damage exits 3 and is named', async () => {
    const damage = 'UPDATE chunk SET columns = zeroblob(3) WHERE chunkKey = 1';
    const { exitCode, stdout } = await answer(['db', 'check', '--json'], { damage });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ runs: 1, faults: [{ check: 'samples cut off' }] });
  });

  test('a flag that it does not know exits 2', async () => {
    expect((await answer(['db', 'check', '--nonsense'])).exitCode).toBe(2);
  });
});

describe('firstDifference', () => {
  test.each([
    [{ a: 1 }, { a: 1 }, null],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, { path: 'a[1].b', a: 2, b: 3 }],
    [{ a: 1 }, { a: 1, c: 2 }, { path: 'c', a: undefined, b: 2 }],
    [{ a: 1, c: 2 }, { a: 1 }, { path: 'c', a: 2, b: undefined }],
    [[1], [1, 2], { path: '[1]', a: undefined, b: 2 }],
    [{ a: null }, { a: {} }, { path: 'a', a: null, b: {} }],
    [[], {}, { path: '', a: [], b: {} }],
    [0, 0, null],
  ])('%j against %j', (a, b, difference) => {
    expect(firstDifference(a, b)).toEqual(difference);
  });
});
