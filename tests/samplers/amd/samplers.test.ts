import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { createAmdSmiSampler } from '../../../samplers/amd-smi.ts';
import { createRocmSmiSampler } from '../../../samplers/rocm-smi.ts';
import type { Sampler } from '../../../samplers/sampler.ts';
import type { Batch } from '../../../src/core/sample.ts';
import { codesOf, domainsOf, samplesOf } from '../../support/chopped.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { scriptFolder } from '../../support/scripts.ts';

const scripts = scriptFolder();
afterAll(() => scripts.remove());
afterEach(() => vi.unstubAllEnvs());

const DOCUMENT = JSON.stringify([{ gpu: 0, power: { socket_power: { value: 50, unit: 'W' } } }]);
const CARD = JSON.stringify({ card0: { 'Average Graphics Package Power (W)': '50.0' } });

/** Reads up to so many batches on a clock that runs on by itself. */
async function read(sampler: Sampler, most = 1000, interval_ms = 2000): Promise<Batch[]> {
  const clock = manualClock(10);
  const abort = new AbortController();
  const options = { interval_ms, signal: abort.signal, clock };
  const batches: Batch[] = [];
  const reading = (async () => {
    for await (const batch of sampler.stream(options)) {
      batches.push(batch);
      if (batches.length >= most) abort.abort();
    }
  })();
  let done = false;
  const mark = (): void => {
    done = true;
  };
  reading.then(mark, mark);
  // In small steps: the processes take real time, and must not meet a limit of this clock on a busy machine.
  while (!done) await clock.advance(0.02);
  await reading;
  return batches;
}

const callsOf = (name: string): string[] =>
  readFileSync(join(scripts.path, `${name}.log`), 'utf8')
    .trim()
    .split('\n');

describe('createAmdSmiSampler', () => {
  test('one process watches, in whole seconds, with Python told not to hold its output back', async () => {
    vi.stubEnv('PYTHONUNBUFFERED', undefined);
    const log = join(scripts.path, 'watch.log');
    const file = scripts.add(
      'watch',
      `echo "$PYTHONUNBUFFERED $*" >> "${log}"`,
      `echo '${DOCUMENT}'`,
      'exit 0',
    );
    const batches = await read(createAmdSmiSampler({ file }));
    expect(domainsOf(batches)).toHaveLength(1);
    expect(codesOf(batches)).toEqual(['SAMPLER_DIED']);
    expect(callsOf('watch')).toEqual([
      'metric --power --energy --usage --temperature --mem-usage --json',
      '1 metric --power --energy --usage --temperature --mem-usage --json --watch 2',
    ]);
  });

  test('a guest refuses the energy flag: it is asked with fewer', async () => {
    const log = join(scripts.path, 'guest.log');
    const refusal = JSON.stringify({
      error: "Parameter '--energy' is invalid. Run '--help' for more info.",
      code: -2,
    });
    const file = scripts.add(
      'guest',
      `echo "$*" >> "${log}"`,
      `case "$*" in *--energy*) printf '%s\\n' "${refusal.replaceAll('"', '\\"')}"; exit 254;; esac`,
      `echo '${DOCUMENT}'`,
    );
    const sampler = createAmdSmiSampler({ file });
    expect(await sampler.probe()).toMatchObject({ state: 'ready' });
    expect(codesOf(await read(sampler))).toEqual(['SAMPLER_DIED']);
    expect(callsOf('guest').at(-1)).toBe('metric --power --usage --temperature --json --watch 2');
  });

  test('a tool without a board is an error with its words and what to type', async () => {
    const file = scripts.add('boardless', 'echo "ERROR: no driver" >&2', 'exit 1');
    await expect(read(createAmdSmiSampler({ file }))).rejects.toMatchObject({
      code: 'SAMPLER_UNAVAILABLE',
      message: 'amd-smi ended with exit code 1: ERROR: no driver',
      remedy: expect.stringContaining('modprobe amdgpu'),
    });
    expect(await createAmdSmiSampler({ file }).probe()).toMatchObject({ state: 'broken' });
  });
});

describe('createRocmSmiSampler', () => {
  test('one process a reading, each after the one before has ended', async () => {
    const log = join(scripts.path, 'turns.log');
    const file = scripts.add('turns', `echo begin >> "${log}"`, `echo '${CARD}'`, `echo end >> "${log}"`);
    const batches = await read(createRocmSmiSampler({ file }), 3);
    expect(samplesOf(batches)).toHaveLength(2);
    const calls = callsOf('turns');
    expect(calls.length).toBeGreaterThanOrEqual(6);
    calls.forEach((call, i) => {
      expect(call).toBe(i % 2 === 0 ? 'begin' : 'end');
    });
  });

  test('a single failed reading is bridged, three in a row are its death', async () => {
    const count = join(scripts.path, 'fails.count');
    const file = scripts.add(
      'fails',
      `n=$(($(cat "${count}" 2>/dev/null || echo 0) + 1))`,
      `echo $n > "${count}"`,
      `case $n in 1|3|4) echo '${CARD}';; *) echo "ERROR: busy" >&2; exit 1;; esac`,
    );
    const batches = await read(createRocmSmiSampler({ file }));
    expect(readFileSync(count, 'utf8').trim()).toBe('7');
    expect(codesOf(batches).at(-1)).toBe('SAMPLER_DIED');
  });

  test('a tool that never answers is an error', async () => {
    const file = scripts.add('broken', 'exit 2');
    await expect(read(createRocmSmiSampler({ file }))).rejects.toMatchObject({ code: 'SAMPLER_UNAVAILABLE' });
  });

  test('a tool that is not there is absent', async () => {
    const file = join(scripts.path, 'nowhere');
    expect(await createRocmSmiSampler({ file }).probe()).toMatchObject({ state: 'absent' });
    await expect(read(createRocmSmiSampler({ file }))).rejects.toMatchObject({ code: 'SAMPLER_UNAVAILABLE' });
  });
});
