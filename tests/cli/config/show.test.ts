import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { captureOutput } from '../../support/captured-output.ts';
import { launchIn } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What `lmpower config …` writes, given the user's and the project's file. */
async function config(
  words: string,
  files: { readonly own?: object; readonly project?: object } = {},
  env: Record<string, string> = {},
) {
  const folder = temporaryFolder();
  for (const [name, file, content] of [
    ['own', 'config.json', files.own],
    ['project', 'lmpower.config.json', files.project],
  ] as const) {
    mkdirSync(join(folder, name));
    if (content !== undefined) writeFileSync(join(folder, name, file), JSON.stringify(content, null, 1));
  }
  const output = captureOutput();
  const program = buildProgram({ ...launchIn(folder, env), exitCode: 0 });
  await program.parseAsync(['config', ...words.split(' ')], { from: 'user' });
  return { stdout: output.stdout(), stderr: output.stderr() };
}

const own = {
  run: { includeModels: ['^a', 'b{1,2}'], params: '1B..8B', maxSize: '8GiB', trials: '5' },
  backends: { lmstudio: { token: 'lms_secret' } },
  db: '/tmp/mine.db',
};
const project = { backends: { lmstudio: { ports: [1300] }, ollama: { ports: 11_500 } } };

test('values are shown in the words that a file would say them in', async () => {
  const { settings } = JSON.parse((await config('show run --json', { own })).stdout);
  const values = Object.fromEntries(
    settings.map(({ key, value }: { key: string; value: unknown }) => [key, value]),
  );
  expect(values).toMatchObject({
    'run.includeModels': ['^a', 'b{1,2}'],
    'run.params': '1B..8B',
    'run.maxSize': '8GiB',
    'run.trials': 5,
    'run.baseline_s': 10,
  });
});

test('each key of a server comes from the strongest file that says it, and no token is shown', async () => {
  const { stdout } = await config('show run --json', { own, project });
  expect(JSON.parse(stdout)).toMatchObject({
    db: '/tmp/mine.db',
    servers: { lmstudio: { token: '(set)', ports: [1300] }, ollama: { ports: [11_500] } },
  });
  expect(stdout).not.toContain('lms_secret');
});

test('--origin names file and line of servers and database too', async () => {
  const { stdout } = await config('show run --origin', { own, project });
  expect(stdout).toMatch(/backends\.lmstudio\.token +\(set\) +.*own.config\.json:\d+/);
  expect(stdout).toMatch(/backends\.lmstudio\.ports +1300 +.*project.lmpower\.config\.json:\d+/);
  expect(stdout).toMatch(/db +\/tmp\/mine\.db +.*own.config\.json:\d+/);
  expect(stdout).not.toContain('lms_secret');
});

test('what a stronger place takes back is not in force', async () => {
  const { stdout } = await config(
    'show run --origin',
    { project: { run: { untilCi_pct: 3 } } },
    { LMPOWER_TRIALS: '5' },
  );
  expect(stdout).toMatch(/run\.trials +5 +LMPOWER_TRIALS/);
  expect(stdout).not.toMatch(/run\.untilCi_pct/);
});

test('a misspelt variable is named', async () => {
  const { stderr } = await config('show', {}, { LMPOWER_BASELINE: '5' });
  expect(stderr).toContain('did you mean LMPOWER_BASELINE_S?');
});

test('every key is listed with its variable and its meaning, in 80 columns', async () => {
  const lines = (await config('keys')).stdout.split('\n');
  const at = lines.findIndex((line) => line.startsWith('run.baseline_s '));
  expect(lines.slice(at, at + 2)).toEqual([
    expect.stringMatching(/^run\.baseline_s +LMPOWER_BASELINE_S$/),
    '  idle before each prompt, at least (default: 10)',
  ]);
  expect(lines).toContain('  false: skip the request that warms the model up');
});
