import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { RunDocument, TrialResult } from '../../src/core/result.ts';
import { type CliEnd, cli, startCli } from '../support/cli.ts';
import { post, slotOf, slotThat, type Timings, type Usage, waitingAt } from './support/chat.ts';
import { type EngineServer, startEngine } from './support/engine-server.ts';
import { cachedModel } from './support/models.ts';

const QUANTIZATIONS = ['base-F16', 'base-Q8_0', 'base-Q4_0'] as const;
/** The shortest phases that there are: what is tested is not the energy of this machine. */
const BRIEF = [
  '--interval',
  '50',
  '--baseline',
  '0.2',
  '--baseline-max',
  '0.2',
  '--cooldown',
  '0.2',
  '--quiet',
];
const QUICK_tok = 64;
const missing = inject('engineMissing');

const documentOf = ({ stdout }: CliEnd): RunDocument => JSON.parse(stdout);
const ttftOf = ({ completion }: TrialResult): number => completion?.latency.ttft_s ?? Number.NaN;

/** What the server itself said of a request. */
function serverWords({ completion }: TrialResult): { usage: Usage; timings: Timings } {
  return JSON.parse(JSON.stringify(completion?.serverStatistics ?? {}));
}

describe.skipIf(missing !== null)(
  `lmpower against the engine${missing === null ? '' : `: ${missing}`}`,
  () => {
    let server: EngineServer = { url: '', stop: async () => undefined };
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lmpower-test-'));
      server = await startEngine(['small-Q8_0', ...QUANTIZATIONS], ['--context', '4096']);
    });
    afterAll(async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    });

    const run = (...args: readonly string[]): Promise<CliEnd> =>
      cli(['run', '--url', server.url, ...BRIEF, ...args], { folder });
    const quick = (...args: readonly string[]): Promise<CliEnd> =>
      run(
        '--backend',
        'openai',
        ...QUANTIZATIONS.flatMap((key) => ['--model', key]),
        '--workload',
        'quick',
        ...args,
      );

    describe('a run of three quantizations', () => {
      let end: CliEnd = { code: null, signal: null, stdout: '', stderr: '' };
      let trials: readonly TrialResult[] = [];
      beforeAll(async () => {
        end = await quick('--trials', '2', '--json');
        trials = end.stdout === '' ? [] : documentOf(end).trials;
      });

      test('ends well with two trials of each', () => {
        expect(end.code, end.stderr).toBe(0);
        expect(trials.map(({ model }) => model)).toEqual(QUANTIZATIONS.flatMap((key) => [key, key]));
        expect(trials.map(({ completion }) => completion?.error)).toEqual(trials.map(() => null));
      });

      test('has no joules and says why, where no meter answers', ({ skip }) => {
        const document = documentOf(end);
        if (document.domains.length > 0) skip('this machine has a meter');
        expect(document.headline).toBeNull();
        expect(document.warnings.map(({ code }) => code)).toContain('POWER_UNAVAILABLE');
        expect(trials.flatMap(({ energy }) => energy.map(({ gross_J, net_J }) => [gross_J, net_J]))).toEqual(
          [],
        );
      });

      test('counts what the server counts: prompt, cached and output', () => {
        for (const trial of trials) {
          const { timings, usage } = serverWords(trial);
          expect(trial.completion).toMatchObject({
            input_tok: usage.prompt_tokens,
            output_tok: QUICK_tok,
            cached_tok: 0,
            tokenSource: 'server',
            stopReason: 'length',
          });
          expect(usage.prompt_tokens).toBe(timings.cache_n + timings.prompt_n);
          expect([usage.completion_tokens, timings.predicted_n]).toEqual([QUICK_tok, QUICK_tok]);
          expect(trial.completion?.tokens).toHaveLength(QUICK_tok);
        }
      });

      test('has every moment of a request in order, and a prompt window as long as the server says', () => {
        for (const trial of trials) {
          const { ended_s, firstToken_s, lastToken_s, promptEnd_s, promptStart_s, requested_s } =
            trial.completion ?? {};
          const moments = [requested_s, promptStart_s, promptEnd_s, firstToken_s, lastToken_s, ended_s].map(
            Number,
          );
          expect(moments).toEqual(moments.toSorted((a, b) => a - b));
          const prompt_ms = (Number(promptEnd_s) - Number(promptStart_s)) * 1000;
          expect(prompt_ms).toBeCloseTo(serverWords(trial).timings.prompt_ms, 3);
        }
      });

      test.skipIf(process.platform !== 'linux')(
        'costs less processor time a token the fewer bits a weight has',
        () => {
          const cpu_s = QUANTIZATIONS.map((key) =>
            trials
              .filter(({ model }) => model === key)
              .reduce((sum, { serverCpu }) => sum + (serverCpu?.cpu_s ?? Number.NaN), 0),
          );
          for (const trial of trials)
            expect(trial.serverCpu?.cpu_sPerTok).toBeCloseTo((trial.serverCpu?.cpu_s ?? 0) / QUICK_tok, 9);
          // Twice as much in quiet, here and elsewhere; what else runs moves it by a fifth.
          expect((cpu_s[0] ?? 0) / (cpu_s[2] ?? 0)).toBeGreaterThan(1.25);
        },
      );
    });

    test('with made-up watts every trial has joules, all of it labelled, and the models can be compared', async () => {
      const end = await quick('--trials', '2', '--sampler', 'synthetic', '--json');
      expect(end.code, end.stderr).toBe(0);
      const document = documentOf(end);
      expect(document.simulated).toBe(true);
      for (const trial of document.trials)
        expect(trial.energy.find(({ domain }) => domain === document.headline)?.gross_J).toBeGreaterThan(0);
      const compared = await cli(['compare', 'latest', '--by', 'gross', '--json'], { folder });
      // 4: worse than the reference, which made-up watts may well be.
      expect([0, 4], compared.stderr).toContain(compared.code);
      for (const key of QUANTIZATIONS) expect(compared.stdout).toContain(key);
    });

    test('llama-server’s extras give each delta its tokens, and the same totals', async () => {
      const end = await run(
        '--backend',
        'llama-server',
        '--model',
        'small-Q8_0',
        '--workload',
        'quick',
        '--json',
      );
      expect(end.code, end.stderr).toBe(0);
      const [trial] = documentOf(end).trials;
      const counts = trial?.completion?.tokens.map(({ count_tok }) => count_tok);
      expect(counts).toEqual(new Array<number>(QUICK_tok).fill(1));
      expect(trial?.completion).toMatchObject({ output_tok: QUICK_tok, cached_tok: 0 });
    });

    test('the first token comes later the longer the prompt is', async () => {
      const words = [8, 300, 1200];
      const prompts = words.map((count) => ({
        id: `words-${count}`,
        category: 'prefill',
        maxOutput_tok: 2,
        text: new Array<string>(count).fill('river').join(' '),
      }));
      const workload = join(folder, 'prefill.json');
      const head = {
        id: 'growing-v1',
        version: 1,
        title: 'Growing',
        identity: 'text',
        nonce: false,
        system: null,
      };
      await writeFile(workload, JSON.stringify({ ...head, prompts }));
      const end = await run('--backend', 'openai', '--model', 'small-Q8_0', '--workload', workload, '--json');
      expect(end.code, end.stderr).toBe(0);
      const { trials } = documentOf(end);
      const [short = 0, middle = 0, long = 0] = trials.map(ttftOf);
      // Ten and more in quiet.
      expect(middle / short).toBeGreaterThan(1.5);
      expect(long / middle).toBeGreaterThan(1.5);
      const input_tok = trials.map(({ completion }) => completion?.input_tok ?? 0);
      expect((input_tok[2] ?? 0) - (input_tok[1] ?? 0)).toBe(900);
    });

    test('another client’s request is time in the queue, not of the prompt, and is named', async () => {
      const leaving = new AbortController();
      const asking = { model: 'base-F16', prompt: 'apple', max_tokens: 3500 };
      const foreign = await post(server.url, asking, leaving.signal);
      const running = run(
        '--backend',
        'llama-server',
        '--model',
        'small-Q8_0',
        '--workload',
        'quick',
        '--no-warmup',
        '--json',
      );
      while ((await Promise.race([running, waitingAt(server.url)])) === 0);
      const { n_decoded } = (await slotOf(server.url)).next_token;
      await slotThat(server.url, ({ next_token }) => next_token.n_decoded > n_decoded + 20);
      leaving.abort();
      await foreign.body?.cancel().catch(() => undefined);
      const end = await running;
      expect(end.code, end.stderr).toBe(0);
      const document = documentOf(end);
      const [trial] = document.trials;
      const { prefill_s = null, queue_s = null, ttft_s = null } = trial?.completion?.latency ?? {};
      expect(document.warnings.map(({ code }) => code)).toContain('FOREIGN_LOAD');
      expect(Number(prefill_s) * 1000).toBeCloseTo(
        trial === undefined ? 0 : serverWords(trial).timings.prompt_ms,
        3,
      );
      expect(Number(queue_s)).toBeGreaterThan(0);
      expect(Number(queue_s) + Number(prefill_s)).toBeLessThanOrEqual(Number(ttft_s));
    });

    test('the model’s file is told by its SHA-256, where the server says which it is', async () => {
      const single = await startEngine(['tiny-Q8_0']);
      try {
        const args = [
          'run',
          '--url',
          single.url,
          '--backend',
          'llama-server',
          ...BRIEF,
          '--max-tokens',
          '4',
          '--json',
        ];
        const end = await cli([...args, '--workload', 'quick', '--model', 'tiny-Q8_0'], { folder });
        expect(end.code, end.stderr).toBe(0);
        const file = await readFile(await cachedModel('tiny-Q8_0'));
        const sha256 = createHash('sha256').update(file).digest('hex');
        expect(documentOf(end).plan.identities?.[0]?.digest).toContain(sha256);
      } finally {
        await single.stop();
      }
    });

    test('the cache experiment sees what the server reused: nothing cold, nearly all warm', async () => {
      const args = [
        '--experiment',
        'cache',
        '--workload',
        'quick',
        '--max-tokens',
        '8',
        '--sampler',
        'synthetic',
      ];
      const end = await run('--backend', 'llama-server', '--model', 'small-Q8_0', ...args, '--json');
      expect(end.code, end.stderr).toBe(0);
      const [cold, warm] = documentOf(end).experiment?.arms ?? [];
      expect(cold?.cachedRatio).toBe(0);
      expect(warm?.cachedRatio).toBeGreaterThan(0.8);
    });

    test('an interrupted run frees the server at once, and keeps what it has', async () => {
      const args = [
        'run',
        '--url',
        server.url,
        '--backend',
        'openai',
        '--model',
        'base-F16',
        '--workload',
        'quick',
      ];
      const most_tok = 3000;
      const long = ['--max-tokens', String(most_tok), '--no-warmup', '--json'];
      const running = startCli([...args, ...BRIEF, ...long], { folder });
      const saysSomething = slotThat(
        server.url,
        (slot) => slot.is_processing && slot.next_token.n_decoded > 1,
      );
      await Promise.race([saysSomething, running.ended]);
      running.child.kill('SIGINT');
      const { code, stderr } = await running.ended;
      expect(code, stderr).toBe(130);
      const slot = await slotThat(server.url, ({ is_processing }) => !is_processing);
      expect(slot.next_token.n_decoded).toBeLessThan(most_tok);
    });
  },
);
