import type { SampleKind } from '../core/sample.ts';
import type { Joules } from '../core/units.ts';
import { at, quantileOf } from './search.ts';

/** Samples of one domain at their true place, as columns. */
export interface Columns {
  readonly start_s: Float64Array;
  readonly end_s: Float64Array;
  readonly energy_J: Float64Array;
  readonly startPower_W: Float64Array;
  readonly endPower_W: Float64Array;
}

/** Fewest full publications that show a pattern. */
const BATCHES_LEAST = 5;
/** Publications of a batching meter carry far more than one step of the meter: else zeros are just little energy. */
const BATCH_QUANTA = 20;
/** Interquartile range of the publications' distance, relative to their median, up to which it is regular. */
const BATCH_REGULARITY = 0.5;
/** Zero readings per publication from which on the meter is slower than it is asked. */
const BATCH_ZEROS = 0.5;

/**
 * One sample per publication: readings without energy are joined to the next one that has some. Always for a `counter`
 * (an unchanged counter says nothing yet); for a `mean` only where zeros come in regular batches, since a rail at rest
 * truly reads zero. Gauges stay as they are: a repeated power is still a power. Energy is kept to the joule.
 */
export function coalesce(columns: Columns, kind: SampleKind, quantum_J: Joules): Columns {
  if (kind === 'gauge' || kind === 'averaged' || !columns.energy_J.includes(0)) return columns;
  if (kind === 'mean' && !isBatched(columns, quantum_J)) return columns;
  return joined(columns);
}

function isBatched(columns: Columns, quantum_J: Joules): boolean {
  const spans_s: number[] = [];
  const energies_J: number[] = [];
  let previous_s = Number.NaN;
  for (let i = 0; i < columns.energy_J.length; i++) {
    const energy_J = at(columns.energy_J, i);
    if (energy_J === 0) continue;
    if (!Number.isNaN(previous_s)) spans_s.push(at(columns.end_s, i) - previous_s);
    previous_s = at(columns.end_s, i);
    energies_J.push(energy_J);
  }
  if (spans_s.length < BATCHES_LEAST) return false;
  const zeros = columns.energy_J.length - energies_J.length;
  if (zeros < BATCH_ZEROS * energies_J.length) return false;
  const spans = Float64Array.from(spans_s).sort();
  const spread_s = quantileOf(spans, 0.75) - quantileOf(spans, 0.25);
  const energy_J = quantileOf(Float64Array.from(energies_J).sort(), 0.5);
  return spread_s <= BATCH_REGULARITY * quantileOf(spans, 0.5) && energy_J >= BATCH_QUANTA * quantum_J;
}

function joined(columns: Columns): Columns {
  const start: number[] = [];
  const end: number[] = [];
  const energy: number[] = [];
  let openStart_s = Number.NaN;
  for (let i = 0; i < columns.energy_J.length; i++) {
    const start_s = at(columns.start_s, i);
    const isNew = Number.isNaN(openStart_s) || (i > 0 && start_s > at(columns.end_s, i - 1));
    if (isNew && !Number.isNaN(openStart_s)) push(i - 1, 0);
    if (isNew) openStart_s = start_s;
    if (at(columns.energy_J, i) === 0) continue;
    push(i, at(columns.energy_J, i));
    openStart_s = Number.NaN;
  }
  if (!Number.isNaN(openStart_s)) push(columns.energy_J.length - 1, 0);
  return {
    start_s: Float64Array.from(start),
    end_s: Float64Array.from(end),
    energy_J: Float64Array.from(energy),
    startPower_W: new Float64Array(0),
    endPower_W: new Float64Array(0),
  };

  function push(last: number, energy_J: Joules): void {
    start.push(openStart_s);
    end.push(at(columns.end_s, last));
    energy.push(energy_J);
  }
}
