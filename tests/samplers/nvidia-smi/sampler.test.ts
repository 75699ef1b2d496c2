import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createNvidiaSmiSampler } from '../../../samplers/nvidia-smi/sampler.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Batch } from '../../../src/core/sample.ts';
import { codesOf, eventsOf, samplesOf } from '../../support/chopped.ts';
import { nvidiaTable } from '../../support/gpu-text.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { scriptFolder } from '../../support/scripts.ts';

const scripts = scriptFolder();
afterAll(() => scripts.remove());

const MODERN = nvidiaTable([{ name: 'NVIDIA RTX' }]).split('\n');
const TABLE = nvidiaTable([{ name: 'NVIDIA RTX' }, { power: '120.00' }, { power: '140.00' }]);

/** A tool that answers its help, a single query, and the loop with these lines each. */
function tool(name: string, answers: { help?: string; once?: string; loop?: string }): string {
  const log = join(scripts.path, `${name}.log`);
  const say = (text: string): string => `printf '%s' '${text.replaceAll("'", "'\\''")}'`;
  return scripts.add(
    name,
    `echo "$*" >> "${log}"`,
    'case " $* " in',
    `*--help-query-gpu*) ${answers.help ?? say('')} ;;`,
    `*-lms*) ${answers.loop ?? say(TABLE)} ;;`,
    `*) ${answers.once ?? say(`${MODERN[0]}\n${MODERN[1]}\n`)} ;;`,
    'esac',
  );
}

const say = (text: string): string => `printf '%s' '${text.replaceAll("'", "'\\''")}'`;
const callsOf = (name: string): string[] =>
  readFileSync(join(scripts.path, `${name}.log`), 'utf8')
    .trim()
    .split('\n');

async function read(file: string, given: { readonly signal?: AbortSignal } = {}): Promise<Batch[]> {
  const signal = given.signal ?? new AbortController().signal;
  const batches: Batch[] = [];
  const options = { interval_ms: 200, signal, clock: manualClock(50) };
  for await (const batch of createNvidiaSmiSampler({ file }).stream(options)) batches.push(batch);
  return batches;
}

describe('createNvidiaSmiSampler', () => {
  test('one long-lived process gives the readings; its end is an event', async () => {
    const batches = await read(tool('plain', {}));
    expect(samplesOf(batches).map((sample) => sample.energy_J)).toEqual([110, 130]);
    expect(codesOf(batches)).toEqual(['SAMPLER_DIED']);
    const loops = callsOf('plain').filter((call) => call.includes('-lms'));
    expect(loops).toHaveLength(1);
    expect(loops[0]).toMatch(/^--query-gpu=timestamp,count,index,\S+ --format=csv,nounits -lms 200$/);
  });

  test('only fields that the help lists are asked for', async () => {
    await read(tool('listed', { help: say('"index"\n"power.draw"\n"uuid"\n') }));
    expect(callsOf('listed').at(-1)).toContain('--query-gpu=index,uuid,power.draw ');
  });

  test('a field that is refused all the same is dropped, once', async () => {
    const refusing =
      'case "$*" in *power.draw.instant*) echo "Field \\"power.draw.instant\\" is not a valid field to query."; exit 2;; ' +
      `*) ${say(`${MODERN[0]}\n${MODERN[1]}\n`)};; esac`;
    await read(tool('refusing', { once: refusing }));
    const calls = callsOf('refusing');
    expect(calls).toHaveLength(4);
    expect(calls.at(-1)).not.toContain('power.draw.instant');
    expect(calls.at(-1)).toContain('power.draw.average');
  });

  test('without a driver the error says so and what to type', async () => {
    const words = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    const file = tool('driverless', { once: `${say(`${words}\n`)}; exit 9` });
    await expect(read(file)).rejects.toMatchObject({
      code: 'SAMPLER_UNAVAILABLE',
      message: expect.stringContaining(words),
      remedy: expect.stringContaining('modprobe nvidia'),
    });
    expect(await createNvidiaSmiSampler({ file }).probe()).toMatchObject({
      state: 'broken',
      detail: words,
      remedy: expect.stringContaining('modprobe nvidia'),
    });
  });

  test('a board without a power sensor is an error that names it', async () => {
    const once = say(nvidiaTable([{ name: 'NVIDIA GB10', power: '[N/A]', limit: '[N/A]' }]));
    const file = tool('sensorless', { once });
    await expect(read(file)).rejects.toMatchObject({
      code: 'SAMPLER_UNAVAILABLE',
      message: expect.stringMatching(/^nvidia-smi: gpu:0 \(NVIDIA GB10\) gives no power: \[N\/A\]/),
    });
    expect(await createNvidiaSmiSampler({ file }).probe()).toMatchObject({
      state: 'absent',
      detail: expect.stringContaining('NVIDIA GB10'),
    });
  });

  test('a board lost mid-run is an event, and what was read is kept', async () => {
    const lost = 'Unable to determine the device handle for GPU0: 0000:01:00.0: GPU is lost.\n';
    const batches = await read(tool('losing', { loop: `${say(TABLE + lost)}; exit 15` }));
    expect(samplesOf(batches)).toHaveLength(2);
    expect(eventsOf(batches)).toMatchObject([
      { code: 'SAMPLER_DIED', domain: 'gpu:0', detail: expect.stringContaining('dmesg') },
      { code: 'SAMPLER_DIED', domain: null, detail: expect.stringContaining('exit code 15') },
    ]);
  });

  test('a loop that ends without a reading is an error with its words', async () => {
    const file = tool('dumb', { loop: 'echo "out of memory" >&2; exit 6' });
    await expect(read(file)).rejects.toMatchObject({
      code: 'SAMPLER_UNAVAILABLE',
      message: 'nvidia-smi ended with exit code 6: out of memory',
    });
  });

  test('a tool that is not there is absent, with what to install', async () => {
    const sampler = createNvidiaSmiSampler({ file: join(scripts.path, 'nowhere') });
    expect(await sampler.probe()).toMatchObject({
      state: 'absent',
      remedy: expect.stringContaining('install'),
    });
    await expect(read(join(scripts.path, 'nowhere'))).rejects.toMatchObject({ code: 'SAMPLER_UNAVAILABLE' });
  });

  test('a tool that may not be executed is said to be so, and no driver is to be installed', async () => {
    const file = tool('forbidden', {});
    chmodSync(file, 0o644);
    const remedy = expect.stringMatching(/^ls -l /);
    const detail = 'nvidia-smi cannot be executed';
    expect(await createNvidiaSmiSampler({ file }).probe()).toEqual({ state: 'broken', detail, remedy });
    await expect(read(file)).rejects.toMatchObject({ code: 'SAMPLER_UNAVAILABLE', message: detail, remedy });
  });

  test('the signal ends a query that does not answer, and the stream returns', async () => {
    const file = tool('hanging', { once: 'exec sleep 600' });
    const abort = new AbortController();
    const options = { interval_ms: 200, signal: abort.signal, clock: systemClock };
    const next = createNvidiaSmiSampler({ file }).stream(options)[Symbol.asyncIterator]().next();
    abort.abort();
    expect((await next).done).toBe(true);
  });

  test('the declared domain before any reading is one board of widest limits', () => {
    expect(createNvidiaSmiSampler().domains()).toMatchObject([
      { id: 'gpu:0', kind: 'gauge', maxPower_W: 1000, rank: 2, systematicRatio: 0.05 },
    ]);
  });
});
