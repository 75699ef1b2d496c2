import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyConfiguration } from '../../../src/cli/config/apply.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { captureOutput } from '../../support/captured-output.ts';
import { commandGiven, launchIn } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A home in which `lmpower presets` is called. */
function home() {
  const folder = temporaryFolder();
  const output = captureOutput();
  const file = (name: string): string => join(folder, 'own', 'presets', `${name}.json`);
  return {
    output,
    file,
    presets: (...words: readonly string[]) =>
      buildProgram({ ...launchIn(folder), exitCode: 0 }).parseAsync(['presets', ...words], { from: 'user' }),
    said: (name: string): object => JSON.parse(readFileSync(file(name), 'utf8')).run,
    put: (name: string, content: unknown): void => {
      mkdirSync(join(folder, 'own', 'presets'), { recursive: true });
      writeFileSync(file(name), JSON.stringify(content));
    },
    /** Options of `lmpower run` with these words. */
    run: async (...words: readonly string[]): Promise<Record<string, unknown>> => {
      const command = commandGiven(folder, 'run', words);
      await applyConfiguration(command, { ...launchIn(folder), exitCode: 0 });
      return command.opts();
    },
  };
}

/** The same flags to `run` itself and, by way of a preset's file, to `run --preset`. */
const FLAGS = [
  '--include-models ^q{1,2} --include-models b$',
  '--exclude-models [ab]+',
  '--quants q4,q5 --quants q8 --arch llama',
  '--params 1B..8B,12B --params 70B',
  '--min-size 500MB --max-size 8GiB --min-context 32k',
  '--flash-attention',
  '--flash-attention off',
  '--no-flash-attention',
  '--no-warmup --no-residency --no-digest',
  '--mmap',
  '--no-mmap',
  '--stop a,b --stop c --model x,y --sampler synthetic',
  '--gpu 0.5 --timeout 1.5 --trials 1e1',
  '--gpu max --kv-cache q8_0 --all --limit 3',
] as const;

describe('a preset does what the flags did that it was saved from', () => {
  test.each(FLAGS)('%s', async (flags) => {
    const { presets, run } = home();
    const words = flags.split(' ');
    await presets('save', 'mine', ...words);
    const { flashAttention, ...meant } = await run(...words);
    const { flashAttention: kept, preset: name, ...got } = await run('--preset', 'mine');
    expect(name).toBe('mine');
    expect(got).toEqual(meant);
    // False is how commander calls --no-flash-attention.
    expect(kept).toBe(flashAttention === false ? 'off' : flashAttention);
  });
});

test('it says what was typed and nothing else, so that it overrules no file with what nobody said', async () => {
  const { presets, said } = home();
  await presets('save', 'mine', '--trials', '5', '--max-size', '8');
  expect(said('mine')).toEqual({ trials: 5, maxSize: '8' });
});

test('saved over another, it takes back what contradicts', async () => {
  const { presets, said } = home();
  await presets('save', 'mine', '--preset', 'thorough', '--trials', '60');
  expect(said('mine')).toEqual({
    workload: 'classic-v1',
    interval_ms: 500,
    baseline_s: 30,
    cooldown_s: 15,
    trials: 60,
  });
});

test('two are compared as they act: what one leaves out is what is built in', async () => {
  const { output, presets } = home();
  await presets('save', 'mine', '--trials', '1', '--interval', '500', '--baseline', '20');
  await presets('save', 'other', '--workload', 'classic-v1');
  await presets('diff', 'mine', 'other', '--json');
  expect(JSON.parse(output.stdout()).differences).toEqual([{ key: 'baseline_s', values: [20, 10] }]);
});

test('one that names another is refused, so that none can lead in a circle', async () => {
  const { presets, put, run } = home();
  put('a', { run: { preset: 'b' } });
  put('b', { run: { preset: 'a' } });
  await expect(run('--preset', 'a')).rejects.toThrow(/names no other preset/);
  await expect(presets('show', 'b')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('one that has the name of ours is listed as never used', async () => {
  const { output, presets, put } = home();
  put('quick', { run: { trials: 99 } });
  await presets('list', '--json');
  const listed = JSON.parse(output.stdout()).presets.filter((one: { name: string }) => one.name === 'quick');
  expect(listed).toMatchObject([
    { readOnly: true, fault: null },
    { readOnly: false, fault: expect.stringMatching(/never used/) },
  ]);
});

test('the title of somebody else’s does not steer the terminal', async () => {
  const { output, presets, put } = home();
  put('theirs', { title: '\u001b[2Jgone', run: { trials: 1 } });
  await presets('show', 'theirs');
  expect(output.stdout()).toContain('gone');
  expect(output.stdout()).not.toContain('\u001b');
});

test('a foreign one with the names of objects’ own fields is refused, not mangled', async () => {
  const { file, output, presets } = home();
  const foreign = join(temporaryFolder(), 'theirs.json');
  writeFileSync(foreign, '{"num_runs": 3, "constructor": 5, "load": {"toString": 1}}');
  await presets('import', foreign);
  expect(existsSync(file('theirs'))).toBe(true);
  expect(output.stderr()).toContain('left out: constructor, toString');
});
