import type { Sample } from '../core/sample.ts';
import type { Table } from './columns.ts';
import { READING_COLUMNS } from './timeseries-table.ts';

/** Samples as they arrived, outside any run. */
export function samplesTable(samples: readonly Sample[]): Table {
  const { domain, kind, start_s, end_s, energy_J, power_W } = READING_COLUMNS;
  return {
    what: 'samples',
    run: null,
    columns: [domain, kind, start_s, end_s, energy_J, power_W],
    *rows() {
      for (const one of samples)
        yield [
          one.domain,
          one.kind,
          one.start_s,
          one.end_s,
          one.energy_J,
          one.energy_J / (one.end_s - one.start_s),
        ];
    },
  };
}
