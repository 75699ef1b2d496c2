import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/storage/store.ts';
import { type CliEnd, cli } from '../support/cli.ts';
import { measuredRecording } from '../support/documents.ts';
import { environmentOf, planOf, runRecordOf } from '../support/recording.ts';
import { storeRecording } from '../support/stored-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LONG_MS = 60_000;
const ID = { qwen: '019a0000-0000-7000-8000-00000000000a', gemma: '019b0000-0000-7000-8000-00000000000b' };

/** A database of two machines' runs, and the program that works on it. */
function recordedRuns(): { folder: string; lmpower: (...args: string[]) => Promise<CliEnd> } {
  const folder = temporaryFolder();
  const db = join(folder, 'runs.db');
  const store = openStore(db);
  const run = (id: string, day: number, model: string, machine: string) =>
    storeRecording(
      store,
      measuredRecording({
        run: runRecordOf({
          id,
          startedAt: `2026-01-0${day}T00:00:00.000Z`,
          plan: planOf({ models: [model] }),
          environment: environmentOf({ machine }),
        }),
      }),
    );
  run(ID.qwen, 1, 'qwen3-4b', 'Mac16,5');
  run(ID.gemma, 2, 'gemma-3', 'Mac14,2');
  store.close();
  return { folder, lmpower: (...args) => cli(['--db', db, ...args], { folder }) };
}

const idsOf = ({ stdout }: CliEnd): string[] =>
  JSON.parse(stdout).runs.map(({ id }: { readonly id: string }) => id);

describe('runs', () => {
  test(
    'are found by tag and by model, and show tags, notes and machines where there are any',
    async () => {
      const { lmpower } = recordedRuns();
      expect(await lmpower('runs', 'tag', '019a', 'quiet', 'b4')).toMatchObject({
        code: 0,
        stdout: '019a0000-0000: b4 quiet\n',
      });
      await lmpower('runs', 'note', 'latest', 'fan on');
      expect(idsOf(await lmpower('runs', '--tag', 'quiet', '--json'))).toEqual([ID.qwen]);
      expect(idsOf(await lmpower('runs', '--model', 'GEMMA', '--json'))).toEqual([ID.gemma]);
      const { stdout } = await lmpower('runs');
      for (const text of ['b4 quiet', 'fan on', 'Mac16,5', 'Mac14,2']) expect(stdout).toContain(text);
      expect((await lmpower('runs', 'tag', '019a', 'quiet', '--remove')).stdout).toBe('019a0000-0000: b4\n');
      expect((await lmpower('runs', '--since', '2027-01-01')).stdout).toMatch(/^No recorded run fits\./);
    },
    LONG_MS,
  );

  test(
    'are deleted only by whoever says yes',
    async () => {
      const { lmpower } = recordedRuns();
      const asked = await lmpower('runs', 'delete', 'latest');
      expect(asked).toMatchObject({ code: 2, stdout: '' });
      expect(asked.stderr).toContain(`→ lmpower runs delete ${ID.gemma} --yes`);
      expect(idsOf(await lmpower('runs', '--json'))).toHaveLength(2);
      expect((await lmpower('runs', 'delete', 'latest', '--yes')).code).toBe(0);
      expect(idsOf(await lmpower('runs', '--json'))).toEqual([ID.qwen]);
    },
    LONG_MS,
  );
});

describe('db', () => {
  test(
    'export and import bring runs from one database to another, once',
    async () => {
      const { folder, lmpower } = recordedRuns();
      const file = join(folder, 'out.db');
      expect((await lmpower('db', 'export', file, '--run', '019b')).stdout).toBe(`${file}: 1 run\n`);
      const away = (...args: string[]) => cli(['--db', join(folder, 'away.db'), ...args], { folder });
      const first = await away('db', 'import', file);
      expect(first).toMatchObject({
        code: 0,
        stdout: '1 run imported, 0 were here already\n  Mac14,2: 1 run\n',
      });
      expect(JSON.parse((await away('db', 'import', file, '--json')).stdout)).toEqual({
        schemaVersion: 1,
        imported: [],
        present: [ID.gemma],
        machines: {},
      });
      const document = JSON.parse((await away('export', 'latest')).stdout);
      expect(document.environment.machine).toBe('Mac14,2');
    },
    LONG_MS,
  );

  test(
    'backup writes a database that is not there yet; vacuum keeps all runs',
    async () => {
      const { folder, lmpower } = recordedRuns();
      const file = join(folder, 'backup.db');
      expect((await lmpower('db', 'backup', file)).code).toBe(0);
      const bytes = readFileSync(file);
      const again = await lmpower('db', 'backup', file);
      expect(again.code).toBe(2);
      expect(again.stderr).toContain('is there already');
      expect(readFileSync(file)).toEqual(bytes);
      expect((await lmpower('db', 'vacuum')).stdout).toMatch(/^\d+ B before, \d+ B now\n$/);
      expect((await lmpower('db', 'check')).stdout).toBe('sound, 2 runs\n');
      expect((await lmpower('db', 'backup', join(folder, 'no', 'such', 'folder.db'))).code).toBe(2);
      expect(existsSync(join(folder, 'no'))).toBe(false);
    },
    LONG_MS,
  );
});

test(
  'export --format openmetrics states what the document states',
  async () => {
    const { lmpower } = recordedRuns();
    const { code, stdout } = await lmpower('export', 'latest', '--format', 'openmetrics');
    const document = JSON.parse((await lmpower('export', 'latest')).stdout);
    const row = document.summary.find((one: { headline: boolean }) => one.headline);
    expect(code).toBe(0);
    expect(stdout).toContain('# UNIT lmpower_net_energy_joules_per_token joules_per_token\n');
    expect(stdout).toContain(` ${row.net_JPerTok.value}\n`);
    expect(stdout.endsWith('# EOF\n')).toBe(true);
  },
  LONG_MS,
);
