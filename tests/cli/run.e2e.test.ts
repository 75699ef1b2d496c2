import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnergyRow, RunDocument, TrialResult } from '../../src/core/result.ts';
import { runDocumentSchema } from '../../src/core/schemas/run-document.ts';
import type { LmStudioStandIn, LmStudioStandInOptions } from '../../src/simulator/lmstudio/server.ts';
import { type CliEnd, type CliProcess, cli, startCli, withoutRootNotice } from '../support/cli.ts';
import { FAST_MODELS, startFastLab } from '../support/lmstudio-lab.ts';

const FIVE_FRAMES = join(import.meta.dirname, '../fixtures/powermetrics/m1-1000ms.plist');
const TOKEN = 'sk-lm-abcdEFGH:abcdefghij0123456789';
const LONG_MS = 60_000;
/** Short phases, no warm-up: what is looked at here is not the number. */
const QUICK =
  '--workload quick-v1 --baseline 0.4 --baseline-max 0.4 --cooldown 0.2 --interval 50 --no-warmup'.split(' ');

const folder = mkdtempSync(join(tmpdir(), 'lmpower-run-'));
const labs: LmStudioStandIn[] = [];
afterAll(async () => {
  await Promise.all(labs.map((lab) => lab.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** A server at this pace, its first model loaded. */
async function startLab(
  options: Partial<LmStudioStandInOptions> = {},
  decodeTokPerS = 1000,
): Promise<LmStudioStandIn> {
  const models = FAST_MODELS.map((model) => ({ ...model, decodeTokPerS }));
  const lab = await startFastLab({ models, answerTokens: () => 1000, ...options });
  labs.push(lab);
  return lab;
}

interface Ended extends CliEnd {
  readonly home: string;
}

async function run(
  lab: LmStudioStandIn,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const home = makeHome();
  const end = await cli(['run', '--url', lab.url, ...QUICK, ...args], { folder: home, env });
  return { ...end, home };
}

/** A home of its own, hence a database of its own. */
function makeHome(): string {
  return mkdtempSync(join(folder, 'home-'));
}

const documentIn = (text: string): RunDocument => runDocumentSchema.parse(JSON.parse(text));
const headlineOf = (document: RunDocument, trial: TrialResult | undefined): EnergyRow | undefined =>
  trial?.energy.find((row) => row.domain === document.headline);
const listed = async (home: string): Promise<unknown[]> =>
  JSON.parse((await cli(['runs', '--json'], { folder: home })).stdout).runs;

let replayed: Promise<CliEnd>;

/** Four prompts while five frames are replayed. It waits more than it works, hence runs beside the tests before its own. */
beforeAll(async () => {
  const lab = await startLab({}, 64);
  const words = ['--workload', 'quick-v1', '--trials', '4', '--no-warmup', '--interval', '250'];
  const phases = ['--baseline', '0.5', '--baseline-max', '0.5', '--cooldown', '0.2'];
  const sampler = `replay:powermetrics:${FIVE_FRAMES}@1`;
  const args = ['run', '--url', lab.url, ...words, ...phases, '--sampler', sampler, '--json'];
  replayed = cli(args, { folder: makeHome() });
});

describe('run without a meter', () => {
  test(
    'gives speed, no joule, and says why',
    async () => {
      const { code, stderr, stdout } = await run(await startLab(), ['--json']);
      expect(code).toBe(0);
      const document = documentIn(stdout);
      expect(document.headline).toBeNull();
      expect(document.warnings.map((warning) => warning.code)).toContain('POWER_UNAVAILABLE');
      expect(document.trials).toHaveLength(1);
      for (const { completion, energy } of document.trials) {
        expect(completion?.output_tok).toBe(64);
        expect(completion?.latency.decodeTokPerS).toBeGreaterThan(0);
        for (const { gross_J, net_J } of energy) expect([gross_J, net_J]).toEqual([null, null]);
      }
      expect(document.simulated).toBeUndefined();
      expect(stderr).toContain('speed only');
    },
    LONG_MS,
  );

  test('is refused with --require-power, before the server is asked anything', async () => {
    const lab = await startLab();
    const { code, stderr, stdout } = await run(lab, ['--require-power']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('lmpower doctor');
    expect(lab.requests).toEqual([]);
  });
});

describe('run against a server that is not ready', () => {
  test.each<[string, Partial<LmStudioStandInOptions>, string[], RegExp]>([
    ['no model is loaded', { loadedAtStart: [] }, [], /no model loaded/],
    ['no model is loaded (REST)', { loadedAtStart: [] }, ['--backend', 'lmstudio-rest'], /no model loaded/],
    ['no token is given', { token: TOKEN }, [], /give the token: LM_API_TOKEN/],
    ['the token is wrong', { token: TOKEN }, ['--token', `${TOKEN.slice(0, -1)}X`], /give the token/],
    ['the token is none', { token: TOKEN }, ['--token', 'secret'], /does not look like one/],
  ])(
    '%s: says so, measures nothing, records nothing',
    async (_what, options, args, message) => {
      const { code, home, stderr, stdout } = await run(await startLab(options), args);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(message);
      expect(withoutRootNotice(stderr)).toMatch(/^lmpower: .*\n {2}→ .*\n$/);
      expect(stderr).not.toMatch(/secret|abcdefghij/);
      expect(await listed(home)).toEqual([]);
    },
    LONG_MS,
  );

  test('it is not running', async () => {
    const lab = await startLab();
    await lab.close();
    const { code, stderr, stdout } = await run(lab, []);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(new RegExp(`nothing answers at ${lab.url}\\n {2}→ `));
  });

  test(
    'the model is unknown: says so once, with what there is',
    async () => {
      const { code, home, stderr, stdout } = await run(await startLab(), ['--model', 'nosuch']);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('lmpower models lists what the server has');
      expect(stderr.match(/loading nosuch/g)).toHaveLength(1);
      // It is kept as what it was, and no result that anybody would mean by `latest`.
      expect(await listed(home)).toMatchObject([{ state: 'failed' }]);
      const analyzed = await cli(['analyze', 'latest'], { folder: home });
      expect(analyzed).toMatchObject({ code: 2, stdout: '' });
      expect(analyzed.stderr).toContain('no run is recorded yet');
    },
    LONG_MS,
  );
});

describe('run', () => {
  test(
    'with the right token works, and keeps it out of every file and every word',
    async () => {
      const { code, home, stderr, stdout } = await run(await startLab({ token: TOKEN }), ['--json'], {
        LM_API_TOKEN: TOKEN,
      });
      expect(code).toBe(0);
      const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
      expect(files.length).toBeGreaterThan(0);
      const texts = files.map((one) => readFileSync(join(one.parentPath, one.name), 'latin1'));
      for (const text of [stdout, stderr, ...texts]) expect(text).not.toContain(TOKEN.slice(-20));
    },
    LONG_MS,
  );

  test(
    'whose server goes away in the middle of an answer keeps what came, and exits 4',
    async () => {
      const faults = { stream: { kind: 'drop', after_tok: 5 } } as const;
      const { code, home, stderr, stdout } = await run(await startLab({ faults }), [
        '--json',
        '--output',
        'out.json',
      ]);
      expect(code).toBe(4);
      const [trial] = documentIn(stdout).trials;
      expect(trial?.completion?.error).not.toBeNull();
      expect(trial?.completion?.tokens.length).toBeGreaterThan(0);
      expect(stderr).toContain('failed: ');
      expect(readFileSync(join(home, 'out.json'), 'utf8')).toBe(stdout);
      expect(await listed(home)).toHaveLength(1);
    },
    LONG_MS,
  );

  test(
    'goes on to its end when its reader goes away, and writes its files',
    async () => {
      const lab = await startLab();
      const home = makeHome();
      const words = ['run', '--url', lab.url, ...QUICK, '--sampler', 'synthetic', '--json'];
      const { child, ended } = startCli([...words, '--output', 'out.json', '--csv', 'out.csv'], {
        folder: home,
      });
      child.stdout.destroy();
      const { code, stderr } = await ended;
      expect(code).toBe(0);
      expect(stderr).not.toContain('EPIPE');
      expect(documentIn(readFileSync(join(home, 'out.json'), 'utf8')).trials).toHaveLength(1);
      expect(readFileSync(join(home, 'out.csv'), 'utf8')).toContain(',soc,synthetic,');
    },
    LONG_MS,
  );

  test(
    'with made-up power is SIMULATED in every output',
    async () => {
      const lab = await startLab();
      const outputs = ['--output', 'out.json', '--format', 'classic-json', '--csv', 'out.csv'];
      const { code, home, stderr, stdout } = await run(lab, ['--sampler', 'synthetic', ...outputs]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^SIMULATED: the watts below are made up\n/);
      expect(JSON.parse(readFileSync(join(home, 'out.json'), 'utf8'))).toMatchObject({ simulated: true });
      expect(readFileSync(join(home, 'out.csv'), 'utf8')).toMatch(/,simulated\n.*,true\n/);
      expect(stderr).toContain('SIMULATED');
    },
    LONG_MS,
  );

  test('refuses an output that cannot be written before it measures', async () => {
    const lab = await startLab();
    const { code, stderr } = await run(lab, ['--output', 'missing/folder/out.json']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/the folder .*missing\/folder does not exist/);
    expect(lab.requests).toEqual([]);
  });

  test('refuses a database that cannot be used before it measures', async () => {
    const lab = await startLab();
    writeFileSync(join(folder, 'garbage.sqlite'), 'not a database '.repeat(100));
    const { code } = await run(lab, ['--db', join(folder, 'garbage.sqlite')]);
    expect(code).toBe(3);
    expect(lab.answers).toEqual([]);
  });
});

describe('Ctrl-C in the middle of a run', () => {
  const started = async (): Promise<{ process: CliProcess; home: string }> => {
    const lab = await startLab({}, 100);
    const home = makeHome();
    const args = ['--trials', '50', '--sampler', 'synthetic', '--json', '--output', 'out.json'];
    return { home, process: startCli(['run', '--url', lab.url, ...QUICK, ...args], { folder: home }) };
  };

  test(
    'ends it with 130 and keeps what was recorded: analyze gives the same bytes',
    async () => {
      const { home, process } = await started();
      await process.said('[1/50]');
      process.child.kill('SIGINT');
      const { code, stderr, stdout } = await process.ended;
      expect(code).toBe(130);
      expect(stderr).toContain('keeping what was recorded');
      const document = documentIn(stdout);
      expect(document.run.state).toBe('interrupted');
      expect(headlineOf(document, document.trials[0])?.gross_J).toBeGreaterThan(0);
      expect(readFileSync(join(home, 'out.json'), 'utf8')).toBe(stdout);
      const again = await cli(['analyze', 'latest', '--json'], { folder: home });
      expect(again.stdout).toBe(stdout);
      expect([0, 4]).toContain(again.code);
    },
    LONG_MS,
  );

  test(
    'twice ends it at once; what was recorded is kept all the same',
    async () => {
      const { home, process } = await started();
      await process.said('[1/50]');
      process.child.kill('SIGINT');
      await process.said('keeping what was recorded');
      process.child.kill('SIGINT');
      const { code, signal } = await process.ended;
      // Where the program was quicker than the second signal, it has ended by itself.
      expect(signal === 'SIGINT' || code === 130).toBe(true);
      const again = await cli(['analyze', 'latest', '--json'], { folder: home });
      expect(documentIn(again.stdout).trials.length).toBeGreaterThan(0);
    },
    LONG_MS,
  );
});

describe('run with a meter that ends in the middle', () => {
  test(
    'gives numbers for what the recording covers, and FEW_SAMPLES and SAMPLER_DIED for the rest',
    async () => {
      const { code, stdout } = await replayed;
      const document = documentIn(stdout);
      const rows = document.trials.map((trial) => headlineOf(document, trial));
      expect(rows[0]?.gross_J).toBeGreaterThan(0);
      expect(rows[0]?.codes).toContain('FEW_SAMPLES');
      expect(rows[3]?.gross_J).toBeNull();
      expect(rows[3]?.codes).toContain('SAMPLER_DIED');
      expect(document.trials.every((trial) => trial.completion?.output_tok === 64)).toBe(true);
      // A void headline.
      expect(code).toBe(4);
    },
    LONG_MS,
  );
});

describe('models', () => {
  test('lists what the server has, as a table and as one document', async () => {
    const lab = await startLab();
    const words = ['models', '--url', lab.url];
    const { stdout } = await cli(words, { folder });
    expect(stdout).toMatch(/^model +quant[\s\S]*simulated-4b@q4_k_m .*loaded$/m);
    const { models, schemaVersion } = JSON.parse((await cli([...words, '--json'], { folder })).stdout);
    expect(schemaVersion).toBe(1);
    expect(models.length).toBeGreaterThan(2);
  });

  test('that meet every condition, and how many there are of each kind', async () => {
    const lab = await startLab();
    const words = ['models', '--url', lab.url, '--json', '--stats', '--params', '1B..8B'];
    const { stdout } = await cli([...words, '--quants', 'q4,8', '--max-size', '4'], { folder });
    const { models, stats } = JSON.parse(stdout);
    expect(models).toMatchObject([{ key: 'simulated-4b@q4_k_m', type: 'llm', quantization: 'Q4_K_M' }]);
    expect(stats).toMatchObject({ models: 1, loaded: 1, byQuantization: [{ value: 'Q4_K_M', models: 1 }] });
    const wrong = await cli([...words, '--include-models', '('], { folder });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('regular expression') });
    const none = await cli(['models', '--url', lab.url, '--arch', 'nobody'], { folder });
    expect(none.stdout).toMatch(/^None of the 5 models/);
    const table = await cli(['models', '--url', lab.url, '--stats'], { folder });
    expect(table.stdout).toMatch(/^5 models, [\d.]+ GB, 1 loaded, 1 on another machine$/m);
    expect(table.stdout).toMatch(/^Q4_K_M +2 +45\.0$/m);
  });
});
