import { expect, test } from 'vitest';
import { withPackedRows } from '../../src/rendering/packed-rows.ts';

test('rows of the same columns are packed, in their order', () => {
  const spec = {
    data: [
      {
        name: 'a',
        values: [
          { x: 1, y: null },
          { x: 2, y: 'z' },
        ],
      },
    ],
    marks: [],
  };
  expect(withPackedRows(spec)).toEqual({
    data: [
      {
        name: 'a',
        packed: {
          columns: ['x', 'y'],
          cells: [
            [1, null],
            [2, 'z'],
          ],
        },
      },
    ],
    marks: [],
  });
});

test('what is no such table stays as it is', () => {
  const data = [
    { name: 'derived', source: 'a' },
    { name: 'one row', values: [{ x: 1 }] },
    { name: 'unlike', values: [{ x: 1 }, { x: 1, y: 2 }] },
    { name: 'plain', values: [1, 2, 3] },
  ];
  expect(withPackedRows({ data })).toEqual({ data });
  expect(withPackedRows({ marks: [] })).toEqual({ marks: [] });
});
