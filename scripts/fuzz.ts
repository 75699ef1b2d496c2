import { stdout } from 'node:process';
import { systemClock } from '../src/core/clock.ts';
import { fuzzFrames } from '../tests/support/fuzz-frames.ts';
import { fuzzParser } from '../tests/support/fuzz-parsers.ts';
import { FUZZ_SUBJECTS } from '../tests/support/fuzz-subjects.ts';

/**
 * Damaged streams through the parser of every source: `node dist/scripts/fuzz.js [streams] [seed]`, a million and seed 1
 * without. Prints counts and what did not hold; ends with 1 where anything did not.
 */
const DEFAULT_STREAMS = 1_000_000;
const FIRST_SEED = 1;
/** Longest that one stream of a few frames may take, warm or not, before it counts as a hang. */
const HANG_S = 2;
const VIOLATIONS_SHOWN = 5;

/** One damaged stream. */
type Fuzz = (seed: number) => {
  readonly samples: number;
  readonly events: number;
  readonly violations: readonly string[];
};

const FUZZES: readonly { readonly name: string; readonly fuzz: Fuzz; readonly share: number }[] = [
  { name: 'powermetrics, every loss told', fuzz: fuzzFrames, share: 0.03 },
  ...FUZZ_SUBJECTS.map((subject) => ({ ...subject, fuzz: (seed: number) => fuzzParser(subject, seed) })),
];

/** Runs one parser's share; the count of violations. */
function fuzzOne(
  name: string,
  fuzz: Fuzz,
  { count, firstSeed }: { count: number; firstSeed: number },
): number {
  const total = { samples: 0, events: 0, violations: 0 };
  let slowest_s = 0;
  const begun_s = systemClock.now_s();
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const from_s = systemClock.now_s();
    const outcome = fuzz(seed);
    const took_s = systemClock.now_s() - from_s;
    slowest_s = Math.max(slowest_s, took_s);
    const violations = took_s > HANG_S ? [...outcome.violations, `took ${took_s} s`] : outcome.violations;
    for (const violation of violations) {
      if (total.violations++ < VIOLATIONS_SHOWN) stdout.write(`${name}, seed ${seed}: ${violation}\n`);
    }
    total.samples += outcome.samples;
    total.events += outcome.events;
  }
  const took_s = systemClock.now_s() - begun_s;
  stdout.write(
    `${name.padEnd(42)} ${String(count).padStart(8)} streams ${String(total.samples).padStart(9)} samples ` +
      `${String(total.events).padStart(8)} events ${String(total.violations).padStart(4)} violations ` +
      `${took_s.toFixed(1).padStart(6)} s, slowest ${(slowest_s * 1000).toFixed(0)} ms\n`,
  );
  return total.violations;
}

function fuzzAll(least: number, firstSeed: number): number {
  const shares = FUZZES.reduce((sum, { share }) => sum + share, 0);
  const begun_s = systemClock.now_s();
  let streams = 0;
  let violations = 0;
  for (const { name, fuzz, share } of FUZZES) {
    const count = Math.ceil((least * share) / shares);
    streams += count;
    violations += fuzzOne(name, fuzz, { count, firstSeed });
  }
  const took_s = systemClock.now_s() - begun_s;
  stdout.write(`${streams} damaged streams, ${violations} violations, ${took_s.toFixed(0)} s\n`);
  return violations;
}

const [, , streams, seed] = process.argv;
process.exitCode = fuzzAll(Number(streams ?? DEFAULT_STREAMS), Number(seed ?? FIRST_SEED)) === 0 ? 0 : 1;
