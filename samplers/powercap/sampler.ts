import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch } from '../../src/core/sample.ts';
import { beats } from '../poll.ts';
import { type GuardHandle, guardLaunch } from '../powermetrics/guard-launch.ts';
import { POWERCAP_PATH, PowercapFolder, type PowercapZone } from '../privileged/powercap-reader.ts';
import type { Probe, Sampler, StreamOptions } from '../sampler.ts';
import { PowercapAccount, SOURCE } from './account.ts';
import { createPowercapParser } from './parser.ts';
import { railsOf } from './rails.ts';
import { type SudoGuard, startSudoGuard, sudoGuard, sudoPermits } from './sudo-guard.ts';

/** What of the folder is used. */
type ReadFolder = Pick<PowercapFolder, 'read'> & Partial<Pick<PowercapFolder, 'close'>>;

export interface PowercapOptions {
  /** Folder of the zones. Another than the kernel's is read as the user only, never by root. */
  readonly root?: string;
  /** What `sudo lmpower` left behind. */
  readonly guard?: GuardHandle | null;
  readonly sudo?: SudoGuard;
  /** In place of the folder. */
  readonly folder?: ReadFolder;
}

const REMEDY =
  'sudo lmpower run, or let a group read the counters: see the udev rule in samplers/privileged/README.md';

/** Energy counters of Intel's and AMD's processors, as Linux shows them: read in this process, or by root's guard. */
export function createPowercapSampler(options: PowercapOptions = {}): Sampler {
  const { root = POWERCAP_PATH, guard = null, sudo = sudoGuard(), folder } = options;
  const isKernels = root === POWERCAP_PATH;
  const open = (): ReadFolder => folder ?? new PowercapFolder(root);
  const roads: Roads = { root, open, guard: isKernels ? guard : null, sudo: isKernels ? sudo : null };
  return {
    id: SOURCE,
    title: 'Energy counters of the processor (RAPL)',
    privilege: 'root',
    probe: () => probe(roads),
    domains: () => railsOf(ANY_ZONES, true).map((rail) => rail.domain),
    survey: async () => railsOf(readOnce(open()), true).map((rail) => rail.domain),
    stream: (streamOptions) => stream(roads, streamOptions),
    createParser: createPowercapParser,
  };
}

function readOnce(folder: ReadFolder): readonly PowercapZone[] {
  try {
    return folder.read().zones;
  } finally {
    folder.close?.();
  }
}

interface Roads {
  readonly root: string;
  readonly open: () => ReadFolder;
  readonly guard: GuardHandle | null;
  readonly sudo: SudoGuard | null;
}

const NOTHING_READ = { energy_uJ: 0, range_uJ: null, limit_uW: null, error: null } as const;
/** What a machine of this kind may have. */
const ANY_ZONES: readonly PowercapZone[] = [
  { zone: 'intel-rapl:0', name: 'package-0', ...NOTHING_READ },
  { zone: 'intel-rapl:0:0', name: 'core', ...NOTHING_READ },
  { zone: 'intel-rapl:0:1', name: 'uncore', ...NOTHING_READ },
  { zone: 'intel-rapl:0:2', name: 'dram', ...NOTHING_READ },
  { zone: 'intel-rapl:1', name: 'psys', ...NOTHING_READ },
];

async function probe({ root, open, guard, sudo }: Roads): Promise<Probe> {
  const zones = readOnce(open());
  const names = railsOf(zones, true).map((rail) => rail.domain.id);
  if (names.length === 0) {
    const remedy = process.platform === 'linux' ? 'sudo modprobe intel_rapl_msr' : null;
    return { state: 'absent', detail: `no energy counters below ${root}`, remedy };
  }
  const found = names.join(', ');
  if (isReadable(zones)) return { state: 'ready', detail: found, remedy: null };
  if (!isDenied(zones)) return { state: 'broken', detail: `${found}: ${troubleOf(zones)}`, remedy: 'dmesg' };
  if (guard !== null)
    return { state: 'ready', detail: `${found}, read by the guard of sudo lmpower`, remedy: null };
  if (sudo !== null && (await sudoPermits(sudo)))
    return { state: 'ready', detail: `${found}, through sudo`, remedy: null };
  return { state: 'needs-permission', detail: `${found}: only root may read them`, remedy: remedyOf() };
}

/** Readable is a machine whose widest counter is: a package, or the platform. */
function isReadable(zones: readonly PowercapZone[]): boolean {
  return zones.some((zone) => zone.energy_uJ !== null);
}

function isDenied(zones: readonly PowercapZone[]): boolean {
  return zones.some((zone) => zone.error === 'EACCES' || zone.error === 'EPERM');
}

function troubleOf(zones: readonly PowercapZone[]): string {
  return zones.find((zone) => zone.error !== null)?.error ?? 'unreadable';
}

/** `sudo` never helps a process that is root already and is refused all the same (a container). */
function remedyOf(): string {
  return process.getuid?.() === 0 ? 'give the container /sys/class/powercap, readable' : REMEDY;
}

async function* stream(roads: Roads, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const folder = roads.open();
  const zones = readOnce(folder);
  if (isReadable(zones)) yield* readHere(folder, options);
  else yield* readByGuard(roads, zones, options);
}

async function* readHere(folder: ReadFolder, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const account = new PowercapAccount();
  try {
    for await (const _beat of beats(options)) {
      const { zones } = folder.read();
      yield* account.take(zones, options.clock.now_s());
    }
  } finally {
    folder.close?.();
  }
}

async function* readByGuard(
  { root, guard, sudo }: Roads,
  zones: readonly PowercapZone[],
  options: StreamOptions,
): AsyncGenerator<Batch, void, undefined> {
  if (zones.length === 0) {
    throw new LmpowerError('SAMPLER_UNAVAILABLE', `powercap: no energy counters below ${root}`, {
      remedy: 'sudo modprobe intel_rapl_msr',
    });
  }
  if (!isDenied(zones)) throw new LmpowerError('SAMPLER_UNAVAILABLE', `powercap: ${troubleOf(zones)}`);
  if (guard !== null) yield* guarded(guard, options);
  else if (sudo !== null && (await sudoPermits(sudo, options.clock))) yield* sudoGuarded(sudo, options);
  else {
    const message = 'powercap: only root may read the energy counters';
    throw new LmpowerError('SAMPLER_NOT_PERMITTED', message, { remedy: remedyOf() });
  }
}

async function* sudoGuarded(sudo: SudoGuard, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const handle = startSudoGuard(sudo);
  try {
    yield* guarded(handle, options);
  } finally {
    handle.stdin.end();
  }
}

/** @throws {LmpowerError} SAMPLER_UNAVAILABLE when the guard ends by itself; the supervisor makes an event of it. */
async function* guarded(guard: GuardHandle, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const parser = createPowercapParser();
  for await (const { chunk, arrival_s } of guardLaunch(guard, 'powercap').open(options)) {
    yield* parser.push(chunk, arrival_s);
  }
  if (!options.signal.aborted) yield* parser.end(options.clock.now_s());
}
