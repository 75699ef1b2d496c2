import { createHash } from 'node:crypto';

/** The same items in an order that follows from the seed alone, on every machine: sorted by SHA-256 of seed and place. */
export function shuffled<T>(items: readonly T[], seed: string): T[] {
  return items
    .map((item, place) => ({ item, key: createHash('sha256').update(`${seed} ${place}`).digest('hex') }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}
