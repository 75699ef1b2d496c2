import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/storage/store.ts';
import { type CliEnd, cli } from '../support/cli.ts';
import { dailyRecordings, days } from '../support/daily-runs.ts';
import { storeRecording } from '../support/stored-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LONG_MS = 90_000;
const idOf = (day: number): string => `019a1c40-7a11-7000-8000-${String(day).padStart(12, '0')}`;

/** Thirteen days of one model, dearer from the eighth on, and one day of another machine. */
function recordedDays(): { folder: string; lmpower: (...args: string[]) => Promise<CliEnd> } {
  const folder = temporaryFolder();
  const db = join(folder, 'runs.db');
  const store = openStore(db);
  const all = [...days(7), ...days(6, { factor: 1.3 }), { machine: 'Mac14,9' }];
  for (const recording of dailyRecordings(all)) storeRecording(store, recording);
  store.close();
  return { folder, lmpower: (...args) => cli(['--db', db, ...args], { folder }) };
}

describe('report', () => {
  test(
    'with --history covers the earlier runs of the machine, and says when the level changed',
    async () => {
      const { folder, lmpower } = recordedDays();
      const page = join(folder, 'page.html');
      const { code, stderr } = await lmpower('report', idOf(13), '--history', '--output', page);
      expect([code, stderr]).toEqual([0, `report: ${page}\n`]);
      const html = readFileSync(page, 'utf8');
      expect(html).toContain('changed with the run of 2026-03-08 09:30');
      expect(html.match(/<details[^>]*><summary>Run /g)?.length).toBe(13);
    },
    LONG_MS,
  );

  test(
    'with --compare-with tests the difference from an earlier run',
    async () => {
      const { lmpower } = recordedDays();
      const { code, stdout } = await lmpower('report', idOf(13), '--compare-with', idOf(1), '--format', 'md');
      expect(code).toBe(0);
      expect(stdout).toMatch(/\| against run 019a1c40\S+ \| J\/token before \| now \| change \| verdict \|/);
      expect(stdout).toMatch(/\| qwen3-4b@q4\\_k\\_m \| [\d.]+ \| [\d.]+ \| \+1\d\.\d % \| worse \|/);
      const itself = await lmpower('report', idOf(13), '--compare-with', idOf(13));
      expect([itself.code, itself.stderr]).toEqual([2, expect.stringContaining('is the run itself')]);
    },
    LONG_MS,
  );

  test(
    'takes runs by filter, names the machines where there are several, and refuses filters beside names',
    async () => {
      const { folder, lmpower } = recordedDays();
      const page = join(folder, 'fleet.html');
      expect((await lmpower('report', '--since', '2026-03-13', '--output', page)).code).toBe(0);
      const html = readFileSync(page, 'utf8');
      expect(html).toContain('<td>Mac14,9</td>');
      expect(html).toContain('<td>Mac16,5</td>');
      expect(html).toContain('They are of two machines');
      expect((await lmpower('report', 'latest', '--since', '2026-03-13')).code).toBe(2);
      expect((await lmpower('report', '--since', '2030-01-01')).stderr).toContain('no recorded run fits');
    },
    LONG_MS,
  );

  test(
    'into a folder that cannot be written says so, and leaves nothing',
    async () => {
      const { folder, lmpower } = recordedDays();
      const path = join(folder, 'none', 'page.html');
      const { code, stderr } = await lmpower('report', 'latest', '--output', path);
      expect(code).not.toBe(0);
      expect(stderr).toContain('cannot be written');
      expect(existsSync(join(folder, 'none'))).toBe(false);
    },
    LONG_MS,
  );
});

describe('runs trends', () => {
  test(
    'has each configuration once, with its course and where it changed; filters choose the runs',
    async () => {
      const { lmpower } = recordedDays();
      const { code, stdout } = await lmpower('runs', 'trends');
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /^qwen3-4b@q4_k_m +classic-v1 +Mac16,5 +13 +[\d.]+ +[\d.]+ +\+1\d\.\d % +[▁▂▃▄▅▆▇█]{13}$/m,
      );
      expect(stdout).toContain(`changed with run ${idOf(8)} of 2026-03-08 09:30`);
      const few = await lmpower('runs', 'trends', '--limit', '4');
      expect(few.stdout).toContain('Fewer than 10 runs of each');
      expect((await lmpower('runs', 'trends', '--limit', '2')).stdout).toMatch(
        /^No configuration was measured three times/,
      );
      expect(JSON.parse((await lmpower('runs', 'trends', '--json')).stdout).trends[0].points.length).toBe(13);
    },
    LONG_MS,
  );
});
