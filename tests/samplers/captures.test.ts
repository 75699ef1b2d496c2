import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { samplerById } from '../../samplers/index.ts';
import { createReplaySampler } from '../../samplers/replay.ts';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Sample } from '../../src/core/sample.ts';
import { type Capture, capturesIn, nameOf } from '../support/captures.ts';
import { manualClock } from '../support/manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const found = capturesIn();

/** Joules by domain of a replay, or the code by which it is refused. */
async function replayed({ format, file }: Capture): Promise<Record<string, number> | string> {
  const samples: Sample[] = [];
  const replay = createReplaySampler({ format: samplerById(format), file, speed: 0 });
  const options = { interval_ms: 100, signal: new AbortController().signal, clock: manualClock() };
  try {
    for await (const batch of replay.stream(options)) samples.push(...batch.samples);
  } catch (thrown) {
    if (thrown instanceof LmpowerError) return thrown.code;
    throw thrown;
  }
  const energies: Record<string, number> = {};
  for (const { domain, energy_J } of samples) energies[domain] = (energies[domain] ?? 0) + energy_J;
  return energies;
}

/** What of the stated joules the replay does not give; a capture may also be refused by name. */
async function faultsOf(capture: Capture): Promise<string[]> {
  const energies = await replayed(capture);
  if (typeof energies === 'string') {
    return energies === 'REPLAY_INVALID' ? [] : [`${nameOf(capture)}: ${energies}`];
  }
  const unsound = Object.entries(energies).filter(([, energy_J]) => !(energy_J >= 0));
  const wrong = Object.entries(capture.true_J).filter(([domain, true_J]) => {
    const error_J = Math.abs((energies[domain] ?? Number.NaN) - true_J);
    return !(error_J <= 1e-3 * Math.abs(true_J) + 1e-6);
  });
  return [...unsound, ...wrong].map(([domain]) => `${nameOf(capture)}: ${domain} ${energies[domain]} J`);
}

describe('recorded output of real meters', () => {
  test('what INDEX.md states is compared, and what is wrong is named', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'nvidia-smi'));
    const name = 'two-boards-550-100ms.csv';
    copyFileSync(join(FIXTURES, 'nvidia-smi', name), join(root, 'nvidia-smi', name));
    const index = (gpu_J: number): string =>
      `# Captures\n\n| file | what | gpu:0_J | gpu:1_J |\n|---|---|---|---|\n| \`${name}\` | two boards | ${gpu_J} | 11.6 |\n`;
    writeFileSync(join(root, 'INDEX.md'), index(120.5625));
    const [right] = capturesIn(root);
    expect(right?.true_J).toEqual({ 'gpu:0': 120.5625, 'gpu:1': 11.6 });
    expect(right && (await faultsOf(right))).toEqual([]);
    writeFileSync(join(root, 'INDEX.md'), index(999));
    const [wrong] = capturesIn(root);
    expect(wrong && (await faultsOf(wrong))).toEqual([`nvidia-smi/${name}: gpu:0 120.5625 J`]);
  });

  test.skipIf(found.length === 0)(
    'gives the joules that INDEX.md states, or is refused by name (skipped where ../shared/captures is absent)',
    async () => {
      const faults: string[] = [];
      for (const capture of found) faults.push(...(await faultsOf(capture)));
      expect(faults).toEqual([]);
    },
  );
});
