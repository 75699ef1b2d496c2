import { describe, expect, test } from 'vitest';
import { SAMPLERS } from '../../samplers/index.ts';
import { chooseSamplers, samplersOf } from '../../src/cli/choose-samplers.ts';

const NO_GUARD = { guard: null, dropped: false, reason: null };
const idsOf = async (...names: string[]): Promise<string[]> =>
  (await chooseSamplers(names, NO_GUARD)).map(({ id }) => id);

describe('chooseSamplers', () => {
  test('takes the sources that are named, each once, in their order', async () => {
    expect(await idsOf('synthetic,powermetrics', 'synthetic')).toEqual(['synthetic', 'powermetrics']);
  });

  test('never chooses by itself the source that makes its readings up', async () => {
    expect(await idsOf('auto')).not.toContain('synthetic');
    expect(await idsOf('auto,synthetic')).toContain('synthetic');
  });

  test('keeps a replay whole, whose file name may hold a comma', async () => {
    const [sampler] = await chooseSamplers(['replay:powermetrics:a,b.plist@0'], NO_GUARD);
    expect(sampler).toMatchObject({ id: 'replay:powermetrics', finite: true });
  });

  test.each([
    ['nosuch', 'SAMPLER_UNKNOWN'],
    ['replay:nosuch:file', 'REPLAY_INVALID'],
    ['replay', 'REPLAY_INVALID'],
    ['', 'USAGE'],
    [' , ', 'USAGE'],
  ])('refuses %j as %s', async (name, code) => {
    await expect(chooseSamplers([name], NO_GUARD)).rejects.toMatchObject({ code, exitCode: 2 });
  });
});

test('every source of the list is there for the command line', () => {
  expect(samplersOf(NO_GUARD).map(({ id }) => id)).toEqual(SAMPLERS.map(({ id }) => id));
});
