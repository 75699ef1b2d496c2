import { alignFrames } from '../../src/analyzer/alignment.ts';
import { S_PER_MS } from '../../src/core/units.ts';
import { type SeededRandom, seededRandom } from '../../tests/support/seeded-random.ts';
import { quantile, whole } from './numbers.ts';
import type { Effort, Finding, Section } from './page.ts';

const SEED = 301;
const HOURS = 24;
const S_PER_H = 3600;
const RATE = 50e-6;
const STALL_s = 0.3;
const STALL_EACH_s = 600;
/** Frames lost of each day, single ones and up to three at once. */
const LOSSES = 100;
/** Between losses there is time to see that the delay stays. */
const LOSS_APART = 100;

interface Day {
  readonly interval_s: number;
  readonly delay_s: number;
}

const DAYS: readonly Day[] = [
  { interval_s: 0.1, delay_s: 0.002 },
  { interval_s: 0.1, delay_s: 0.005 },
  { interval_s: 0.25, delay_s: 0.005 },
  { interval_s: 0.25, delay_s: 0.02 },
  { interval_s: 0.5, delay_s: 0.005 },
  { interval_s: 0.5, delay_s: 0.02 },
  { interval_s: 1, delay_s: 0.02 },
];

interface Outcome extends Day {
  readonly frames: number;
  readonly residual95_s: number;
  readonly residualMost_s: number;
  readonly claimed_s: number;
  readonly lost: number;
  readonly found: number;
  readonly falseBreaks: number;
}

/** A day of frames stamped on arrival, laid back to where they belong. */
export function alignmentSection(effort: Effort): Section {
  const hours = effort.count(HOURS, 2);
  const outcomes = DAYS.map((day, i) => lived(day, hours, seededRandom(SEED + i)));
  return {
    title: 'Alignment',
    method: [
      `Seeds ${SEED}–${SEED + DAYS.length - 1}. ${hours} h of frames per row: the meter's clock runs 50 ppm fast, widths are up to 3 % too ` +
        `long, each frame arrives after an exponential delay, the reader stalls for 300 ms every 10 min on average, and ` +
        `${LOSSES * (hours / HOURS)} times one to three frames never arrive. Residual: placed end of a frame less its true end.`,
    ],
    findings: findings(outcomes),
    tables: [
      {
        title: 'By interval and mean delay',
        head: [
          'interval, mean delay',
          'frames',
          'residual p95',
          'largest',
          'claimed',
          'losses found',
          'false breaks',
        ],
        rows: outcomes.map((one) => [
          `${one.interval_s} s, ${ms(one.delay_s)}`,
          whole(one.frames),
          ms(one.residual95_s),
          ms(one.residualMost_s),
          ms(one.claimed_s),
          `${one.found} of ${one.lost}`,
          String(one.falseBreaks),
        ]),
        note: "'Claimed' is the residual that enters the printed bound, the largest of all segments.",
      },
    ],
    charts: [],
  };
}

function findings(outcomes: readonly Outcome[]): Finding[] {
  const residual_s = Math.max(...outcomes.map((one) => one.residualMost_s));
  const lost = outcomes.reduce((sum, one) => sum + one.lost, 0);
  const found = outcomes.reduce((sum, one) => sum + one.found, 0);
  const falseBreaks = outcomes.reduce((sum, one) => sum + one.falseBreaks, 0);
  return [
    {
      what: 'largest residual of any frame',
      bar: '≤ 3 ms',
      found: ms(residual_s),
      passed: residual_s <= 0.003,
    },
    {
      what: 'places where frames were dropped, found',
      bar: 'every one',
      found: `${found} of ${lost}`,
      passed: found === lost,
    },
    { what: 'false breaks', bar: '0', found: String(falseBreaks), passed: falseBreaks === 0 },
  ];
}

function ms(span_s: number): string {
  return `${(span_s / S_PER_MS).toFixed(2)} ms`;
}

function lived(day: Day, hours: number, random: SeededRandom): Outcome {
  const { start_s, end_s, trueEnd_s, afterLoss_s } = framesOf(day, hours, random);
  const aligned = alignFrames({ start_s, end_s }, []);
  const residuals_s = aligned.end_s.map((placed_s, i) => Math.abs(placed_s - (trueEnd_s[i] ?? 0)));
  const begins_s = aligned.segments.slice(1).map((segment) => segment.start_s);
  const isNear = (a_s: number, b_s: number): boolean => Math.abs(a_s - b_s) < day.interval_s / 2;
  return {
    ...day,
    frames: end_s.length,
    residual95_s: quantile(thinned(residuals_s), 0.95),
    residualMost_s: residuals_s.reduce((most_s, one_s) => Math.max(most_s, one_s), 0),
    claimed_s: Math.max(...aligned.segments.map((segment) => segment.residual_s)),
    lost: afterLoss_s.length,
    found: afterLoss_s.filter((at_s) => begins_s.some((one_s) => isNear(one_s, at_s))).length,
    falseBreaks: begins_s.filter((one_s) => !afterLoss_s.some((at_s) => isNear(one_s, at_s))).length,
  };
}

function thinned(values: Float64Array): number[] {
  const step = Math.max(1, Math.floor(values.length / 50_000));
  return [...values.filter((_, i) => i % step === 0)];
}

interface Frames {
  readonly start_s: Float64Array;
  readonly end_s: Float64Array;
  readonly trueEnd_s: readonly number[];
  /** True start of the first frame after each loss. */
  readonly afterLoss_s: readonly number[];
}

function framesOf({ interval_s, delay_s }: Day, hours: number, random: SeededRandom): Frames {
  const to_s = hours * S_PER_H;
  const lossEach = to_s / interval_s / (LOSSES * (hours / HOURS));
  const rows = {
    start: [] as number[],
    end: [] as number[],
    trueEnd: [] as number[],
    afterLoss: [] as number[],
  };
  let nextLoss = lossEach * random.next() + LOSS_APART;
  let losing = 0;
  let stalledUntil_s = 0;
  let arrived_s = 0;
  for (let t_s = 5, frame = 0; t_s < to_s; frame++) {
    const width_s = interval_s * (1 + 0.03 * random.next());
    const end_s = t_s + width_s;
    if (random.next() < interval_s / STALL_EACH_s) stalledUntil_s = end_s + STALL_s;
    arrived_s = Math.max(arrived_s, stalledUntil_s, end_s + random.exponential(delay_s));
    if (frame >= nextLoss) {
      losing = 1 + Math.floor(3 * random.next());
      nextLoss = frame + LOSS_APART + (lossEach - LOSS_APART) * 2 * random.next();
    }
    if (losing > 0) {
      losing--;
      if (losing === 0) rows.afterLoss.push(end_s);
    } else {
      rows.start.push(arrived_s - width_s * (1 + RATE));
      rows.end.push(arrived_s);
      rows.trueEnd.push(end_s);
    }
    t_s = end_s;
  }
  const isSeen = (at_s: number): boolean => at_s < (rows.trueEnd.at(-LOSS_APART) ?? 0);
  return {
    start_s: Float64Array.from(rows.start),
    end_s: Float64Array.from(rows.end),
    trueEnd_s: rows.trueEnd,
    afterLoss_s: rows.afterLoss.filter(isSeen),
  };
}
