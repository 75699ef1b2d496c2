import { LmpowerError } from '../../src/core/errors.ts';
import type { Chunk } from '../chunk-queue.ts';
import type { Probe } from '../sampler.ts';
import { desktopLaunch } from './desktop-launch.ts';
import { guardLaunch } from './guard-launch.ts';
import { directLaunch, type MeterLaunch, type OpenOptions, probeExecutable } from './launch.ts';
import { permissionRemedy } from './permission.ts';
import { type MeterSession, meterSession } from './session.ts';
import { sudoLaunch } from './sudo-launch.ts';

/** A way of getting root to run the meter. */
export interface MeterRoad {
  readonly id: 'guard' | 'sudo' | 'desktop';
  readonly title: string;
  readonly launch: MeterLaunch;
  /** Whether this way is open in this session, a question for the password included. Never throws, within two seconds. */
  probe(): Promise<Probe>;
}

/** All ways in the order in which they are tried. The composition root gives the guard that the entry started. */
export function meterRoads(known: Partial<MeterSession> = {}): readonly MeterRoad[] {
  const session = meterSession(known);
  const roads = [
    { id: 'guard', title: 'sudo lmpower: only the meter stays root', launch: elevatedLaunch(session) },
    { id: 'sudo', title: 'sudo for the meter alone', launch: sudoLaunch(session) },
    { id: 'desktop', title: 'a password window', launch: desktopLaunch(session) },
  ] as const;
  return roads.map((road) => ({ ...road, probe: () => probeRoad(session, road.launch) }));
}

/** Takes the first road that is open and leads to the meter; the next when a road is refused before the first byte. */
export function launchByRoads(roads: readonly MeterRoad[]): MeterLaunch {
  return {
    describe: 'powermetrics, by the first way that is open',
    mayAsk: roads.some(({ launch }) => launch.mayAsk === true),
    open: (options) => openFirst(roads, options),
    probe: async () => bestProbe(await Promise.all(roads.map((road) => road.probe()))),
  };
}

async function* openFirst(
  roads: readonly MeterRoad[],
  options: OpenOptions,
): AsyncGenerator<Chunk, void, undefined> {
  const probes: Probe[] = [];
  let refusal: LmpowerError | undefined;
  for (const road of roads) {
    if (options.signal.aborted) return;
    const probe = await road.probe();
    probes.push(probe);
    // `needs-permission` is tried all the same: some sudoers permit the meter and refuse to say so.
    if (probe.state === 'absent' || probe.state === 'broken') continue;
    let started = false;
    try {
      for await (const chunk of road.launch.open(options)) {
        started = true;
        yield chunk;
      }
      return;
    } catch (error) {
      if (started || !(error instanceof LmpowerError) || error.code !== 'SAMPLER_NOT_PERMITTED') throw error;
      refusal = error;
    }
  }
  throw refusal ?? noRoad(bestProbe(probes));
}

function noRoad(probe: Probe): LmpowerError {
  const code = probe.state === 'needs-permission' ? 'SAMPLER_NOT_PERMITTED' : 'SAMPLER_UNAVAILABLE';
  return new LmpowerError(
    code,
    `powermetrics: ${probe.detail}`,
    probe.remedy === null ? {} : { remedy: probe.remedy },
  );
}

const PREFERENCE = ['ready', 'needs-permission', 'broken', 'absent'] as const;

function bestProbe(probes: readonly Probe[]): Probe {
  for (const state of PREFERENCE) {
    const found = probes.find((probe) => probe.state === state);
    if (found !== undefined) return found;
  }
  return { state: 'absent', detail: 'there is no way to the meter', remedy: null };
}

async function probeRoad(session: MeterSession, launch: MeterLaunch): Promise<Probe> {
  const meter = await probeExecutable(session.meter);
  return meter.state === 'ready' ? launch.probe() : meter;
}

/** Road (a): the guard; or the meter itself, where this process is root and stays it (a container). */
function elevatedLaunch(session: MeterSession): MeterLaunch {
  if (session.guard !== null) return guardLaunch(session.guard);
  const direct = directLaunch({ file: session.meter });
  if (session.root) return direct;
  return {
    ...direct,
    open: refuseToOpen,
    probe: async () => ({ state: 'needs-permission', detail: NOT_ELEVATED, remedy: permissionRemedy() }),
  };
}

const NOT_ELEVATED = 'lmpower was not started with sudo';

// biome-ignore lint/correctness/useYield: the contract is a stream; this one ends before its first byte.
async function* refuseToOpen(): AsyncGenerator<Chunk, void, undefined> {
  throw new LmpowerError('SAMPLER_NOT_PERMITTED', NOT_ELEVATED, { remedy: permissionRemedy() });
}
