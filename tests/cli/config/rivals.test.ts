import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyConfiguration } from '../../../src/cli/config/apply.ts';
import { commandGiven, launchIn } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

interface Said {
  readonly user?: object;
  readonly env?: Record<string, string>;
  readonly words: string;
  readonly command?: string;
}

async function inForce({
  command = 'run',
  env = {},
  user = {},
  words,
}: Said): Promise<Record<string, unknown>> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'own'));
  writeFileSync(join(folder, 'own', 'config.json'), JSON.stringify(user));
  const given = commandGiven(folder, command, words === '' ? [] : words.split(' '));
  await applyConfiguration(given, { ...launchIn(folder, env), exitCode: 0 });
  return given.opts();
}

/** Those options that `named` names; undefined where there is none. */
async function some(named: object, said: Said): Promise<Record<string, unknown>> {
  const options = await inForce(said);
  return Object.fromEntries(Object.keys(named).map((name) => [name, options[name]]));
}

describe('a flag that is typed takes back what a file says against it', () => {
  test.each<[string, Said, object]>([
    [
      'so many trials, not until it is known',
      { user: { run: { untilCi_pct: 3, maxTrials: 30 } }, words: '--trials 60' },
      { trials: 60, untilCi: undefined, maxTrials: undefined },
    ],
    [
      'until it is known, not so many trials',
      { user: { run: { trials: 60 } }, words: '--until-ci 3' },
      { trials: undefined, untilCi: 3 },
    ],
    [
      'this model, not all of them up to a size',
      { user: { run: { preset: 'compatibility', maxSize: '8' } }, words: '--model a' },
      { model: ['a'], all: undefined, limit: undefined, maxSize: undefined },
    ],
    [
      'all models, not the usual one',
      { user: { run: { model: 'a' } }, words: '--all' },
      { all: true, model: undefined },
    ],
    [
      'some models, not the usual one',
      { user: { run: { model: 'a' } }, words: '--quants q4' },
      { quants: ['q4'], model: undefined },
    ],
    [
      'layers on the GPU, not a part',
      { user: { run: { gpu: 'max' } }, words: '--gpu-layers 20' },
      { gpu: undefined, gpuLayers: 20 },
    ],
    [
      'one type for keys and values, not another for the keys',
      { user: { run: { kCache: 'q4_0' } }, words: '--kv-cache q8_0' },
      { kvCache: 'q8_0', kCache: undefined },
    ],
    [
      'by turns, not in a drawn order',
      { user: { run: { order: 'shuffled', orderSeed: 7 } }, words: '--interleave' },
      { interleave: true, order: undefined, orderSeed: undefined },
    ],
    [
      'a fresh baseline lasts for no time',
      {
        user: { run: { baselineStrategy: 'cached', baselineTtl_s: 60 } },
        words: '--baseline-strategy fresh',
      },
      { baselineStrategy: 'fresh', baselineTtl: undefined },
    ],
    [
      'so many readings, not so long',
      { command: 'sample', user: { sample: { duration_s: 30 } }, words: '--samples 1000' },
      { samples: 1000, duration: undefined },
    ],
  ])('%s', async (_title, said, options) => {
    expect(await some(options, said)).toEqual(options);
  });

  test('a repeatable one replaces, and adds nothing to the file’s', async () => {
    const user = { run: { sampler: ['synthetic', 'hwmon'], stop: ['x'], quants: ['q4', 'q5'] } };
    expect(await inForce({ user, words: '--sampler powercap --stop y --quants q8' })).toMatchObject({
      sampler: ['powercap'],
      stop: ['y'],
      quants: ['q8'],
    });
  });

  test('so does a variable, and a preset that a flag names', async () => {
    const user = { run: { untilCi_pct: 3 } };
    const asked = { untilCi: undefined, trials: 5 };
    expect(await some(asked, { user, env: { LMPOWER_TRIALS: '5' }, words: '' })).toEqual(asked);
    expect(await some(asked, { user, words: '--preset standard' })).toEqual(asked);
  });
});

test('a switch that is off asks for nothing, and takes nothing back', async () => {
  const options = await inForce({ user: { run: { model: 'a' } }, env: { LMPOWER_ALL: '0' }, words: '' });
  expect(options).toMatchObject({ all: false, model: ['a'] });
});

test('what one file says together stays together', async () => {
  const options = await inForce({ user: { run: { trials: 5, untilCi_pct: 3 } }, words: '' });
  expect(options).toMatchObject({ trials: 5, untilCi: 3 });
});
