import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runDocumentSchema } from '../../../src/core/schemas/run-document.ts';
import { type CliEnd, cli } from '../../support/cli.ts';
import { CONTRACT_SERVERS, type ContractLab } from '../../support/contract-servers.ts';

const TOKENS: Readonly<Record<string, string>> = {
  lmstudio: 'sk-lm-abcdefgh:abcdefghijklmnopqrst',
  'lmstudio-rest': 'sk-lm-abcdefgh:abcdefghijklmnopqrst',
};
const QUICK =
  '--sampler synthetic --workload quick-v1 --baseline 0.4 --baseline-max 0.4 --cooldown 0.2 --interval 50 --no-warmup --no-digest --max-tokens 30 --json';
const LONG_MS = 60_000;

const labs: ContractLab[] = [];
const folders: string[] = [];
afterAll(async () => {
  await Promise.all(labs.map((lab) => lab.close()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A server that wants a token, at a port of its own that only the user's file names. */
async function scene(id: string) {
  const server = CONTRACT_SERVERS[id];
  if (server === undefined) throw new Error(`no stand-in for ${id}`);
  const token = TOKENS[id] ?? 'a-token-of-openai-form';
  const lab = await server.start({ token });
  labs.push(lab);
  const folder = mkdtempSync(join(tmpdir(), 'lmpower-servers-'));
  folders.push(folder);
  const port = Number(new URL(lab.url).port);
  mkdirSync(join(folder, 'lmpower'));
  const backends = { [id]: { host: 'localhost', ports: [1, port], token } };
  writeFileSync(join(folder, 'lmpower', 'config.json'), JSON.stringify({ backends }));
  return {
    server,
    folder,
    token,
    port,
    lmpower: (words: string): Promise<CliEnd> => cli(words.split(' '), { folder }),
  };
}

function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name))
    .filter((path) => readFileSync(path).includes(text));
}

describe.each(Object.keys(CONTRACT_SERVERS))('backends.%s of the user’s file', (id) => {
  test(
    'leads run, models and doctor to the server, and its token is in nothing that they write',
    async () => {
      const { folder, lmpower, server, token } = await scene(id);
      const models = await lmpower(`models --backend ${id} --json`);
      expect(JSON.parse(models.stdout).models.map(({ key }: { key: string }) => key)).toEqual(server.keys);

      const doctor = await lmpower('doctor --json');
      expect(JSON.parse(doctor.stdout).backends).toContainEqual(
        expect.objectContaining({ id, state: 'ready' }),
      );

      const run = await lmpower(`run --backend ${id} --output run.json ${QUICK}`);
      expect([run.code, run.stderr]).toEqual([0, expect.not.stringContaining(token)]);
      const document = runDocumentSchema.parse(JSON.parse(run.stdout));
      expect(document.trials.map(({ completion }) => completion?.error)).toEqual([null]);

      const others = await Promise.all(
        ['config show --origin', 'config show --json', 'export latest', 'presets save mine --trials 3'].map(
          lmpower,
        ),
      );
      for (const end of [models, doctor, run, ...others]) {
        expect([end.stdout, end.stderr].join()).not.toContain(token);
      }
      expect(filesWith(token, folder)).toEqual([join(folder, 'lmpower', 'config.json')]);
    },
    LONG_MS,
  );
});

test('a wrong token is refused without being told', async () => {
  const { lmpower, port } = await scene('openai');
  const end = await lmpower(
    `--debug run --backend openai --url http://localhost:${port} --token wrong-token-here`,
  );
  expect(end.code).toBe(3);
  expect(end.stderr).not.toMatch(/wrong-token-here|a-token-of/);
});
