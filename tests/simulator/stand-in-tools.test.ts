import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createHwmonSampler } from '../../samplers/hwmon/sampler.ts';
import { createIntelGpuTopSampler } from '../../samplers/intel-gpu-top.ts';
import { createMacmonSampler } from '../../samplers/macmon.ts';
import { createPowercapSampler } from '../../samplers/powercap/sampler.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import { createTegrastatsSampler } from '../../samplers/tegrastats.ts';
import type { ToolLaunch } from '../../samplers/tool-stream.ts';
import { createWindowsEnergyMeterSampler } from '../../samplers/windows-energy-meter/sampler.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Batch } from '../../src/core/sample.ts';
import { createPhysics, DEFAULT_PHYSICS } from '../../src/simulator/physics.ts';
import { PowerSteps } from '../../src/simulator/power-step.ts';
import { keepSysfs } from '../../src/simulator/stand-in-sysfs.ts';
import { toolLeading } from '../../src/simulator/stand-in-tool.ts';
import { serveSteps } from '../../src/simulator/step-feed.ts';
import { codesIn, powerOf, samplesIn } from '../support/batches.ts';
import { compileStandIns, type StandInName } from '../support/compiled-stand-ins.ts';
import { manualClock } from '../support/manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const compiled = compileStandIns();
afterAll(compiled.remove);

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Steady: 3 W of CPU and 20 W of GPU beside the idle power, without noise or leakage. */
const QUIET = {
  ...DEFAULT_PHYSICS,
  leakage: { ...DEFAULT_PHYSICS.leakage, ratio: 0 },
  noise: { ...DEFAULT_PHYSICS.noise, deviationRatio: 0 },
};
const CPU_W = 3 + QUIET.idle_W.cpu;
const GPU_W = 20 + QUIET.idle_W.gpu;

async function launchOf(tool: StandInName): Promise<ToolLaunch> {
  const steps = new PowerSteps();
  const now_s = systemClock.now_s();
  steps.append({ at_s: now_s - 100, cpu_W: 3, gpu_W: 20, ane_W: 0 });
  const feed = await serveSteps(steps);
  open.push(() => feed.close());
  const lab = { port: feed.port, settings: QUIET, origin_s: now_s - 5 };
  return { file: process.execPath, leading: toolLeading(compiled.program(tool), lab) };
}

async function readSome(sampler: Sampler, domain: string, count: number): Promise<Batch[]> {
  const abort = new AbortController();
  const batches: Batch[] = [];
  for await (const batch of sampler.stream({ interval_ms: 60, signal: abort.signal, clock: systemClock })) {
    batches.push(batch);
    if (samplesIn(batches, domain).length >= count) abort.abort();
  }
  return batches;
}

/** Power is steady, so every sample holds it. */
function expectPower(batches: readonly Batch[], domain: string, power_W: number): void {
  const samples = samplesIn(batches, domain);
  expect(samples.length).toBeGreaterThan(0);
  for (const sample of samples) expect(powerOf(sample)).toBeCloseTo(power_W, 2);
}

describe('the stand-in tools behind their samplers', () => {
  test('macmon: rails, soc and system', async () => {
    const sampler = createMacmonSampler(await launchOf('macmon'));
    expect(await sampler.probe()).toMatchObject({ state: 'ready' });
    const batches = await readSome(sampler, 'soc', 4);
    expectPower(batches, 'gpu', GPU_W);
    expectPower(batches, 'soc', CPU_W + GPU_W);
    expectPower(batches, 'system', CPU_W + GPU_W + 6);
    expect(codesIn(batches)).toEqual([]);
  });

  test('tegrastats: the module and its rails', async () => {
    const sampler = createTegrastatsSampler(await launchOf('tegrastats'));
    const batches = await readSome(sampler, 'board', 4);
    expectPower(batches, 'board', CPU_W + GPU_W + 6);
    expectPower(batches, 'vdd_cpu_gpu_cv', CPU_W + GPU_W);
    expect(codesIn(batches)).toEqual([]);
  });

  test('intel_gpu_top: GPU and package', async () => {
    const sampler = createIntelGpuTopSampler(await launchOf('intel-gpu-top'));
    const batches = await readSome(sampler, 'gpu:0', 4);
    expectPower(batches, 'gpu:0', GPU_W);
    expectPower(batches, 'package:0', CPU_W + GPU_W);
    expect(codesIn(batches)).toEqual([]);
  });

  test('typeperf: counters of package, cores and integrated GPU', async () => {
    const launch = await launchOf('typeperf');
    const sampler = createWindowsEnergyMeterSampler({ launch, release: async () => null });
    expect(await sampler.probe()).toMatchObject({ state: 'ready' });
    const batches = await readSome(sampler, 'package:0', 1);
    // Its rows come whole milliseconds and a line's delay after the reading.
    const [sample] = samplesIn(batches, 'package:0');
    expect(Math.abs(powerOf(sample) / (CPU_W + GPU_W) - 1)).toBeLessThan(0.2);
    expect(codesIn(batches)).toEqual([]);
  });

  test('a stand-in /sys: powercap through its wrap-around, and a card of hwmon', async () => {
    const clock = manualClock(1000);
    const root = temporaryFolder();
    const physics = createPhysics(QUIET);
    physics.apply({ at_s: 900, cpu_W: 3, gpu_W: 20, ane_W: 0 });
    const abort = new AbortController();
    const kept = keepSysfs({ root, physics, clock, origin_s: 1000 }, 0.1, abort.signal);
    const options = { interval_ms: 500, signal: abort.signal, clock };
    const streams = [createPowercapSampler({ root: `${root}/class/powercap` }), createHwmonSampler({ root })];
    const batches: Batch[] = [];
    const reading = streams.map(async (sampler) => {
      for await (const batch of sampler.stream(options)) batches.push(batch);
    });
    // Files are read outside of the manual clock's time: it moves on only behind reads of our own, queued after theirs.
    for (let step = 0; step < 200; step++) {
      await clock.advance(0.1);
      for (let turn = 0; turn < 12; turn++) await readFile(import.meta.filename);
    }
    abort.abort();
    await clock.advance(1);
    await Promise.all([kept, ...reading]);
    const span_s = (domain: string): number =>
      samplesIn(batches, domain).reduce((sum_s, one) => sum_s + one.end_s - one.start_s, 0);
    const energy_J = (domain: string): number =>
      samplesIn(batches, domain).reduce((sum_J, one) => sum_J + one.energy_J, 0);
    expect(span_s('package:0')).toBeGreaterThan(18);
    // Files are renewed every 100 ms: a reading is that much old at most.
    for (const [domain, power_W] of [
      ['package:0', CPU_W + GPU_W],
      ['core:0', CPU_W],
      ['uncore:0', GPU_W],
      ['gpu:0', GPU_W],
    ] as const) {
      expect(Math.abs(energy_J(domain) / span_s(domain) / power_W - 1)).toBeLessThan(0.03);
    }
    expect(codesIn(batches)).toEqual([]);
  });
});
