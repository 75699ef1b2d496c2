import { stat } from 'node:fs/promises';
import { columnsText, type Table } from '../rendering/columns.ts';
import { csvOf } from '../rendering/csv.ts';
import { batchedText } from './batched-text.ts';
import { writeFileWhole } from './write-file.ts';

/**
 * A CSV file, and beside it `FILE.columns.json`, which says what each column is and what its empty cells mean; a pipe
 * gets the lines alone. Gives the paths written. @throws {LmpowerError} OUTPUT_UNWRITABLE
 */
export async function writeCsvFile(path: string, table: Table): Promise<string[]> {
  // The rows first: what explains them must not cost them.
  await writeFileWhole(path, batchedText(csvOf(table)));
  if (!(await isPlain(path))) return [path];
  const columns = `${path}.columns.json`;
  await writeFileWhole(columns, [columnsText(table)]);
  return [path, columns];
}

async function isPlain(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}
