import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SAMPLERS } from '../../samplers/index.ts';

const README = readFileSync(resolve(import.meta.dirname, '../../samplers/README.md'), 'utf8');
const TABLE = README.slice(README.indexOf('| source |')).split('\n\n')[0] ?? '';
const [HEADER = [], , ...ROWS] = TABLE.split('\n').map((line) =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim()),
);

/** The rows of a source: its own, and those without a name that follow. */
function rowsOf(id: string): readonly (readonly string[])[] {
  const first = ROWS.findIndex(([name = '']) => name.startsWith(`\`${id}`));
  const next = ROWS.findIndex(([name = ''], i) => i > first && name !== '');
  return first < 0 ? [] : ROWS.slice(first, next < 0 ? undefined : next);
}

const cellsOf = (id: string, column: string): string =>
  rowsOf(id)
    .map((row) => row[HEADER.indexOf(column)] ?? '')
    .join(' ');

describe('the table of sources in samplers/README.md', () => {
  test('says where each fact comes from, beside domain, unit, kind, cadence, privilege and accuracy', () => {
    expect(HEADER).toEqual([
      'source',
      'domain',
      'unit read',
      'kind',
      'cadence',
      'privilege',
      'accuracy',
      'where the facts come from',
    ]);
    for (const row of ROWS)
      expect(
        row.slice(1).every((cell) => cell !== ''),
        row.join(' | '),
      ).toBe(true);
  });

  test.each(SAMPLERS.map((sampler) => [sampler.id, sampler] as const))(
    '%s has a row that names its kinds, its domains, its privilege and its error',
    (id, sampler) => {
      expect(rowsOf(id)).not.toEqual([]);
      for (const { id: domain, kind, systematicRatio } of sampler.domains()) {
        if (id !== 'rocm-smi') {
          expect(cellsOf(id, 'kind')).toContain(kind);
          expect(cellsOf(id, 'domain')).toContain(`\`${domain}`);
        }
        const accuracy = systematicRatio === 0 ? 'exact' : `±${(systematicRatio ?? 0) * 100} %`;
        if (systematicRatio !== null) expect(cellsOf(id, 'accuracy')).toContain(accuracy);
      }
      const said = { root: /root/, group: /group/, none: /none|same/ }[sampler.privilege];
      expect(cellsOf(id, 'privilege')).toMatch(said);
    },
  );
});
