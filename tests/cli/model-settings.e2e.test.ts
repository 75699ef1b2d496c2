import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Setting } from '../../src/core/run.ts';
import { runDocumentSchema } from '../../src/core/schemas/run-document.ts';
import { startLlamaServerStandIn } from '../../src/simulator/llama-server/server.ts';
import type { StandIn } from '../../src/simulator/serving/stand-in.ts';
import { type CliEnd, cli } from '../support/cli.ts';
import { startServing } from '../support/contract-servers.ts';
import { FAST_MODELS } from '../support/lmstudio-lab.ts';

const LONG_MS = 60_000;
const QUICK =
  '--workload quick-v1 --baseline 0.4 --baseline-max 0.4 --cooldown 0.2 --interval 50 --no-warmup'.split(' ');
const WEIGHTS = 'weights of a small model';

const folder = mkdtempSync(join(tmpdir(), 'lmpower-settings-'));
const labs: StandIn[] = [];
afterAll(async () => {
  await Promise.all(labs.map((lab) => lab.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** A llama-server whose model's file lies on this machine. */
async function startLab(): Promise<StandIn> {
  const path = join(folder, 'small-Q4_K_M.gguf');
  writeFileSync(path, WEIGHTS);
  const lab = await startServing(startLlamaServerStandIn, {
    models: FAST_MODELS.map((one) => ({ ...one, path })),
  });
  labs.push(lab);
  return lab;
}

function run(lab: StandIn, ...words: string[]): Promise<CliEnd> {
  const args = ['run', '--backend', 'llama-server', '--url', lab.url, ...QUICK, '--json', ...words];
  return cli(args, { folder: mkdtempSync(join(folder, 'home-')) });
}

const settingsIn = ({ stdout }: CliEnd): readonly Setting[] =>
  runDocumentSchema.parse(JSON.parse(stdout)).environment.settings;

describe('what a run was made with', () => {
  test(
    'is recorded: the file by its bytes, and every setting that was asked for',
    async () => {
      const lab = await startLab();
      const settings = settingsIn(await run(lab, '--top-k-sampling', '7', '--ignore-eos', '--stop', '###'));
      const sha256 = createHash('sha256').update(WEIGHTS).digest('hex');
      const read = { requested: null, effective: sha256, source: 'file' };
      expect(settings).toContainEqual({ name: 'sha256', ...read });
      const unread = { effective: null, source: 'unknown' };
      expect(settings).toContainEqual({ name: 'topK', requested: 7, ...unread });
      expect(settings).toContainEqual({ name: 'stop', requested: '["###"]', ...unread });
      const sent = lab.requests.findLast(({ endpoint }) => endpoint === '/v1/chat/completions')?.parameter;
      expect(sent).toMatchObject({ top_k: 7, ignore_eos: true, stop: ['###'], cache_prompt: false });
    },
    LONG_MS,
  );

  test(
    'no file is read where that is not wanted',
    async () => {
      const settings = settingsIn(await run(await startLab(), '--no-digest'));
      expect(settings.some(({ name }) => name === 'sha256')).toBe(false);
    },
    LONG_MS,
  );

  test(
    'what the server cannot apply is refused before it is asked anything but what it is',
    async () => {
      const lab = await startLab();
      const { code, stderr, stdout } = await run(lab, '--n-batch', '128', '--draft-model', 'tiny');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('cannot apply: draftModel, batch_tok');
      expect(lab.answers).toEqual([]);
    },
    LONG_MS,
  );
});
