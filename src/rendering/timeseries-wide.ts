import type { Recording } from '../core/run.ts';
import type { SampleSeries } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { type Cell, type Column, RUN_COLUMN, type Table } from './columns.ts';
import { phaseFinder } from './placed-phases.ts';
import { PLACE_COLUMNS, READING_COLUMNS } from './timeseries-table.ts';

const OTHER_WINDOW = 'the domain has no reading over this very window';

/**
 * The samples of a recording side by side: one row per window, two columns per domain, in order of time. Domains that
 * were read over other windows, as those of another source are, stand in rows of their own: nothing is resampled.
 */
export function wideTimeseriesTable(recording: Recording): Table {
  const { end_s, start_s } = READING_COLUMNS;
  const { phase, trial } = PLACE_COLUMNS;
  return {
    what: 'timeseries wide',
    run: recording.run.id,
    columns: [RUN_COLUMN, start_s, end_s, phase, trial, ...recording.series.flatMap(pairOf)],
    rows: () => rowsOf(recording),
  };
}

function pairOf(series: SampleSeries, _place: number, all: readonly SampleSeries[]): Column[] {
  const isOnly = all.filter(({ domain }) => domain === series.domain).length === 1;
  const name = isOnly ? series.domain : `${series.domain}_${series.kind}`;
  return [
    {
      name: `${name}_energy_J`,
      type: 'number',
      unit: 'J',
      meaning: `energy of ${name} in the reading`,
      whenEmpty: OTHER_WINDOW,
    },
    {
      name: `${name}_power_W`,
      type: 'number',
      unit: 'W',
      meaning: `${name}_energy_J ÷ (end_s − start_s)`,
      whenEmpty: OTHER_WINDOW,
    },
  ];
}

/** Merges the series by the end, then the start, of their samples. */
function* rowsOf({ run, series, ...rest }: Recording): Generator<readonly Cell[]> {
  const next = series.map(() => 0);
  const phaseAt = phaseFinder({ run, series, ...rest });
  for (;;) {
    const window = earliest(series, next);
    if (window === null) return;
    const [start_s, end_s] = window;
    const cells: (number | null)[] = [];
    for (const [place, one] of series.entries()) {
      const at = next[place] ?? 0;
      const isHere = one.start_s[at] === start_s && one.end_s[at] === end_s;
      const energy_J = isHere ? (one.energy_J[at] ?? null) : null;
      cells.push(energy_J, energy_J === null ? null : energy_J / (end_s - start_s));
      if (isHere) next[place] = at + 1;
    }
    const { phase, trial } = phaseAt((start_s + end_s) / 2);
    yield [run.id, start_s, end_s, phase, trial, ...cells];
  }
}

function earliest(
  series: readonly SampleSeries[],
  next: readonly number[],
): readonly [Seconds, Seconds] | null {
  let found: readonly [Seconds, Seconds] | null = null;
  for (const [place, one] of series.entries()) {
    const start_s = one.start_s[next[place] ?? 0];
    const end_s = one.end_s[next[place] ?? 0];
    if (start_s === undefined || end_s === undefined) continue;
    if (found === null || end_s < found[1] || (end_s === found[1] && start_s < found[0]))
      found = [start_s, end_s];
  }
  return found;
}
