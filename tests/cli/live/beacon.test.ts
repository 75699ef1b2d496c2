import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { beaconPath, findRun, isUnderWay } from '../../../src/cli/live/find-run.ts';
import { openBeacon } from '../../../src/cli/live/run-beacon.ts';
import type { RunGlance } from '../../../src/cli/live/run-state.ts';
import type { Surroundings } from '../../../src/storage/locations.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const GLANCE: RunGlance = {
  ...{
    phase: 'inference',
    model: 'm',
    prompt: 'short-2',
    trial: 2,
    trials: 9,
    elapsed_s: 3,
    planned_s: null,
  },
  ...{ remaining_s: 92, tokens: 23, tokPerS: 20.5, energy_J: 4, domain: 'soc' },
};

function place(): Surroundings {
  const home = temporaryFolder();
  return { platform: 'linux', home, env: { XDG_DATA_HOME: home } };
}

/** Another program at the place of a run, that answers with this text. */
async function impostor(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const server = createServer((socket) => socket.end(text));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
}

describe.skipIf(process.platform === 'win32')('a run that is on', () => {
  test('is found by whoever asks, as it is at that moment, and no more once it has ended', async () => {
    const home = place();
    const path = beaconPath(home, 4711);
    let tokens = 23;
    const beacon = await openBeacon(path, () => ({ ...GLANCE, tokens }));
    expect(await findRun(home)).toEqual(GLANCE);
    tokens = 40;
    expect((await findRun(home))?.tokens).toBe(40);
    beacon?.close();
    expect(await findRun(home)).toBe(null);
    expect(existsSync(path)).toBe(false);
  });

  test('is under way for those who ask by its id, until it ends', async () => {
    const home = place();
    const beacon = await openBeacon(beaconPath(home, 12), () => ({ ...GLANCE, run: 'run-a' }));
    expect([await isUnderWay(home, 'run-a'), await isUnderWay(home, 'run-b')]).toEqual([true, false]);
    expect(await findRun(home)).toEqual(GLANCE);
    beacon?.close();
    expect(await isUnderWay(home, 'run-a')).toBe(false);
  });

  test('leaves nothing in the folder but its own place, and writes nothing while it is asked', async () => {
    const home = place();
    const beacon = await openBeacon(beaconPath(home, 1), () => GLANCE);
    const folder = dirname(beaconPath(home, 1));
    expect(await readdir(folder)).toEqual(['run-1.sock']);
    await findRun(home);
    expect(await readdir(folder)).toEqual(['run-1.sock']);
    beacon?.close();
  });

  test('goes on where no such place can be had', async () => {
    const file = join(temporaryFolder(), 'file');
    await writeFile(file, '');
    expect(await openBeacon(join(file, 'run-1.sock'), () => GLANCE)).toBe(null);
    expect(await openBeacon(join(temporaryFolder(), 'x'.repeat(200), 'run-1.sock'), () => GLANCE)).toBe(null);
  });

  test('is null where there is no folder, and where a run that was killed left its place behind', async () => {
    const home = place();
    expect(await findRun(home)).toBe(null);
    const path = beaconPath(home, 5);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
    expect(await findRun(home)).toBe(null);
  });

  test.each([
    ['no JSON', 'hello'],
    ['half of one', '{"phase":"infer'],
    ['another value', '[1,2]'],
    ['no numbers', JSON.stringify({ ...GLANCE, tokens: 'many' })],
    ['far too much', `{"phase":"${'x'.repeat(20_000)}"}`],
    ['nothing', ''],
  ])('what answers with %s is none', async (_what, text) => {
    const home = place();
    await impostor(beaconPath(home, 6), text);
    expect(await findRun(home)).toBe(null);
  });

  test('of an answer only what is of the right kind is taken', async () => {
    const home = place();
    await impostor(
      beaconPath(home, 6),
      JSON.stringify({ ...GLANCE, model: 7, planned_s: 'soon', extra: true }),
    );
    expect(await findRun(home)).toEqual({ ...GLANCE, model: null, planned_s: null });
  });
});
