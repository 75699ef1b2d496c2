import type { Recording } from '../core/run.ts';
import type { SampleSeries } from '../core/sample.ts';
import { type Cell, type Column, RUN_COLUMN, type Table } from './columns.ts';
import { phaseFinder } from './placed-phases.ts';

/** Columns of power readings, wherever they are written. */
export const READING_COLUMNS = {
  domain: { name: 'domain', type: 'text', unit: null, meaning: 'part of the machine', whenEmpty: null },
  kind: {
    name: 'kind',
    type: 'text',
    unit: null,
    meaning: 'how the source knows its joules: counter, mean, gauge or averaged',
    whenEmpty: null,
  },
  start_s: {
    name: 'start_s',
    type: 'number',
    unit: 's',
    meaning: 'start of the reading, since the origin of the recording',
    whenEmpty: null,
  },
  end_s: {
    name: 'end_s',
    type: 'number',
    unit: 's',
    meaning: 'end of the reading, since the origin of the recording',
    whenEmpty: null,
  },
  energy_J: {
    name: 'energy_J',
    type: 'number',
    unit: 'J',
    meaning: 'energy used in the reading',
    whenEmpty: null,
  },
  power_W: {
    name: 'power_W',
    type: 'number',
    unit: 'W',
    meaning: 'energy_J ÷ (end_s − start_s)',
    whenEmpty: 'the reading has no width',
  },
} as const satisfies Record<string, Column>;

/** Where in the run a reading lies. */
export const PLACE_COLUMNS = {
  phase: {
    name: 'phase',
    type: 'text',
    unit: null,
    meaning: 'phase that holds the middle of the reading',
    whenEmpty: 'between phases',
  },
  trial: {
    name: 'trial',
    type: 'whole',
    unit: null,
    meaning: 'index of the trial that the phase belongs to',
    whenEmpty: 'a phase of the run itself, or between phases',
  },
} as const satisfies Record<string, Column>;

const SOURCE: Column = {
  name: 'source',
  type: 'text',
  unit: null,
  meaning: 'sampler that read it',
  whenEmpty: 'the recording does not say',
};

const { domain, kind, start_s, end_s, energy_J, power_W } = READING_COLUMNS;
const { phase, trial } = PLACE_COLUMNS;
const COLUMNS = [RUN_COLUMN, domain, SOURCE, kind, start_s, end_s, energy_J, power_W, phase, trial];

/** Every sample of a recording, one a row, domain by domain in order of time. */
export function timeseriesTable(recording: Recording): Table {
  return { what: 'timeseries', run: recording.run.id, columns: COLUMNS, rows: () => rowsOf(recording) };
}

function* rowsOf(recording: Recording): Generator<readonly Cell[]> {
  for (const series of recording.series) yield* seriesRows(recording, series);
}

function* seriesRows(recording: Recording, series: SampleSeries): Generator<readonly Cell[]> {
  const { domain, kind } = series;
  const source = recording.domains.find(({ id }) => id === domain)?.source ?? null;
  const phaseAt = phaseFinder(recording);
  for (let i = 0; i < series.end_s.length; i++) {
    const start_s = series.start_s[i] ?? Number.NaN;
    const end_s = series.end_s[i] ?? Number.NaN;
    const energy_J = series.energy_J[i] ?? Number.NaN;
    const { phase, trial } = phaseAt((start_s + end_s) / 2);
    const power_W = energy_J / (end_s - start_s);
    yield [recording.run.id, domain, source, kind, start_s, end_s, energy_J, power_W, phase, trial];
  }
}
