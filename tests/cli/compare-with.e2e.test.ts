import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { startFastLab } from '../support/lmstudio-lab.ts';

const LONG_MS = 60_000;
const QUICK =
  '--backend lmstudio --sampler synthetic --baseline 0.4 --baseline-max 0.4 --cooldown 0.2 --interval 50 --no-warmup --no-digest --max-tokens 30';

test(
  'what cannot be compared in the end is refused before a prompt is asked',
  async () => {
    const lab = await startFastLab();
    onTestFinished(() => lab.close());
    const folder = mkdtempSync(join(tmpdir(), 'lmpower-compare-with-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const run = (words: string) => cli(`run --url ${lab.url} ${QUICK} ${words}`.split(' '), { folder });

    expect((await run('--workload quick-v1')).code).toBe(0);
    const asked = lab.answers.length;
    const unknown = await run('--workload quick-v1 --compare-with nosuchrun');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('nosuchrun')]);
    const other = await run('--workload classic-v1 --compare-with latest');
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/asked quick-v1 .*classic-v1/s)]);
    const known = await run('--workload quick-v1 --skip-known --compare-with latest');
    expect([known.code, known.stderr]).toEqual([0, expect.stringContaining('hence nothing compared')]);
    expect(lab.answers.length).toBe(asked);
  },
  LONG_MS,
);
