import { join } from 'node:path';
import { createBatterySampler } from '../../samplers/battery/sampler.ts';
import { type Composition, composeSources } from '../../samplers/compose.ts';
import { createHwmonSampler } from '../../samplers/hwmon/sampler.ts';
import { SAMPLERS, samplerById, splitSamplerList } from '../../samplers/index.ts';
import { createPowercapSampler } from '../../samplers/powercap/sampler.ts';
import { launchByRoads, meterRoads } from '../../samplers/powermetrics/roads.ts';
import { createPowermetricsSampler } from '../../samplers/powermetrics/sampler.ts';
import type { Probe, Sampler } from '../../samplers/sampler.ts';
import { systemClock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import { settlesWithin } from '../recording/waiting.ts';
import type { Elevation } from './elevation.ts';
import { INVENTED, isInvented } from './invented.ts';

const REMEDY = { remedy: 'for example: --sampler auto' };
/** Zones of powercap below the folder that stands in for /sys. */
const ZONES = 'class/powercap';
/** Source: the contract of `Probe`. */
const PROBE_LIMIT_s = 2;

/** Power sources of a run, and why these. */
export interface ChosenSamplers {
  readonly samplers: readonly Sampler[];
  readonly composition: Composition;
}

/**
 * The power sources that `--sampler` names; `auto` is every one that answers, less those that read what another reads
 * better. Empty where none does.
 * @throws {LmpowerError} USAGE, SAMPLER_UNKNOWN, REPLAY_INVALID
 */
export async function composeSamplers(
  names: readonly string[],
  elevation: Elevation,
): Promise<ChosenSamplers> {
  const known = samplersOf(elevation);
  const wanted = names.flatMap(splitSamplerList);
  if (wanted.length === 0) throw new LmpowerError('USAGE', '--sampler takes ids, not an empty text.', REMEDY);
  const chosen = await Promise.all(
    wanted.map(async (name) =>
      name === 'auto' ? composed(await answering(known)) : named(samplerById(name, known)),
    ),
  );
  const samplers = new Map(chosen.flatMap((one) => one.samplers).map((sampler) => [sampler.id, sampler]));
  const kept = new Map(chosen.flatMap(({ composition }) => composition.kept).map((one) => [one.id, one]));
  const leftOut = chosen
    .flatMap(({ composition }) => composition.leftOut)
    .filter(({ id }) => !samplers.has(id));
  return { samplers: [...samplers.values()], composition: { kept: [...kept.values()], leftOut } };
}

/** As `composeSamplers`, without the reasons. @throws {LmpowerError} USAGE, SAMPLER_UNKNOWN, REPLAY_INVALID */
export async function chooseSamplers(names: readonly string[], elevation: Elevation): Promise<Sampler[]> {
  return [...(await composeSamplers(names, elevation)).samplers];
}

/** What `auto` makes of sources that answer. */
export async function composed(answering: readonly Sampler[]): Promise<ChosenSamplers> {
  const candidates = await Promise.all(
    answering.map(async (sampler) => ({
      id: sampler.id,
      domains: (await sampler.survey?.()) ?? sampler.domains(),
    })),
  );
  const composition = composeSources(candidates);
  const byId = new Map(answering.map((sampler) => [sampler.id, sampler]));
  return { samplers: composition.kept.flatMap(({ id }) => byId.get(id) ?? []), composition };
}

function named(sampler: Sampler): ChosenSamplers {
  return {
    samplers: [sampler],
    composition: { kept: [{ id: sampler.id, reason: 'named by --sampler' }], leftOut: [] },
  };
}

/** Every sampler, those that need root by way of what `sudo lmpower` left behind. */
export function samplersOf(elevation: Elevation, env: NodeJS.ProcessEnv = process.env): readonly Sampler[] {
  const launch = launchByRoads(meterRoads({ guard: elevation.guard }));
  const own = [createPowermetricsSampler(launch), ...kernelSamplers(elevation, standInRoot(elevation, env))];
  const byId = new Map(own.map((sampler) => [sampler.id, sampler]));
  return SAMPLERS.map((sampler) => byId.get(sampler.id) ?? sampler);
}

/** A folder in place of /sys, `LMPOWER_SYSFS`; null: none, or this program is or was root's, where it counts for nothing. */
export function standInRoot(
  { dropped, guard }: Elevation,
  env: NodeJS.ProcessEnv = process.env,
): string | null {
  const root = env['LMPOWER_SYSFS'];
  return root === undefined || root === '' || dropped || guard !== null ? null : root;
}

/** Some watt of it is made up. */
export function isSimulated(samplers: readonly Sampler[], elevation: Elevation): boolean {
  return standInRoot(elevation) !== null || samplers.some(isInvented);
}

function kernelSamplers({ guard }: Elevation, root: string | null): Sampler[] {
  if (root === null) return [createPowercapSampler({ guard })];
  return [
    createPowercapSampler({ root: join(root, ZONES) }),
    createHwmonSampler({ root }),
    createBatterySampler({ root }),
  ];
}

/** What a probe says within the two seconds that it has; one that says nothing by then is not ready. Never throws. */
export async function probeInTime(sampler: Sampler, clock = systemClock): Promise<Probe> {
  const asked = sampler.probe().catch((thrown: unknown): Probe => {
    return { state: 'broken', detail: asLmpowerError(thrown).message, remedy: 'lmpower doctor --debug' };
  });
  if (await settlesWithin(clock, PROBE_LIMIT_s, asked)) return asked;
  return {
    state: 'broken',
    detail: `it did not answer within ${PROBE_LIMIT_s} s`,
    remedy: `lmpower run --sampler ${sampler.id} waits longer for it`,
  };
}

/** Those that are ready, none of them invented. */
async function answering(known: readonly Sampler[]): Promise<Sampler[]> {
  const probed = await Promise.all(
    known.map(async (sampler) => ({ sampler, probe: await probeInTime(sampler) })),
  );
  return probed
    .filter(({ sampler, probe }) => probe.state === 'ready' && sampler.id !== INVENTED)
    .map(({ sampler }) => sampler);
}
