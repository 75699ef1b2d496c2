import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createAmdSmiSampler } from '../samplers/amd-smi.ts';
import { createBatterySampler } from '../samplers/battery/sampler.ts';
import { createHwmonSampler } from '../samplers/hwmon/sampler.ts';
import { createIntelGpuTopSampler } from '../samplers/intel-gpu-top.ts';
import { createMacmonSampler } from '../samplers/macmon.ts';
import { createNvidiaSmiSampler } from '../samplers/nvidia-smi/sampler.ts';
import { createPowercapSampler } from '../samplers/powercap/sampler.ts';
import { directLaunch } from '../samplers/powermetrics/launch.ts';
import { createPowermetricsSampler } from '../samplers/powermetrics/sampler.ts';
import { createRocmSmiSampler } from '../samplers/rocm-smi.ts';
import type { Sampler } from '../samplers/sampler.ts';
import { createTegrastatsSampler } from '../samplers/tegrastats.ts';
import type { ToolLaunch } from '../samplers/tool-stream.ts';
import { createWindowsEnergyMeterSampler } from '../samplers/windows-energy-meter/sampler.ts';
import { createXpuSmiSampler } from '../samplers/xpu-smi.ts';
import { systemClock } from '../src/core/clock.ts';
import { LmpowerError } from '../src/core/errors.ts';
import { meterLeading } from '../src/simulator/meter-program.ts';
import { createPhysics } from '../src/simulator/physics.ts';
import { PowerSteps } from '../src/simulator/power-step.ts';
import { keepSysfs } from '../src/simulator/stand-in-sysfs.ts';
import { toolLeading } from '../src/simulator/stand-in-tool.ts';
import { serveSteps } from '../src/simulator/step-feed.ts';

const MEMORY = '/dev/shm';
/** How often the stand-in /sys is renewed: seldom, for it replaces files that the kernel would leave in place. */
const RENEWED_s = 1;

/** A lab in a process of its own, so that what it costs is not taken for what the host costs. */
export interface BenchLab {
  readonly port: number;
  readonly root: string;
  readonly origin_s: number;
  close(): void;
}

export async function startBenchLab(): Promise<BenchLab> {
  // In memory, as /sys is: the end of a file on a disk would be counted as the reader's.
  const root = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'lmpower-bench-'));
  const origin_s = systemClock.now_s();
  const args = [fileURLToPath(import.meta.url), root, String(origin_s)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const close = (): void => {
    child.kill();
    rmSync(root, { recursive: true, force: true });
  };
  const [line]: unknown[] = await once(createInterface(child.stdout), 'line');
  const port = Number(line);
  if (!(port > 0)) throw new LmpowerError('BUG', `the bench's lab said ${String(line)}`);
  return { port, root, origin_s, close };
}

/** Every source over its stand-in. */
export function benchSamplers(lab: BenchLab): readonly Sampler[] {
  const { settings } = createPhysics();
  const program = (name: string): string =>
    fileURLToPath(new URL(`../src/simulator/${name}.js`, import.meta.url));
  const launch = (tool: string): ToolLaunch => ({
    file: process.execPath,
    leading: toolLeading(program(`stand-in-${tool}-program`), { ...lab, settings }),
  });
  const meter = {
    file: process.execPath,
    leading: meterLeading(program('meter-program'), lab.port, settings),
  };
  return [
    createPowermetricsSampler(directLaunch(meter)),
    createNvidiaSmiSampler(launch('nvidia-smi')),
    createAmdSmiSampler(launch('amd-smi')),
    createRocmSmiSampler(launch('rocm-smi')),
    createPowercapSampler({ root: `${lab.root}/class/powercap` }),
    createHwmonSampler({ root: lab.root }),
    createIntelGpuTopSampler(launch('intel-gpu-top')),
    createXpuSmiSampler(launch('xpu-smi')),
    createMacmonSampler(launch('macmon')),
    createTegrastatsSampler(launch('tegrastats')),
    createWindowsEnergyMeterSampler({ launch: launch('typeperf'), release: async () => null }),
    createBatterySampler({ root: lab.root }),
  ];
}

/** The lab's process: serves the steps and keeps /sys until it is killed. */
async function labProgram(root: string, origin_s: number): Promise<void> {
  const steps = new PowerSteps();
  const physics = createPhysics();
  steps.subscribe(physics.apply);
  steps.append({ at_s: origin_s, cpu_W: 3, gpu_W: 20, ane_W: 0 });
  const feed = await serveSteps(steps);
  process.stdout.write(`${feed.port}\n`);
  const { signal } = new AbortController();
  await keepSysfs({ root, physics, clock: systemClock, origin_s }, RENEWED_s, signal);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , root = '', origin_s = ''] = process.argv;
  await labProgram(root, Number(origin_s));
}
