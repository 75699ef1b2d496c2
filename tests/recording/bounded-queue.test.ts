import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedQueue } from '../../src/recording/bounded-queue.ts';

test('between two drains a queue equals the tail of an array and counts the rest', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.array(fc.nat(), { maxLength: 30 })),
      (capacity, pushes) => {
        const queue = new BoundedQueue<number>(capacity);
        for (const pushed of pushes) {
          for (const each of pushed) queue.push(each);
          const items = pushed.slice(-capacity);
          expect(queue.drain()).toEqual({ items, dropped: pushed.length - items.length });
        }
      },
    ),
  );
});
