import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runDocumentSchema } from '../../src/core/schemas/run-document.ts';
import type { LabModel } from '../../src/simulator/lmstudio/catalog.ts';
import { EXPERIMENT_CATALOG } from '../../src/simulator/lmstudio/experiment-catalog.ts';
import type { LmStudioStandIn } from '../../src/simulator/lmstudio/server.ts';
import { openStore } from '../../src/storage/store.ts';
import { type CliEnd, cli, startCli } from '../support/cli.ts';
import { startFastLab } from '../support/lmstudio-lab.ts';

const LONG_MS = 120_000;
const QUICK =
  '--backend lmstudio --sampler synthetic --workload quick-v1 --baseline 0.4 --baseline-max 0.4 --cooldown 0.2 --interval 50 --no-warmup'.split(
    ' ',
  );
const GGUF = ['simulated-4b@q4_k_m', 'simulated-4b@q8_0', 'simulated-4b@f16'];

const folders: string[] = [];
const labs: LmStudioStandIn[] = [];
afterAll(async () => {
  await Promise.all(labs.map((lab) => lab.close()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function labWith(changes: Partial<LabModel>): Promise<LmStudioStandIn> {
  const models = EXPERIMENT_CATALOG.map((model) => ({
    ...model,
    load_s: 0.05,
    prefillTokPerS: 20_000,
    ...changes,
  }));
  const lab = await startFastLab({ models, loadedAtStart: [], answerTokens: () => 60 });
  labs.push(lab);
  return lab;
}

/** A server of its own and a home of its own, with a program that runs there. */
async function scene(decodeTokPerS = 600) {
  const lab = await labWith({ decodeTokPerS });
  const folder = mkdtempSync(join(tmpdir(), 'lmpower-many-'));
  folders.push(folder);
  const words = (...args: readonly string[]): string[] => ['run', '--url', lab.url, ...QUICK, ...args];
  return {
    lab,
    folder,
    words,
    run: (...args: readonly string[]): Promise<CliEnd> => cli(words(...args), { folder }),
    lmpower: (...args: readonly string[]): Promise<CliEnd> => cli(args, { folder }),
  };
}

const documentIn = ({ stdout }: CliEnd) => runDocumentSchema.parse(JSON.parse(stdout));
const FILTER = ['--all', '--include-models', '^simulated-4b@'];

describe('run --all', () => {
  test(
    'measures every model with its load; a second one shows what is known at once; --retest adds',
    async () => {
      const { lab, lmpower, run } = await scene();
      const document = documentIn(await run(...FILTER, '--json'));
      expect(document.trials.map(({ model }) => model)).toEqual(GGUF);
      expect(
        document.lifecycle?.filter(({ headline }) => headline).map(({ model, n }) => [model, n]),
      ).toEqual(GGUF.map((model) => [model, 1]));
      expect(lab.loaded()).toEqual([]);

      const asked = lab.answers.length;
      const again = await run(...FILTER);
      expect([again.code, lab.answers.length]).toEqual([0, asked]);
      expect(again.stderr).toContain('3 of 3 known');
      for (const model of GGUF) expect(again.stdout).toContain(model);
      const stored = JSON.parse((await run(...FILTER, '--json')).stdout);
      expect(stored.results.map((one: { run: string }) => one.run)).toEqual(GGUF.map(() => document.run.id));

      const more = await run(...FILTER, '--trials', '2', '--json');
      expect(more.stderr).toContain('3 of 6 known');
      expect(documentIn(more).trials.map(({ repetition }) => repetition)).toEqual([1, 1, 1]);
      expect(documentIn(more).plan.known).toHaveLength(3);

      const retested = await run(...FILTER, '--retest', '--limit', '1');
      expect(retested.code).toBe(0);
      expect(JSON.parse((await lmpower('runs', '--json')).stdout).runs).toHaveLength(3);
      expect((await lmpower('db', 'check')).code).toBe(0);
    },
    LONG_MS,
  );

  test('--dry-run asks the server which models there are and prints the plan', async () => {
    const { lab, run } = await scene();
    const { code, stdout } = await run(
      ...FILTER,
      '--quants',
      'q8,f16',
      '--order',
      'shuffled',
      '--order-seed',
      '7',
      '--dry-run',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/shuffled, --order-seed 7/);
    expect(stdout).toMatch(/^simulated-4b@q8_0 +1 +0 +1 +\d+ s$/m);
    expect(stdout).not.toContain('q4_k_m');
    expect(lab.answers).toEqual([]);
  });

  test(
    'a model that will not load is a row with its reason, and the rest is run',
    async () => {
      const { run } = await scene();
      const { code, stdout } = await run('--model', 'nobody', '--model', 'simulated-4b@q8_0');
      expect(code).toBe(3);
      expect(stdout).toMatch(/^nobody +failed/m);
      expect(stdout).toMatch(/^nobody: MODEL_NOT_FOUND: /m);
      expect(stdout).toMatch(/^simulated-4b@q8_0 .* 1 +[A-D]$/m);
    },
    LONG_MS,
  );

  test('a filter that fits nothing says so', async () => {
    const { run } = await scene();
    const { code, stderr } = await run('--all', '--min-size', '900');
    expect(code).toBe(3);
    expect(stderr).toMatch(/none of \d models fits/);
  });
});

describe('run --resume', () => {
  test.each(['SIGINT', 'SIGKILL'] as const)(
    'after %s: the same plan, only what is missing is measured, and it is one run',
    async (signal) => {
      const { folder, lab, lmpower, words } = await scene(150);
      const first = startCli(words(...FILTER, '--trials', '2'), { folder });
      await first.said('[3/6]');
      first.child.kill(signal);
      await first.ended;
      // What a killed run had loaded is still there.
      for (const identifier of lab.loaded()) lab.evict(identifier);
      const asked = lab.answers.length;

      const planned = await lmpower('run', '--resume', 'latest', '--dry-run');
      expect(planned.stdout).toMatch(/[34] of 6 done/);
      const resumed = await lmpower('run', '--resume', 'latest', '--json');
      const document = documentIn(resumed);
      expect(document.run.state).toBe('finished');
      expect(document.trials.map(({ index }) => index).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
      expect(document.trials.every(({ completion }) => completion?.error === null)).toBe(true);
      expect(document.sessions).toHaveLength(1);
      expect(lab.answers.length - asked).toBeLessThanOrEqual(3);
      const times_s = document.trials.map(({ completion }) => completion?.requested_s ?? 0);
      expect(times_s).toEqual(times_s.toSorted((a, b) => a - b));
      expect((await lmpower('analyze', 'latest', '--json')).stdout).toBe(resumed.stdout);
      expect(JSON.parse((await lmpower('runs', '--json')).stdout).runs).toHaveLength(1);

      const whole = await lmpower('run', '--resume', 'latest');
      expect(whole.stderr).toContain('nothing left to measure');
      const known = await cli(words(...FILTER, '--trials', '2'), { folder });
      expect(known.stderr).toContain('6 of 6 known');
    },
    LONG_MS,
  );

  test(
    'is refused while the run is under way, with other files of its models, and where watts are made up only now',
    async () => {
      const { folder, lmpower, words } = await scene(150);
      const first = startCli(words(...FILTER, '--trials', '2'), { folder });
      await first.said('[2/6]');
      expect(await lmpower('run', '--resume', 'latest')).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('still being measured'),
      });
      first.child.kill('SIGINT');
      await first.ended;

      const other = await labWith({ size_B: 77 });
      expect(await lmpower('run', '--resume', 'latest', '--url', other.url)).toMatchObject({
        code: 3,
        stderr: expect.stringMatching(/not the model that it was: its size_B changed/),
      });

      const store = openStore(join(folder, 'lmpower', 'lmpower.db'));
      const { run } = store.load(store.resolve('latest'));
      store.updateRun({ ...run, simulated: false });
      store.close();
      expect(await lmpower('run', '--resume', 'latest')).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('made up'),
      });
    },
    LONG_MS,
  );

  test('takes no other plan', async () => {
    const { lmpower } = await scene();
    const { code, stderr } = await lmpower('run', '--resume', 'latest', '--trials', '3');
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be given trials');
  });
});

describe('run --experiment', () => {
  test(
    'draft compares by J/token with acceptance beside it; known afterwards as a whole',
    async () => {
      const { lab, run } = await scene();
      const words = ['--experiment', 'draft', '--model', 'simulated-4b@q8_0', '--trials', '2'];
      const draft = [...words, '--draft-model', 'simulated-0.3b-draft@q8_0'];
      const document = documentIn(await run(...draft, '--json'));
      expect(document.experiment?.arms.map(({ acceptedRatio }) => acceptedRatio !== null)).toEqual([
        false,
        true,
      ]);
      expect(document.experiment?.comparisons).toHaveLength(1);
      const asked = lab.answers.length;
      const again = await run(...draft);
      expect(again.stdout).toMatch(/^compared +net J\/tok .*accepted/m);
      expect(lab.answers).toHaveLength(asked);
      expect((await run(...words)).stderr).toContain('--draft-model');
    },
    LONG_MS,
  );

  test(
    'is not answered by a run that has the same trials and compares nothing',
    async () => {
      const { run } = await scene();
      await run(...FILTER, '--quants', 'q8,f16');
      const ladder = ['--experiment', 'quant-ladder', '--workload', 'quick-v1', '--trials', '1'];
      const document = documentIn(await run(...ladder, '--quants', 'q8,f16', '--json'));
      expect(document.experiment?.comparisons).toHaveLength(1);
    },
    LONG_MS,
  );

  test('a factor that the server cannot apply is refused before anything is measured', async () => {
    const { folder, lab } = await scene();
    const words = ['run', '--backend', 'lmstudio-rest', '--url', lab.url, '--sampler', 'synthetic'];
    const kv = ['--experiment', 'kv-cache', '--model', 'simulated-4b@q8_0'];
    const { code, stderr } = await cli([...words, ...kv], { folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot apply: .*kCacheType/);
    expect(lab.answers).toEqual([]);
  });
});
