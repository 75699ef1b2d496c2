import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALIASES, BUILT_IN, builtIn, refuseBuiltIn } from '../../../src/cli/presets/built-in.ts';
import { fromLegacyPreset, isLegacyPreset } from '../../../src/cli/presets/legacy.ts';
import { checkPresetName } from '../../../src/cli/presets/preset.ts';
import { Presets, presetText } from '../../../src/cli/presets/preset-files.ts';
import { vocabulary } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('presets that come with lmpower', () => {
  test.each(BUILT_IN.map(({ name }) => name))('%s says only what lmpower run understands', async (name) => {
    const { preset, values } = await new Presets(temporaryFolder(), vocabulary()).find(name);
    expect(values.size).toBe(Object.keys(preset.run).length);
  });

  test.each(Object.entries(ALIASES))('%s is %s', (alias, name) => {
    expect(builtIn(alias)?.name).toBe(name);
  });

  test.each([...BUILT_IN.map(({ name }) => name), ...Object.keys(ALIASES), 'QUICK'])(
    '%s cannot be saved',
    (name) => {
      expect(() => refuseBuiltIn(name)).toThrow(/stays as it is/);
    },
  );
});

describe('names', () => {
  test.each(['', 'a b', '../x', 'ü', 'x'.repeat(51), 'a.b'])('%j is none', (name) => {
    expect(() => checkPresetName(name)).toThrow(/no name for a preset/);
  });

  test('of letters, digits, hyphens and underscores are good', () => {
    const good = fc.stringMatching(/^[A-Za-z0-9_-]{1,50}$/);
    fc.assert(fc.property(good, (name) => checkPresetName(name) === name));
  });
});

describe('the user’s own', () => {
  const own = { name: 'evening', title: 'after work', run: { trials: 4, model: ['a'], warmup: false } };

  test('is found as it was saved, listed, and gone when deleted', async () => {
    const presets = new Presets(join(temporaryFolder(), 'presets'), vocabulary());
    expect(await presets.own()).toEqual([]);
    await presets.save(own);
    expect((await presets.find('evening')).preset).toEqual(own);
    expect(await presets.own()).toEqual(['evening']);
    await presets.remove('evening');
    await expect(presets.find('evening')).rejects.toMatchObject({ code: 'PRESET_UNKNOWN' });
    await expect(presets.remove('evening')).rejects.toMatchObject({ code: 'PRESET_UNKNOWN' });
  });

  test('one of the same name is kept beside, unless it says the same', async () => {
    const presets = new Presets(join(temporaryFolder(), 'presets'), vocabulary());
    expect((await presets.save(own)).replaced).toBe(false);
    expect((await presets.save(own)).replaced).toBe(false);
    const { path, replaced } = await presets.save({ ...own, run: { trials: 9 } });
    expect(replaced).toBe(true);
    expect(JSON.parse(readFileSync(`${path}.before`, 'utf8'))).toEqual(own);
    expect(await presets.own()).toEqual(['evening']);
  });

  test.each<[string, string, RegExp]>([
    ['cut off', '{"run": {', /evening\.json:1: not JSON/],
    ['with null', '{"run": {"trials": null}}', /null says nothing/],
    ['with another section', '{"run": {"trials": 1}, "sample": {"interval_ms": 100}}', /a run section alone/],
    ['without a run section', '{"title": "x"}', /has a run section/],
  ])('%s is refused', async (_title, content, message) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'evening.json'), content);
    await expect(new Presets(folder, vocabulary()).find('evening')).rejects.toThrow(message);
  });

  test('goes out and comes in again unchanged', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'given.json');
    writeFileSync(file, presetText(own));
    expect((await new Presets(folder, vocabulary()).read(file, 'evening')).preset).toEqual(own);
  });
});

describe('a preset of LM-Studio-Bench', () => {
  const theirs = {
    name: 'mine',
    description: 'long',
    num_runs: 5,
    context_length: 8192,
    retest: false,
    prompt: 'Is the sky blue?',
    agent_model: null,
    inference: { temperature: 0.1, top_k: 40, top_p_sampling: 0.9, max_tokens: 256 },
    load: { n_gpu_layers: -1, flash_attention: true },
  };

  test('is known by its field names', () => {
    expect(isLegacyPreset(theirs)).toBe(true);
    expect(isLegacyPreset({ run: {}, context: 1 })).toBe(false);
    expect(isLegacyPreset({ title: 'x' })).toBe(false);
  });

  test('has old and new spellings mapped, automatic values left out, and the rest named', () => {
    const { ignored, run } = fromLegacyPreset(theirs);
    expect(run).toEqual({
      trials: 5,
      context: 8192,
      temperature: 0.1,
      topK: 40,
      topP: 0.9,
      maxTokens: 256,
      flashAttention: 'on',
    });
    expect(ignored).toEqual(['prompt']);
  });

  test('becomes one of ours', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'theirs.json');
    writeFileSync(file, JSON.stringify(theirs));
    const { preset } = await new Presets(folder, vocabulary()).read(file, 'mine');
    expect(preset).toMatchObject({ name: 'mine', title: 'long', run: { trials: 5, context: 8192 } });
  });
});
