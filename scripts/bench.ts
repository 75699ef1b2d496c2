import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stdout } from 'node:process';
import { parse } from 'plist';
import { createPowermetricsParser } from '../samplers/powermetrics/parser.ts';
import { readPlist } from '../samplers/powermetrics/plist.ts';
import { systemClock } from '../src/core/clock.ts';
import { PERCENT_PER_RATIO } from '../src/core/units.ts';
import { capturesIn } from '../tests/support/captures.ts';

/**
 * The powermetrics parser beside the plist package, interleaved in one process, on each recording:
 * `npm run bench [-- FILE…]`; then what a meter at 100 ms costs its host, in processor time and memory.
 * `parse` is the document alone, what the ratio compares; `whole` is from bytes to samples and events.
 */
const FIXTURES = 'tests/fixtures/powermetrics';
const END = '</plist>';
const ROUNDS = 15;
const OWN_PER_ROUND = 40;
const WARM_UP = 400;
/** Least ratio that is good enough. A full parse would heat what is measured. */
const LEAST_RATIO = 40;
const METER_INTERVAL_S = 0.1;
const METER_FRAMES = 20_000;
const PIPE_CHUNK_B = 64 * 1024;
const MAX_CORE_RATIO = 0.01;
const MAX_GROWTH_MB = 16;
const B_PER_MB = 1024 * 1024;

function framesIn(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let from = 0; ; ) {
    const end = bytes.indexOf(END, from);
    if (end < 0) return frames;
    frames.push(bytes.subarray(bytes.indexOf('<', from), end + END.length));
    from = end + END.length;
  }
}

function seconds(work: () => void): number {
  const from_s = systemClock.now_s();
  work();
  return systemClock.now_s() - from_s;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

interface Costs {
  readonly parse_s: number;
  readonly whole_s: number;
  readonly package_s: number;
}

/** Seconds per frame, medians over interleaved rounds. */
function compare(frames: readonly Buffer[]): Costs {
  const parser = createPowermetricsParser();
  const works = {
    parse_s: () => {
      for (const frame of frames) readPlist(frame, { machine: false });
    },
    whole_s: () => {
      for (const frame of frames) parser.push(frame, 0);
    },
    package_s: () => {
      for (const frame of frames) parse(frame.toString('utf8').replace(/<\?[\s\S]*?\?>/g, ''));
    },
  };
  for (let i = 0; i < WARM_UP; i++) {
    works.parse_s();
    works.whole_s();
  }
  works.package_s();
  const took_s: Record<keyof Costs, number[]> = { parse_s: [], whole_s: [], package_s: [] };
  const time = (name: keyof Costs, times: number): void => {
    const sum_s = seconds(() => {
      for (let i = 0; i < times; i++) works[name]();
    });
    took_s[name].push(sum_s / (times * frames.length));
  };
  for (let round = 0; round < ROUNDS; round++) {
    time('package_s', 1);
    time('parse_s', OWN_PER_ROUND);
    time('whole_s', OWN_PER_ROUND);
  }
  return {
    parse_s: median(took_s.parse_s),
    whole_s: median(took_s.whole_s),
    package_s: median(took_s.package_s),
  };
}

function benchFile(file: string): number {
  const frames = framesIn(readFileSync(file));
  const size_kB = frames.reduce((sum, frame) => sum + frame.length, 0) / frames.length / 1000;
  const { parse_s, whole_s, package_s } = compare(frames);
  const ratio = package_s / parse_s;
  const row = [
    basename(file).padEnd(34),
    `${size_kB.toFixed(1)} kB`.padStart(9),
    `${(parse_s * 1e6).toFixed(1)} us`.padStart(11),
    `${(whole_s * 1e6).toFixed(1)} us`.padStart(11),
    `${(package_s * 1e6).toFixed(0)} us`.padStart(10),
    `${ratio.toFixed(0)} x`.padStart(8),
  ];
  stdout.write(`${row.join('')}\n`);
  return ratio;
}

/** Processor time and memory of taking frames in from a pipe, as a meter at 100 ms would send them. */
function benchHost(frame: Buffer): { coreRatio: number; growth_MB: number } {
  const parser = createPowermetricsParser();
  const take = (count: number): void => {
    for (let i = 0; i < count; i++) {
      for (let at = 0; at < frame.length; at += PIPE_CHUNK_B) {
        parser.push(frame.subarray(at, at + PIPE_CHUNK_B), i * METER_INTERVAL_S);
      }
    }
  };
  take(METER_FRAMES / 10);
  const before_B = residentSet_B();
  const before_us = process.cpuUsage();
  take(METER_FRAMES);
  const used_us = process.cpuUsage(before_us);
  const perFrame_s = (used_us.user + used_us.system) / 1e6 / METER_FRAMES;
  return {
    coreRatio: perFrame_s / METER_INTERVAL_S,
    growth_MB: (residentSet_B() - before_B) / B_PER_MB,
  };
}

function residentSet_B(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

function largestFrame(files: readonly string[]): Buffer {
  const frames = files.flatMap((file) => framesIn(readFileSync(file)));
  return frames.reduce(
    (largest, frame) => (frame.length > largest.length ? frame : largest),
    Buffer.alloc(0),
  );
}

function bench(files: readonly string[]): boolean {
  stdout.write(`${'recording'.padEnd(34)}    frame      parse      whole     plist   ratio\n`);
  const ratios = files.map(benchFile);
  const frame = largestFrame(files);
  const { coreRatio, growth_MB } = benchHost(frame);
  const percent = (coreRatio * PERCENT_PER_RATIO).toFixed(3);
  stdout.write(
    `host at ${METER_INTERVAL_S * 1000} ms, frames of ${(frame.length / 1000).toFixed(1)} kB: ${percent} % of one core; ` +
      `memory ${growth_MB >= 0 ? '+' : ''}${growth_MB.toFixed(1)} MB over ${METER_FRAMES} frames\n`,
  );
  return Math.min(...ratios) >= LEAST_RATIO && coreRatio <= MAX_CORE_RATIO && growth_MB <= MAX_GROWTH_MB;
}

const given = process.argv.slice(2);
const fixtures = readdirSync(FIXTURES).filter((name) => name.endsWith('.plist'));
// Real recordings too, where they lie beside the checkout.
const captures = capturesIn().filter(
  ({ format, file }) => format === 'powermetrics' && file.endsWith('.plist'),
);
const own = [...fixtures.map((name) => join(FIXTURES, name)), ...captures.map(({ file }) => file)];
const isGood = bench(given.length > 0 ? given : own);
stdout.write(`${isGood ? 'good' : 'NOT good'}: at least ${LEAST_RATIO} times, 1 % of a core, flat memory\n`);
process.exitCode = isGood ? 0 : 1;
