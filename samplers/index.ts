import { LmpowerError } from '../src/core/errors.ts';
import { createAmdSmiSampler } from './amd-smi.ts';
import { createNvidiaSmiSampler } from './nvidia-smi/sampler.ts';
import { createPowermetricsSampler } from './powermetrics/sampler.ts';
import { createReplaySampler } from './replay.ts';
import { createRocmSmiSampler } from './rocm-smi.ts';
import type { Sampler } from './sampler.ts';
import { parseSamplerSpec } from './spec.ts';
import { createSyntheticSampler } from './synthetic.ts';

export { parseSamplerSpec, type SamplerSpec, splitSamplerList } from './spec.ts';

/** Every power source, in the order in which `auto` and `doctor` try them; `synthetic` is never chosen by itself. */
export const SAMPLERS: readonly Sampler[] = [
  createPowermetricsSampler(),
  createNvidiaSmiSampler(),
  createAmdSmiSampler(),
  createRocmSmiSampler(),
  createSyntheticSampler(),
];

/**
 * The sampler that a name stands for: an id of `SAMPLERS`, or `replay:<format>:<file>[@speed]`. `among`: in place of
 * `SAMPLERS`, where the composition root built them otherwise.
 * @throws {LmpowerError} SAMPLER_UNKNOWN, REPLAY_INVALID
 */
export function samplerById(name: string, among: readonly Sampler[] = SAMPLERS): Sampler {
  const spec = parseSamplerSpec(name);
  if (spec === null) {
    throw new LmpowerError('REPLAY_INVALID', `${name} names no format and file`);
  }
  if (spec.sort === 'id') {
    const sampler = among.find((one) => one.id === spec.id);
    if (sampler !== undefined) return sampler;
    throw new LmpowerError('SAMPLER_UNKNOWN', `there is no sampler ${spec.id}; known are ${idsOf(among)}`);
  }
  const format = among.find((one) => one.id === spec.format);
  if (format !== undefined) return createReplaySampler({ ...spec, format });
  const message = `${spec.format} is no format that can be replayed; known are ${idsOf(among)}`;
  throw new LmpowerError('REPLAY_INVALID', message);
}

function idsOf(samplers: readonly Sampler[]): string {
  return samplers.map((one) => one.id).join(', ');
}
