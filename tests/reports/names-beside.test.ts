import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namesBeside } from '../../reports/names-beside.ts';

const point = (label: string, x: number, y: number) => ({ label, x, y });

describe('namesBeside', () => {
  test('a lone point among distant ones has its name above and to the right, at the right edge to the left', () => {
    const all = [point('a', 0, 10), point('b', 100, 1)];
    const placed = namesBeside({ named: all, all, width_px: 600, height_px: 300 });
    expect(placed.map(({ label, corner }) => [label, corner.side])).toEqual([
      ['a', 'right'],
      ['b', 'left'],
    ]);
  });

  test('of many at one place only as many are named as there is room for', () => {
    const all = [
      point('left', 0, 5),
      ...Array.from({ length: 20 }, (_, i) => point(`model-${i}`, 50, 5)),
      point('right', 100, 5),
    ];
    const placed = namesBeside({ named: all, all, width_px: 600, height_px: 300 });
    expect(placed.length).toBeLessThan(12);
    expect(placed.map(({ label }) => label)).toContain('left');
  });

  test('places each name once at most, also for odd figures', () => {
    const any = fc.record({
      label: fc.string(),
      x: fc.double({ noNaN: true }),
      y: fc.double({ noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 15 }), (all) => {
        const placed = namesBeside({ named: all, all, width_px: 300, height_px: 280 });
        expect(placed.length).toBeLessThanOrEqual(all.length);
      }),
    );
  });
});
