import { Writable } from 'node:stream';
import { createAmdSmiParser } from '../../samplers/amd-smi.ts';
import { createBatterySampler } from '../../samplers/battery/sampler.ts';
import { createHwmonSampler } from '../../samplers/hwmon/sampler.ts';
import { createIntelGpuTopParser } from '../../samplers/intel-gpu-top.ts';
import { createMacmonParser } from '../../samplers/macmon.ts';
import { DEFAULT_FIELDS } from '../../samplers/nvidia-smi/fields.ts';
import { createNvidiaSmiParser } from '../../samplers/nvidia-smi/parser.ts';
import { createPowercapSampler } from '../../samplers/powercap/sampler.ts';
import { createRocmSmiParser } from '../../samplers/rocm-smi.ts';
import type { Parser, Sampler } from '../../samplers/sampler.ts';
import { createTegrastatsParser } from '../../samplers/tegrastats.ts';
import { createWindowsEnergyMeterParser } from '../../samplers/windows-energy-meter/parser.ts';
import { createXpuSmiParser } from '../../samplers/xpu-smi.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Batch } from '../../src/core/sample.ts';
import { type Physics, RAILS, type Rail } from '../../src/simulator/physics.ts';
import { standInAmdSmi } from '../../src/simulator/stand-in-amd-smi-program.ts';
import { standInIntelGpuTop } from '../../src/simulator/stand-in-intel-gpu-top-program.ts';
import { standInMacmon } from '../../src/simulator/stand-in-macmon-program.ts';
import { standInNvidiaSmi } from '../../src/simulator/stand-in-nvidia-smi-program.ts';
import { REST_W } from '../../src/simulator/stand-in-rails.ts';
import { standInRocmSmi } from '../../src/simulator/stand-in-rocm-smi-program.ts';
import { createSysfs } from '../../src/simulator/stand-in-sysfs.ts';
import { standInTegrastats } from '../../src/simulator/stand-in-tegrastats-program.ts';
import type { StandInTool } from '../../src/simulator/stand-in-tool.ts';
import { standInTypeperf } from '../../src/simulator/stand-in-typeperf-program.ts';
import { standInXpuSmi } from '../../src/simulator/stand-in-xpu-smi-program.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A stretch of virtual time in which a source is read. */
export interface Watch {
  readonly physics: Physics;
  readonly seed: number;
  readonly interval_ms: number;
  readonly from_s: number;
  readonly to_s: number;
}

/** A source over its stand-in, in virtual time: the real parser, and where no process is between, the real sampler. */
export interface VirtualSource {
  readonly name: string;
  /** What is compared with truth: a domain, the rails in it, and what it draws beside them. */
  readonly domain: string;
  readonly rails: readonly Rail[];
  readonly beside_W: number;
  readonly batches: (watch: Watch) => Promise<Batch[]>;
}

const GPU = { domain: 'gpu:0', rails: ['gpu'], beside_W: 0 } as const;
const PACKAGE = { domain: 'package:0', rails: RAILS, beside_W: 0 } as const;
const machine = (domain: string) => ({ domain, rails: RAILS, beside_W: REST_W });

/** Tools that count in whole seconds; the samplers ask for no less. */
const seconds = (interval_ms: number): string => String(Math.max(1, Math.round(interval_ms / 1000)));
const NVIDIA_FLAGS = [`--query-gpu=${DEFAULT_FIELDS.join(',')}`, '--format=csv,nounits'];
const XPU_FLAGS = ['dump', '-d', '-1', '-m', '0,1,2,3,8'];
const COUNTERS = ['\\Energy Meter(*)\\Energy', '\\Energy Meter(*)\\Power'];

export const VIRTUAL_SOURCES: readonly VirtualSource[] = [
  {
    name: 'nvidia-smi',
    ...GPU,
    batches: toolSource(standInNvidiaSmi, createNvidiaSmiParser, (ms) => [
      ...NVIDIA_FLAGS,
      '-lms',
      String(ms),
    ]),
  },
  {
    name: 'amd-smi',
    ...GPU,
    batches: toolSource(standInAmdSmi, createAmdSmiParser, (ms) => [
      'metric',
      '--json',
      '--watch',
      seconds(ms),
    ]),
  },
  { name: 'rocm-smi', ...GPU, batches: rocmBatches },
  {
    name: 'intel-gpu-top, GPU',
    ...GPU,
    batches: toolSource(standInIntelGpuTop, createIntelGpuTopParser, (ms) => ['-J', '-s', String(ms)]),
  },
  {
    name: 'intel-gpu-top, package',
    ...PACKAGE,
    batches: toolSource(standInIntelGpuTop, createIntelGpuTopParser, (ms) => ['-J', '-s', String(ms)]),
  },
  {
    name: 'xpu-smi',
    ...GPU,
    batches: toolSource(standInXpuSmi, createXpuSmiParser, (ms) => [...XPU_FLAGS, '-i', seconds(ms)]),
  },
  {
    name: 'macmon, soc',
    domain: 'soc',
    rails: RAILS,
    beside_W: 0,
    batches: toolSource(standInMacmon, createMacmonParser, (ms) => ['pipe', '-s', '0', '-i', String(ms)]),
  },
  {
    name: 'macmon, system',
    ...machine('system'),
    batches: toolSource(standInMacmon, createMacmonParser, (ms) => ['pipe', '-s', '0', '-i', String(ms)]),
  },
  {
    name: 'tegrastats',
    ...machine('board'),
    batches: toolSource(standInTegrastats, createTegrastatsParser, (ms) => ['--interval', String(ms)]),
  },
  {
    name: 'windows-energy-meter',
    ...PACKAGE,
    batches: toolSource(standInTypeperf, createWindowsEnergyMeterParser, (ms) => [
      ...COUNTERS,
      '-si',
      seconds(ms),
    ]),
  },
  {
    name: 'powercap',
    ...PACKAGE,
    batches: sysfsSource((root) => createPowercapSampler({ root: `${root}/class/powercap` })),
  },
  { name: 'hwmon', ...GPU, batches: sysfsSource((root) => createHwmonSampler({ root })) },
  { name: 'battery', ...machine('battery'), batches: sysfsSource((root) => createBatterySampler({ root })) },
];

/** From the reading to its line's arrival: at least, and the mean of what comes on top by chance. */
const DELAY_s = 0.003;
const DELAY_MORE_s = 0.002;
/** What a tool or a timer oversleeps on average. */
const OVERSLEPT_s = 0.0005;
/** Counters began to count before anybody looked. */
const COUNTED_s = 5;
/** A process that reads and ends. */
const PROCESS_s = 0.12;

/** Time that jumps: whoever sleeps is woken at once, a little late. For one sleeper. */
interface JumpingClock extends Clock {
  readonly ended: AbortSignal;
}

function jumpingClock(
  { from_s, to_s }: Watch,
  random: SeededRandom,
  onWake: (now_s: number) => void = () => undefined,
): JumpingClock {
  let now_s = from_s;
  const over = new AbortController();
  return {
    now_s: () => now_s,
    wallAt: () => new Date(Date.UTC(2026, 0, 1) + now_s * 1000).toISOString(),
    sleep: async (duration_s) => {
      now_s += Math.max(0, duration_s) + random.exponential(OVERSLEPT_s);
      if (now_s > to_s) over.abort(new Error('the watch is over'));
      over.signal.throwIfAborted();
      onWake(now_s);
    },
    ended: over.signal,
  };
}

/** The text of a stand-in tool into the parser, each write a little after its reading. */
function parserFeed(clock: JumpingClock, parser: Parser, random: SeededRandom) {
  const batches: Batch[] = [];
  let last_s = Number.NEGATIVE_INFINITY;
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      // A pipe keeps the order.
      last_s = Math.max(last_s, clock.now_s() + DELAY_s + random.exponential(DELAY_MORE_s));
      batches.push(...parser.push(chunk, last_s));
      done();
    },
  });
  return { stdout, batches };
}

function standIn(
  watch: Watch,
  clock: JumpingClock,
  given: Pick<StandInTool, 'flags' | 'stdout'>,
): StandInTool {
  const feed = { caughtUp: async () => undefined, closed: clock.ended, close: () => undefined };
  return { physics: watch.physics, feed, origin_s: watch.from_s - COUNTED_s, clock, ...given };
}

function toolSource(
  tool: (tool: StandInTool) => Promise<number>,
  createParser: () => Parser,
  flagsOf: (interval_ms: number) => readonly string[],
): VirtualSource['batches'] {
  return async (watch) => {
    const random = seededRandom(watch.seed);
    const clock = jumpingClock(watch, random);
    const { stdout, batches } = parserFeed(clock, createParser(), random);
    const code = await tool(standIn(watch, clock, { flags: flagsOf(watch.interval_ms), stdout }));
    if (code !== 0) throw new Error(`the stand-in ended with ${code}`);
    return batches;
  };
}

/** One process a reading, as its sampler runs it. */
async function rocmBatches(watch: Watch): Promise<Batch[]> {
  const random = seededRandom(watch.seed);
  const clock = jumpingClock(watch, random);
  const { stdout, batches } = parserFeed(clock, createRocmSmiParser(), random);
  const own = { ...watch, physics: summing(watch.physics) };
  const interval_s = Math.max(1, watch.interval_ms / 1000);
  try {
    for (;;) {
      await clock.sleep(PROCESS_s);
      await standInRocmSmi(standIn(own, clock, { flags: ['--json'], stdout }));
      await clock.sleep(interval_s - PROCESS_s);
    }
  } catch (thrown) {
    if (!clock.ended.aborted) throw thrown;
    return batches;
  }
}

/** The same energies; those since one origin, asked for again and again, are added up once. */
function summing(physics: Physics): Physics {
  const sums = new Map<string, { readonly to_s: number; readonly energy_J: number }>();
  return {
    ...physics,
    energy_J: (rail, from_s, to_s) => {
      const key = `${rail} ${from_s}`;
      const before = sums.get(key) ?? { to_s: from_s, energy_J: 0 };
      if (to_s < before.to_s) return physics.energy_J(rail, from_s, to_s);
      const sum = { to_s, energy_J: before.energy_J + physics.energy_J(rail, before.to_s, to_s) };
      sums.set(key, sum);
      return sum.energy_J;
    },
  };
}

/** The real sampler over a stand-in /sys that is written anew whenever it wakes. */
function sysfsSource(createSampler: (root: string) => Sampler): VirtualSource['batches'] {
  return async (watch) => {
    const { physics, from_s, interval_ms, seed } = watch;
    const root = temporaryFolder();
    const sysfs = createSysfs({ root, physics, origin_s: from_s });
    sysfs.write(from_s);
    const clock = jumpingClock(watch, seededRandom(seed), sysfs.write);
    const batches: Batch[] = [];
    for await (const batch of createSampler(root).stream({ interval_ms, signal: clock.ended, clock })) {
      batches.push(batch);
    }
    return batches;
  };
}
