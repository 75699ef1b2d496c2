import { stdout } from 'node:process';
import { systemClock } from '../src/core/clock.ts';
import { fuzzFrames } from '../tests/support/fuzz-frames.ts';

/** Damaged frames through the powermetrics parser: `node dist/scripts/fuzz.js [frames] [seed]`. */
const DEFAULT_FRAMES = 150_000;
const FIRST_SEED = 1;
/** Longest that three small frames may take, warm or not, before it counts as a hang. */
const HANG_S = 2;

function fuzz(least: number, firstSeed: number): number {
  const total = { frames: 0, samples: 0, lost: 0, violations: 0 };
  let slowest_s = 0;
  const begun_s = systemClock.now_s();
  for (let seed = firstSeed; total.frames < least; seed++) {
    const from_s = systemClock.now_s();
    const outcome = fuzzFrames(seed);
    const took_s = systemClock.now_s() - from_s;
    slowest_s = Math.max(slowest_s, took_s);
    const violations = took_s > HANG_S ? [...outcome.violations, `took ${took_s} s`] : outcome.violations;
    for (const violation of violations) stdout.write(`seed ${seed}: ${violation}\n`);
    total.frames += outcome.frames;
    total.samples += outcome.samples;
    total.lost += outcome.lost;
    total.violations += violations.length;
  }
  const duration_s = systemClock.now_s() - begun_s;
  stdout.write(
    `${total.frames} frames, ${total.samples} samples, ${total.lost} losses told, ${total.violations} violations, ` +
      `${duration_s.toFixed(1)} s, slowest three frames ${(slowest_s * 1000).toFixed(0)} ms\n`,
  );
  return total.violations;
}

const [, , frames, seed] = process.argv;
process.exitCode = fuzz(Number(frames ?? DEFAULT_FRAMES), Number(seed ?? FIRST_SEED)) === 0 ? 0 : 1;
