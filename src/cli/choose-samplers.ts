import { SAMPLERS, samplerById, splitSamplerList } from '../../samplers/index.ts';
import { launchByRoads, meterRoads } from '../../samplers/powermetrics/roads.ts';
import { createPowermetricsSampler } from '../../samplers/powermetrics/sampler.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import { LmpowerError } from '../core/errors.ts';
import type { Elevation } from './elevation.ts';
import { INVENTED } from './invented.ts';

const REMEDY = { remedy: 'for example: --sampler auto' };

/**
 * The power sources that `--sampler` names; `auto` is every one that answers. Empty where none does.
 * @throws {LmpowerError} USAGE, SAMPLER_UNKNOWN, REPLAY_INVALID
 */
export async function chooseSamplers(names: readonly string[], elevation: Elevation): Promise<Sampler[]> {
  const known = samplersOf(elevation);
  const wanted = names.flatMap(splitSamplerList);
  if (wanted.length === 0) throw new LmpowerError('USAGE', '--sampler takes ids, not an empty text.', REMEDY);
  const chosen = await Promise.all(
    wanted.map(async (name) => (name === 'auto' ? answering(known) : [samplerById(name, known)])),
  );
  return [...new Map(chosen.flat().map((sampler) => [sampler.id, sampler])).values()];
}

/** Every sampler, those that need root by way of what `sudo lmpower` left behind. */
export function samplersOf(elevation: Elevation): readonly Sampler[] {
  const launch = launchByRoads(meterRoads({ guard: elevation.guard }));
  const elevated = createPowermetricsSampler(launch);
  return SAMPLERS.map((sampler) => (sampler.id === elevated.id ? elevated : sampler));
}

async function answering(known: readonly Sampler[]): Promise<Sampler[]> {
  const probed = await Promise.all(known.map(async (sampler) => ({ sampler, probe: await sampler.probe() })));
  return probed
    .filter(({ sampler, probe }) => probe.state === 'ready' && sampler.id !== INVENTED)
    .map(({ sampler }) => sampler);
}
