import type { RunDocument } from '../core/result.ts';
import type { Recording } from '../core/run.ts';
import { labelledTable, type Table } from '../rendering/columns.ts';
import type { RowShape } from './export-words.ts';

/** Every power sample, moved to its true place. */
export async function timeseriesOf(recording: Recording, shape: RowShape = 'tidy'): Promise<Table> {
  const [{ aligned }, { timeseriesTable }, { wideTimeseriesTable }] = await Promise.all([
    import('../analyzer/analyze.ts'),
    import('../rendering/timeseries-table.ts'),
    import('../rendering/timeseries-wide.ts'),
  ]);
  const table = shape === 'wide' ? wideTimeseriesTable : timeseriesTable;
  return labelledTable(table(aligned(recording)), recording.run.simulated);
}

export async function trialsOf(document: RunDocument): Promise<Table> {
  const { trialsTable } = await import('../rendering/trials-table.ts');
  return labelledTable(trialsTable(document), document.simulated === true);
}

export async function tokensOf(document: RunDocument): Promise<Table> {
  const { tokensTable } = await import('../rendering/tokens-table.ts');
  return labelledTable(tokensTable(document), document.simulated === true);
}
