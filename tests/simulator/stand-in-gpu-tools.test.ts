import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createAmdSmiSampler } from '../../samplers/amd-smi.ts';
import { createNvidiaSmiSampler } from '../../samplers/nvidia-smi/sampler.ts';
import { createRocmSmiSampler } from '../../samplers/rocm-smi.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import type { ToolLaunch } from '../../samplers/tool-stream.ts';
import { createXpuSmiSampler } from '../../samplers/xpu-smi.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Batch, Sample } from '../../src/core/sample.ts';
import { createPhysics, DEFAULT_PHYSICS, type Physics } from '../../src/simulator/physics.ts';
import { PowerSteps } from '../../src/simulator/power-step.ts';
import { toolLeading } from '../../src/simulator/stand-in-tool.ts';
import { serveSteps } from '../../src/simulator/step-feed.ts';
import { codesOf, domainsOf, samplesOf } from '../support/chopped.ts';
import { compileStandIns, type StandInName } from '../support/compiled-stand-ins.ts';

const compiled = compileStandIns();
afterAll(compiled.remove);

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A machine without noise or leakage whose GPU has been asked for 20 W for long. */
const QUIET = { ...DEFAULT_PHYSICS, noise: { ...DEFAULT_PHYSICS.noise, deviationRatio: 0 } };

async function startLab(
  tool: StandInName,
): Promise<{ readonly launch: ToolLaunch; readonly physics: Physics }> {
  const steps = new PowerSteps();
  const physics = createPhysics(QUIET);
  steps.subscribe(physics.apply);
  const now_s = systemClock.now_s();
  steps.append({ at_s: now_s - 100, cpu_W: 3, gpu_W: 20, ane_W: 0 });
  const feed = await serveSteps(steps);
  open.push(() => feed.close());
  const lab = { port: feed.port, settings: QUIET, origin_s: now_s - 5 };
  return { launch: { file: process.execPath, leading: toolLeading(compiled.program(tool), lab) }, physics };
}

/** Reads until there are `count` samples, then ends the tool. */
async function readSome(sampler: Sampler, count: number, interval_ms: number): Promise<Batch[]> {
  const abort = new AbortController();
  const batches: Batch[] = [];
  for await (const batch of sampler.stream({ interval_ms, signal: abort.signal, clock: systemClock })) {
    batches.push(batch);
    if (samplesOf(batches).length >= count) abort.abort();
  }
  return batches;
}

function truth_J(physics: Physics, samples: readonly Sample[]): number {
  return samples.reduce((sum_J, one) => sum_J + physics.energy_J('gpu', one.start_s, one.end_s), 0);
}

function read_J(samples: readonly Sample[]): number {
  return samples.reduce((sum_J, one) => sum_J + one.energy_J, 0);
}

/** A counter is read some time before its line arrives, longer on a busy machine: in a window this short that shows. */
function expectSameSize(read_J: number, true_J: number): void {
  expect(read_J / true_J).toBeGreaterThan(0.6);
  expect(read_J / true_J).toBeLessThan(1.6);
}

describe('the stand-in GPU tools behind their samplers', () => {
  test('nvidia-smi: one process, instant power, joules within 1 % of truth', async () => {
    const { launch, physics } = await startLab('nvidia-smi');
    const sampler = createNvidiaSmiSampler(launch);
    expect(await sampler.probe()).toMatchObject({ state: 'ready', detail: 'gpu:0 NVIDIA Lab Board' });
    const batches = await readSome(sampler, 10, 60);
    const samples = samplesOf(batches);
    expect(domainsOf(batches)).toMatchObject([{ id: 'gpu:0', kind: 'gauge', maxPower_W: 96 }]);
    expect(read_J(samples) / truth_J(physics, samples)).toBeCloseTo(1, 2);
    expect(codesOf(batches)).toEqual([]);
  });

  test('amd-smi: the energy accumulator, as many joules as the machine used', async () => {
    const { launch, physics } = await startLab('amd-smi');
    const sampler = createAmdSmiSampler(launch);
    expect(await sampler.probe()).toMatchObject({ state: 'ready' });
    const batches = await readSome(sampler, 1, 100);
    const samples = samplesOf(batches);
    expect(domainsOf(batches)).toMatchObject([{ id: 'gpu:0', kind: 'counter' }]);
    expectSameSize(read_J(samples), truth_J(physics, samples));
    expect(codesOf(batches)).toEqual([]);
  });

  test('rocm-smi: one process a reading, never two at once, and none lost energy', async () => {
    const { launch, physics } = await startLab('rocm-smi');
    const batches = await readSome(createRocmSmiSampler(launch), 3, 50);
    const samples = samplesOf(batches);
    expect(domainsOf(batches)).toMatchObject([{ id: 'gpu:0', kind: 'counter', maxPower_W: 96 }]);
    expect(samples.slice(1).map((one) => one.start_s)).toEqual(samples.slice(0, -1).map((one) => one.end_s));
    expectSameSize(read_J(samples), truth_J(physics, samples));
    expect(codesOf(batches)).toEqual([]);
  });

  test('xpu-smi: its energy counter, as many joules as the machine used', async () => {
    const { launch, physics } = await startLab('xpu-smi');
    const sampler = createXpuSmiSampler(launch);
    expect(await sampler.probe()).toMatchObject({ state: 'ready', detail: '0,"Intel(R) Lab GPU"' });
    const batches = await readSome(sampler, 1, 100);
    const samples = samplesOf(batches);
    expect(domainsOf(batches)).toMatchObject([{ id: 'gpu:0', kind: 'counter' }]);
    expectSameSize(read_J(samples), truth_J(physics, samples));
    expect(codesOf(batches)).toEqual([]);
  });
});
