import { timelinesOf } from '../../src/analyzer/timelines.ts';
import { windowEnergy } from '../../src/analyzer/window-energy.ts';
import type { SampleSeries } from '../../src/core/sample.ts';
import {
  courseThrough,
  edgesBetween,
  gaugeSeries,
  meanSeries,
  stepsThrough,
} from '../../tests/support/power-course.ts';
import { domainOf } from '../../tests/support/recording.ts';
import { seededRandom } from '../../tests/support/seeded-random.ts';
import type { Finding } from './page.ts';
import { counterSeries } from './traces.ts';

const SEED = 102;
const WINDOWS = 2000;
const END_s = 400;
const QUANTUM_J = 1e-3;
const BAR = 1e-6;

/** Where the sensor determines the answer, the answer must be exact: the largest error beyond the quantum, relative. */
export function exactFindings(): Finding[] {
  const found = [
    { kind: 'mean', worst: onBorders('mean') },
    { kind: 'counter', worst: onBorders('counter') },
    { kind: 'gauge', worst: linear() },
  ];
  return found.map(({ kind, worst }) => ({
    what: `\`${kind}\`, where the sensor determines the answer: largest error beyond the quantum, ${WINDOWS} windows`,
    bar: '≤ 10⁻⁶',
    found: worst.toExponential(1),
    passed: worst <= BAR,
  }));
}

/** Power that changes at some borders of samples: windows from anywhere, for the sample at an edge has constant power. */
function onBorders(kind: 'mean' | 'counter'): number {
  const random = seededRandom(SEED + kind.length);
  const edges_s = edgesBetween({ from_s: 0, to_s: END_s }, 0.5, () => random.between(-0.1, 0.1));
  const steps = edges_s.filter((_, i) => i % 7 === 0).map((at_s) => [at_s, random.between(1, 55)] as const);
  const course = stepsThrough(steps, edges_s.at(-1) ?? END_s);
  const metering = { edges_s, quantum_J: QUANTUM_J };
  const series = kind === 'mean' ? meanSeries(course, metering) : counterSeries(course, metering);
  // `mean` readings each lose up to a step; a counter loses it at its two ends only.
  const steps_J = (count: number): number => QUANTUM_J * (kind === 'mean' ? count : 2);
  return worstError(series, course, steps_J);
}

/** A gauge whose power is linear between its ticks. */
function linear(): number {
  const random = seededRandom(SEED);
  const edges_s = edgesBetween({ from_s: 0, to_s: END_s }, 0.5, () => random.between(-0.1, 0.1));
  const course = courseThrough(edges_s.map((at_s) => [at_s, random.between(1, 55)]));
  return worstError(gaugeSeries(course, { edges_s }), course, () => 0);
}

function worstError(
  series: SampleSeries,
  course: { energy_J(from_s: number, to_s: number): number },
  quantum_J: (readings: number) => number,
): number {
  const random = seededRandom(SEED);
  const domain = domainOf({ kind: series.kind, quantum_J: series.kind === 'gauge' ? 0 : QUANTUM_J });
  const timeline = timelinesOf({ domains: [domain], series: [series], events: [] })[0];
  if (timeline === undefined) throw new Error('no readings');
  const errors = Array.from({ length: WINDOWS }, () => {
    const start_s = random.between(5, END_s - 50);
    const end_s = start_s + random.between(1, 40);
    const energy = windowEnergy(timeline, { start_s, end_s, beforeStart_s: null, beforeEnd_s: null });
    const truth_J = course.energy_J(start_s, end_s);
    const beyond_J = Math.abs(energy.gross_J - truth_J) - quantum_J(energy.publications + 2);
    return Math.max(0, beyond_J) / truth_J;
  });
  return Math.max(...errors);
}
