import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyConfiguration } from '../../../src/cli/config/apply.ts';
import { configurationOf, givenFor } from '../../../src/cli/config/configuration.ts';
import { commandGiven, launchIn, vocabulary } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

interface Said {
  readonly user?: unknown;
  readonly project?: unknown;
  readonly env?: Record<string, string>;
  readonly words?: readonly string[];
}

/** Writes the files, gives the words to `lmpower run`, and lets the configuration speak. */
async function inForce({ env = {}, project, user, words = [] }: Said): Promise<Record<string, unknown>> {
  const folder = temporaryFolder();
  place(folder, { user, project });
  const command = commandGiven(folder, 'run', words);
  await applyConfiguration(command, { ...launchIn(folder, env), exitCode: 0 });
  return command.opts();
}

function place(folder: string, { project, user }: Pick<Said, 'project' | 'user'>): void {
  for (const [name, file, content] of [
    ['own', 'config.json', user],
    ['project', 'lmpower.config.json', project],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    if (content !== undefined) writeFileSync(join(folder, name, file), text(content));
  }
}

function text(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content, null, 2);
}

const refusal = async (said: Said): Promise<Error> => {
  try {
    await inForce(said);
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
  }
  throw new Error('nothing was refused');
};

describe('strength', () => {
  const all: Said = {
    words: ['--trials', '5'],
    env: { LMPOWER_TRIALS: '4' },
    user: { run: { trials: 3 } },
    project: { run: { trials: 2 } },
  };

  test.each<[string, Said, unknown]>([
    ['a flag beats all', all, 5],
    ['the environment beats files', { ...all, words: [] }, 4],
    ['your own file beats the project’s', { user: all.user, project: all.project }, 3],
    ['the project’s file beats what is built in', { project: all.project }, 2],
    ['nothing said: the plan decides', {}, undefined],
    [
      'a preset named by a flag beats the environment',
      { env: { LMPOWER_TRIALS: '4' }, words: ['--preset', 'standard'] },
      5,
    ],
    ['a flag beats the preset', { words: ['--preset', 'standard', '--trials', '9'] }, 9],
    [
      'a preset named in a file yields to the environment',
      { env: { LMPOWER_TRIALS: '4' }, user: { run: { preset: 'standard' } } },
      4,
    ],
    ['a file beats the preset that it names', { user: { run: { preset: 'standard', trials: 7 } } }, 7],
    [
      'a preset that your file names beats the project’s file',
      { user: { run: { preset: 'standard' } }, project: all.project },
      5,
    ],
  ])('%s', async (_title, said, trials) => {
    expect((await inForce(said))['trials']).toBe(trials);
  });

  test('whoever is strongest of those that speak is obeyed, whatever they say', async () => {
    const value = fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(fc.tuple(value, value, value, value), async ([flag, variable, user, project]) => {
        const file = (trials: number | undefined): unknown =>
          trials === undefined ? undefined : { run: { trials } };
        const options = await inForce({
          words: flag === undefined ? [] : ['--trials', String(flag)],
          env: variable === undefined ? {} : { LMPOWER_TRIALS: String(variable) },
          user: file(user),
          project: file(project),
        });
        expect(options['trials']).toBe(flag ?? variable ?? user ?? project);
      }),
      { numRuns: 60 },
    );
  });
});

describe('values', () => {
  test('lists, switches and words arrive as the flags would have given them', async () => {
    const user = {
      run: {
        model: ['a', 'b'],
        sampler: 'synthetic',
        warmup: false,
        gpu: 'max',
        flashAttention: 'on',
        temperature: 0.5,
      },
    };
    expect(await inForce({ user })).toMatchObject({
      model: ['a', 'b'],
      sampler: ['synthetic'],
      warmup: false,
      gpu: 'max',
      flashAttention: 'on',
      temperature: 0.5,
    });
  });

  test('a variable holds a list with commas, and switches as 1 or 0', async () => {
    const env = {
      LMPOWER_MODEL: 'a, b',
      LMPOWER_WARMUP: '0',
      LMPOWER_STRICT: 'yes',
      LMPOWER_INTERVAL_MS: '250',
    };
    expect(await inForce({ env })).toMatchObject({
      model: ['a', 'b'],
      warmup: false,
      strict: true,
      interval: 250,
    });
  });

  test('an empty variable says nothing', async () => {
    expect((await inForce({ env: { LMPOWER_TRIALS: '' } }))['trials']).toBeUndefined();
  });
});

describe('extends', () => {
  test('the extended file speaks first, the extending one last', async () => {
    const folder = temporaryFolder();
    place(folder, { user: { extends: 'lab.json', run: { trials: 2 } } });
    writeFileSync(join(folder, 'own', 'lab.json'), text({ run: { trials: 9, baseline_s: 20 } }));
    const command = commandGiven(folder, 'run');
    const configuration = await configurationOf(
      command,
      { folder: `${folder}/own`, project: folder, env: {} },
      vocabulary(),
    );
    expect(givenFor(configuration, 'run.trials')?.value).toBe(2);
    expect(givenFor(configuration, 'run.baseline_s')).toEqual({
      value: 20,
      said: 20,
      origin: expect.stringMatching(/lab\.json:4$/),
    });
  });

  test('a circle is refused with its files', async () => {
    const error = await refusal({ user: { extends: './config.json' } });
    expect(error.message).toMatch(/circle: .*config\.json → .*config\.json/);
  });

  test('a missing one is refused', async () => {
    expect((await refusal({ user: { extends: 'gone.json' } })).message).toMatch(
      /config\.json:2: extends: there is no file .*gone\.json/,
    );
  });
});

describe('a wrong file is refused with its line', () => {
  test.each<[string, unknown, RegExp]>([
    ['not JSON', '{\n  "run": {\n    trials: 3\n', /config\.json:3: not JSON/],
    ['an unknown section', { rnu: { trials: 3 } }, /config\.json:2: rnu: is not known/],
    ['an unknown key', { run: { trails: 3 } }, /config\.json:3: run\.trails: is not known/],
    [
      'a word for a number',
      { run: { trials: 'many' } },
      /config\.json:3: run\.trials: --trials takes a number, not 'many'/,
    ],
    ['null', { run: { trials: null } }, /config\.json:3: run\.trials: trials null says nothing/],
    ['a text for a switch', { run: { warmup: 'no' } }, /run\.warmup: warmup takes true or false/],
    ['a list for one value', { run: { trials: [1, 2] } }, /takes a text or a number/],
    ['an unknown server', { backends: { vllm: {} } }, /config\.json:3: backends\.vllm: is not known/],
    [
      'a port that is none',
      { backends: { ollama: { ports: [0] } } },
      /backends\.ollama\.ports: takes a port/,
    ],
    ['a list at the top', [], /must be an object/],
    ['one call’s own flags', { run: { output: 'x.json' } }, /run\.output: is not known/],
  ])('%s', async (_title, user, message) => {
    expect((await refusal({ user })).message).toMatch(message);
  });

  test('the remedy names what was meant', async () => {
    const error = await refusal({ user: { run: { interval: 500 } } });
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', remedy: 'did you mean interval_ms?' });
  });

  test('a preset that there is not', async () => {
    expect(await refusal({ words: ['--preset', 'nosuch'] })).toMatchObject({ code: 'PRESET_UNKNOWN' });
  });
});

describe('a project’s file', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'starts no command',
      { run: { sampler: ['powermetrics', 'command:rm -rf ~'] } },
      /would start a command/,
    ],
    ['starts no program', { run: { startServer: true } }, /would start a program/],
    ['names no other machine', { run: { url: 'http://198.51.100.7:1234' } }, /names another machine/],
    ['names no other host', { backends: { ollama: { host: 'example.org' } } }, /names another machine/],
    ['holds no token', { backends: { openai: { token: 'x' } } }, /is a secret/],
    ['chooses no database', { db: '/tmp/x.db' }, /did not choose/],
  ])('%s', async (_title, project, message) => {
    expect((await refusal({ project })).message).toMatch(message);
  });

  test('may name a server on this machine', async () => {
    expect(await inForce({ project: { run: { url: 'http://localhost:8080' } } })).toMatchObject({
      url: 'http://localhost:8080',
    });
  });
});

describe('servers', () => {
  test('the places of the files reach the command, your own over the project’s', async () => {
    const folder = temporaryFolder();
    place(folder, {
      user: { backends: { lmstudio: { host: '192.0.2.1', ports: [1234, 1235], token: 'secret' } } },
      project: { backends: { lmstudio: { ports: [1] }, ollama: { ports: 11_500 } } },
    });
    const context = { ...launchIn(folder), exitCode: 0 as const };
    await applyConfiguration(commandGiven(folder, 'run'), context);
    expect(context).toMatchObject({
      servers: {
        lmstudio: { host: '192.0.2.1', ports: [1234, 1235], token: 'secret' },
        ollama: { ports: [11_500] },
      },
    });
  });
});
