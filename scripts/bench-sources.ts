import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { samplerById } from '../samplers/index.ts';
import { clockSince, systemClock } from '../src/core/clock.ts';
import { MS_PER_S, PERCENT_PER_RATIO, type Seconds } from '../src/core/units.ts';
import { Intake } from '../src/recording/intake.ts';
import { createRecorder } from '../src/recording/live-recorder.ts';
import { keepHeapSmall } from '../src/recording/small-heap.ts';
import { type BenchLab, benchSamplers, startBenchLab } from './bench-sources-lab.ts';

/**
 * What all sources together cost the host: `node dist/scripts/bench-sources.js [seconds] [hours] [ID,…]`. First a simulated day of
 * recorded bytes through parser, intake and ring, for memory; then their stand-ins as real processes at 100 ms, processor
 * time of this process alone, one by one and all at once, beside that of as many bare timers. Ends with 1 where a limit is not kept.
 */
const INTERVAL_ms = 100;
const DURATION_s: Seconds = 25;
const ALONE_s: Seconds = 4;
/** Starting processes and compiling hot code are no part of the steady cost; V8 compiles for about two minutes of it. */
const SETTLE_s: Seconds = 3;
const SETTLE_ALL_s: Seconds = 120;
const CALM_s: Seconds = 0.5;
const MAX_CORE_RATIO = 0.01;
const MAX_RSS_MB = 120;
const MAX_GROWTH_MB = 8;
const B_PER_MB = 1024 * 1024;
const HOURS = 24;
const S_PER_HOUR = 3600;
/** A phase of a run lasts about so long; then the recording is drained. */
const DRAIN_s: Seconds = 60;
const LEAST_B = 1500;
const FIXTURES = 'tests/fixtures';
const FRAME_ENDS: Readonly<Record<string, RegExp>> = {
  powermetrics: /(?<=<\/plist>)/,
  'amd-smi': /(?=^\[$)/m,
  'intel-gpu-top': /(?<=^\},?\n)/m,
};

interface HostCost {
  readonly coreRatio: number;
  readonly samples: number;
  readonly rss_MB: number;
}

/** Processor time of this process while these sources run. */
async function hostCost(
  lab: BenchLab,
  ids: readonly string[],
  { duration_s, settle_s }: { readonly duration_s: Seconds; readonly settle_s: Seconds },
): Promise<HostCost> {
  const samplers = benchSamplers(lab).filter(({ id }) => ids.includes(id));
  const clock = clockSince(systemClock.now_s());
  const recorder = createRecorder({ samplers, clock, interval_ms: INTERVAL_ms });
  await recorder.start(new AbortController().signal);
  await clock.sleep(settle_s);
  recorder.drain();
  const [from_s, from_us] = [clock.now_s(), process.cpuUsage()];
  await clock.sleep(duration_s);
  const used_us = process.cpuUsage(from_us);
  const coreRatio = (used_us.user + used_us.system) / 1e6 / (clock.now_s() - from_s);
  const rss_MB = process.memoryUsage().rss / B_PER_MB;
  const samples = recorder.drain().samples.length;
  for (const { sampler, error } of recorder.failures()) stdout.write(`${sampler}: ${error.message}\n`);
  await recorder.stop();
  return { coreRatio, samples, rss_MB };
}

/** What this machine takes for waking a process so often, before anything is done. */
async function timerCost(count: number): Promise<HostCost> {
  const timers: ReturnType<typeof setInterval>[] = [];
  for (let i = 0; i < count; i++) {
    // Apart, as tools are: timers of one time wake the process once.
    await systemClock.sleep(INTERVAL_ms / MS_PER_S / count);
    timers.push(setInterval(() => undefined, INTERVAL_ms));
  }
  const from_us = process.cpuUsage();
  await systemClock.sleep(ALONE_s);
  const used_us = process.cpuUsage(from_us);
  for (const timer of timers) clearInterval(timer);
  const coreRatio = (used_us.user + used_us.system) / 1e6 / ALONE_s;
  return { coreRatio, samples: 0, rss_MB: process.memoryUsage().rss / B_PER_MB };
}

function costText(name: string, { coreRatio, samples, rss_MB }: HostCost, duration_s: Seconds): string {
  const percent = (coreRatio * PERCENT_PER_RATIO).toFixed(2);
  const rate = (samples / duration_s).toFixed(1);
  return `${name.padEnd(24)}${percent.padStart(6)} % of one core ${rate.padStart(7)} samples/s ${rss_MB.toFixed(0).padStart(5)} MB\n`;
}

/** Without it the process takes what it is not refused, and says nothing of what it needs. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

interface RecordedSource {
  readonly id: string;
  readonly frames: readonly Buffer[];
}

/** A recording of each source, the shortest that holds a few readings, frame by frame. */
function recordedSources(): RecordedSource[] {
  return readdirSync(FIXTURES).flatMap((id) => {
    const files = readdirSync(join(FIXTURES, id)).filter((name) =>
      /\.(?:csv|json|jsonl|plist|txt)$/.test(name),
    );
    const texts = files.map((name) => readFileSync(join(FIXTURES, id, name), 'utf8'));
    const recording = texts.filter((text) => text.length >= LEAST_B).sort((a, b) => a.length - b.length)[0];
    if (recording === undefined) return [];
    const frames = recording.split(FRAME_ENDS[id] ?? /(?<=\n)/).filter((frame) => frame.trim() !== '');
    return [{ id, frames: frames.map((frame) => Buffer.from(frame)) }];
  });
}

/** Once a second at most, whatever is asked for. */
const SLOW: ReadonlySet<string> = new Set([
  'amd-smi',
  'rocm-smi',
  'xpu-smi',
  'windows-energy-meter',
  'battery',
]);
const BEATS_PER_S = MS_PER_S / INTERVAL_ms;

/** Resident memory after each simulated hour of all sources at 100 ms. */
async function simulatedDay(hours: number): Promise<number[]> {
  const sources = recordedSources();
  const samplers = sources.map(({ id }) => samplerById(id));
  const intake = new Intake(samplers, 2 ** 18);
  const parsers = samplers.map((sampler) => sampler.createParser());
  const rss_MB: number[] = [];
  const release = keepHeapSmall();
  let now_s: Seconds = 0;
  let beat = 0;
  for (let hour = 0; hour < hours; hour++) {
    for (; now_s < (hour + 1) * S_PER_HOUR; now_s += INTERVAL_ms / MS_PER_S, beat++) {
      sources.forEach(({ frames }, i) => {
        const every = SLOW.has(samplers[i]?.id ?? '') ? BEATS_PER_S : 1;
        const frame = beat % every === 0 ? frames[(beat / every) % frames.length] : undefined;
        const batches = frame === undefined ? [] : (parsers[i]?.push(frame, now_s) ?? []);
        for (const batch of batches) intake.take(i, batch, now_s);
      });
      if (beat % Math.round((DRAIN_s * MS_PER_S) / INTERVAL_ms) === 0) intake.drain();
    }
    collectGarbage();
    // A process that is at its limit for minutes keeps pages that one at the pace of its meters would not.
    await systemClock.sleep(CALM_s);
    rss_MB.push(process.memoryUsage().rss / B_PER_MB);
    const heap_MB = process.memoryUsage().heapUsed / B_PER_MB;
    stdout.write(
      `hour ${hour + 1}: ${rss_MB.at(-1)?.toFixed(0)} MB, of it ${heap_MB.toFixed(1)} MB in use\n`,
    );
  }
  release();
  return rss_MB;
}

async function benchDay(hours: number): Promise<boolean> {
  if (hours === 0) return true;
  const [from_s, from_us] = [systemClock.now_s(), process.cpuUsage()];
  const rss_MB = await simulatedDay(hours);
  const used_us = process.cpuUsage(from_us);
  const workRatio = (used_us.user + used_us.system) / 1e6 / (hours * S_PER_HOUR);
  const most_MB = Math.max(...rss_MB);
  const settled_MB = rss_MB[1] ?? rss_MB[0] ?? 0;
  const growth_MB = (rss_MB.at(-1) ?? 0) - settled_MB;
  stdout.write(
    `simulated ${hours} h in ${(systemClock.now_s() - from_s).toFixed(0)} s: ${most_MB.toFixed(0)} MB at most, ` +
      `${growth_MB >= 0 ? '+' : ''}${growth_MB.toFixed(1)} MB from the second hour to the last\n` +
      `parsing, checking and keeping all of it: ${(workRatio * PERCENT_PER_RATIO).toFixed(2)} % of one core\n`,
  );
  return workRatio <= MAX_CORE_RATIO && most_MB <= MAX_RSS_MB && growth_MB <= MAX_GROWTH_MB;
}

async function benchHost(duration_s: Seconds, only: readonly string[] | null): Promise<boolean> {
  const lab = await startBenchLab();
  try {
    const ids = benchSamplers(lab).map(({ id }) => id);
    const chosen = only ?? ids;
    const bare = await timerCost(chosen.length);
    stdout.write(costText(`${chosen.length} bare timers`, bare, ALONE_s));
    const alone = { duration_s: ALONE_s, settle_s: SETTLE_s };
    for (const id of chosen) stdout.write(costText(id, await hostCost(lab, [id], alone), ALONE_s));
    const all = await hostCost(lab, chosen, { duration_s, settle_s: SETTLE_ALL_s });
    stdout.write(costText('all together', all, duration_s));
    const ratio = all.coreRatio / bare.coreRatio;
    stdout.write(
      `all together cost ${ratio.toFixed(1)} times what as many bare timers do on this machine, at this load\n`,
    );
    return all.coreRatio <= MAX_CORE_RATIO && all.rss_MB <= MAX_RSS_MB;
  } finally {
    lab.close();
  }
}

const [, , seconds, hours, list] = process.argv;
// The day first: what the host costs is asked of code that is warm, as in the second minute of a run.
const isFlat = await benchDay(Number(hours ?? HOURS));
const isCheap = await benchHost(Number(seconds ?? DURATION_s), list?.split(',') ?? null);
const isGood = isCheap && isFlat;
stdout.write(`${isGood ? 'good' : 'NOT good'}: at most 1 % of a core, ${MAX_RSS_MB} MB, flat memory\n`);
process.exitCode = isGood ? 0 : 1;
