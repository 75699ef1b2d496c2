import { LmpowerError } from '../src/core/errors.ts';
import { createAmdSmiSampler } from './amd-smi.ts';
import { createBatterySampler } from './battery/sampler.ts';
import { createCommandSampler } from './command/sampler.ts';
import { parseCommandFormat, parseCommandSpec } from './command/spec.ts';
import { createHwmonSampler } from './hwmon/sampler.ts';
import { createIntelGpuTopSampler } from './intel-gpu-top.ts';
import { createMacmonSampler } from './macmon.ts';
import { createNvidiaSmiSampler } from './nvidia-smi/sampler.ts';
import { createPowercapSampler } from './powercap/sampler.ts';
import { createPowermetricsSampler } from './powermetrics/sampler.ts';
import { createReplaySampler } from './replay.ts';
import { createRocmSmiSampler } from './rocm-smi.ts';
import type { Sampler } from './sampler.ts';
import { parseSamplerSpec } from './spec.ts';
import { createSyntheticSampler } from './synthetic.ts';
import { createTegrastatsSampler } from './tegrastats.ts';
import { createWindowsEnergyMeterSampler } from './windows-energy-meter/sampler.ts';
import { createXpuSmiSampler } from './xpu-smi.ts';

export { parseSamplerSpec, type SamplerSpec, splitSamplerList } from './spec.ts';

/** Every power source, in the order in which `auto` and `doctor` try them; `synthetic` is never chosen by itself. */
export const SAMPLERS: readonly Sampler[] = [
  createPowermetricsSampler(),
  createNvidiaSmiSampler(),
  createAmdSmiSampler(),
  createRocmSmiSampler(),
  createPowercapSampler(),
  createHwmonSampler(),
  createIntelGpuTopSampler(),
  createXpuSmiSampler(),
  createMacmonSampler(),
  createTegrastatsSampler(),
  createWindowsEnergyMeterSampler(),
  createBatterySampler(),
  createCommandSampler(),
  createSyntheticSampler(),
];

/**
 * The sampler that a name stands for: an id of `SAMPLERS`, `command[OPTIONS]:CMD`, or `replay:<format>:<file>[@speed]`. `among`: in place of
 * `SAMPLERS`, where the composition root built them otherwise.
 * @throws {LmpowerError} SAMPLER_UNKNOWN, REPLAY_INVALID, USAGE
 */
export function samplerById(name: string, among: readonly Sampler[] = SAMPLERS): Sampler {
  const spec = parseSamplerSpec(name);
  if (spec === null) {
    throw new LmpowerError('REPLAY_INVALID', `${name} names no format and file`);
  }
  if (spec.sort === 'command') return commandByText(spec.text);
  if (spec.sort === 'id') {
    const sampler = among.find((one) => one.id === spec.id);
    if (sampler !== undefined) return sampler;
    throw new LmpowerError('SAMPLER_UNKNOWN', `there is no sampler ${spec.id}; known are ${idsOf(among)}`);
  }
  const format = among.find((one) => one.id === spec.format) ?? commandFormat(spec.format);
  if (format !== undefined) return createReplaySampler({ ...spec, format });
  const message = `${spec.format} is no format that can be replayed; known are ${idsOf(among)}`;
  throw new LmpowerError('REPLAY_INVALID', message);
}

function commandByText(text: string): Sampler {
  const spec = parseCommandSpec(text);
  if ('wrong' in spec) throw wrongCommand(spec.wrong);
  return createCommandSampler(spec);
}

/** A recording of a command with options of its own; undefined: no command. */
function commandFormat(text: string): Sampler | undefined {
  const spec = parseCommandFormat(text);
  if (spec === null) return undefined;
  if ('wrong' in spec) throw wrongCommand(spec.wrong);
  return createCommandSampler(spec);
}

function wrongCommand(wrong: string): LmpowerError {
  return new LmpowerError('USAGE', `the command of --sampler cannot be used: ${wrong}`, {
    remedy: "--sampler 'command[unit=W,kind=gauge,domain=wall]:CMD'",
  });
}

function idsOf(samplers: readonly Sampler[]): string {
  return samplers.map((one) => one.id).join(', ');
}
