import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeCsvFile } from '../../src/cli/csv-file.ts';
import type { Table } from '../../src/rendering/columns.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const COLUMN = { type: 'number', unit: 'W', meaning: 'power of something', whenEmpty: 'not read' } as const;
const tableOf = (rows: () => Iterable<readonly number[]>): Table => ({
  what: 'powers',
  run: 'some-run',
  columns: [{ name: 'power_W', ...COLUMN }],
  rows,
});

test('a CSV file has the list of its columns beside it', async () => {
  const path = join(temporaryFolder(), 'power.csv');
  expect(
    await writeCsvFile(
      path,
      tableOf(() => [[1], [2.5]]),
    ),
  ).toEqual([path, `${path}.columns.json`]);
  expect(readFileSync(path, 'utf8')).toBe('power_W\n1\n2.5\n');
  expect(JSON.parse(readFileSync(`${path}.columns.json`, 'utf8'))).toEqual({
    schemaVersion: 1,
    what: 'powers',
    run: 'some-run',
    columns: [{ name: 'power_W', ...COLUMN }],
  });
});

test('many lines are all there', async () => {
  const path = join(temporaryFolder(), 'power.csv');
  const powers = Array.from({ length: 50_000 }, (_, i) => [i]);
  await writeCsvFile(
    path,
    tableOf(() => powers),
  );
  expect(readFileSync(path, 'utf8')).toBe(`power_W\n${powers.join('\n')}\n`);
});

test('rows that break off leave neither file', async () => {
  const folder = temporaryFolder();
  const broken = tableOf(function* () {
    yield [1];
    throw new Error('the disk is gone');
  });
  await expect(writeCsvFile(join(folder, 'power.csv'), broken)).rejects.toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('where the list cannot be written the rows are kept', async () => {
  const path = join(temporaryFolder(), 'power.csv');
  mkdirSync(`${path}.columns.json`);
  await expect(
    writeCsvFile(
      path,
      tableOf(() => [[1]]),
    ),
  ).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  expect(readFileSync(path, 'utf8')).toBe('power_W\n1\n');
});

test('a device gets the lines alone', async () => {
  expect(
    await writeCsvFile(
      '/dev/null',
      tableOf(() => [[1]]),
    ),
  ).toEqual(['/dev/null']);
});
