import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/cli/display-width.ts';
import { type Column, safeText, textTable } from '../../src/cli/text-table.ts';

interface Row {
  readonly name: string;
  readonly power: string;
  readonly note: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { heading: 'name', align: 'left', expendable: 0, cell: (row) => row.name },
  { heading: 'W', align: 'right', expendable: 1, cell: (row) => row.power },
  { heading: 'note', align: 'left', expendable: 2, cell: (row) => row.note },
];
const ROW: Row = { name: 'qwen3-4b', power: '12.5', note: 'a note of some length' };

describe('textTable', () => {
  test('sets numbers flush right under their heading, text flush left', () => {
    const other = { name: 'x', power: '1', note: 'n' };
    expect(textTable([ROW, other], COLUMNS, 80)).toEqual([
      'name         W  note',
      'qwen3-4b  12.5  a note of some length',
      'x            1  n',
    ]);
  });

  test('drops the most expendable columns first where the screen is too narrow', () => {
    expect(textTable([ROW], COLUMNS, 36)[0]).toBe('name         W');
    expect(textTable([ROW], COLUMNS, 13)[0]).toBe('name');
  });

  test('then cuts the widest text, and never a number', () => {
    const columns = COLUMNS.map((column) => ({ ...column, expendable: 0 }));
    expect(textTable([ROW], columns, 25)).toEqual(['name         W  note', 'qwen3-4b  12.5  a note o…']);
  });

  test('measures wide characters as two columns', () => {
    const lines = textTable([{ ...ROW, name: 'モデル🚀' }, ROW], COLUMNS, 80);
    expect(lines[1]).toBe('モデル🚀  12.5  a note of some length');
    expect(lines[2]).toBe('qwen3-4b  12.5  a note of some length');
  });

  test('gives the headings alone where there are no rows', () => {
    expect(textTable([], COLUMNS, 80)).toEqual(['name  W  note']);
  });

  test('lets no cell move the cursor, recolour the screen or turn the text round', () => {
    const [, line] = textTable([{ ...ROW, name: 'a\u001b[31m\r\nb\u202ec\u009b' }], COLUMNS, 80);
    expect(line).toBe('a␛[31m␍␊b\ufffdc\ufffd  12.5  a note of some length');
  });

  test('is never wider than the screen while names may be cut', () => {
    const names = fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(names, fc.integer({ min: 20, max: 120 }), (list, width) => {
        const rows = list.map((name) => ({ name, power: '12.5', note: name }));
        for (const line of textTable(rows, COLUMNS, width))
          expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('safeText', () => {
  test('leaves printable text alone', () => {
    expect(safeText('é モデル 🚀 ±')).toBe('é モデル 🚀 ±');
  });

  test('leaves no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeText(text)).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
