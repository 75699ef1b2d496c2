import { endianness } from 'node:os';

export const FLOAT_B = Float64Array.BYTES_PER_ELEMENT;
const SWAPPED = endianness() === 'BE';

/** Columns of equal length, one after the other, as little-endian bytes; every bit of every double is kept. */
export function bytesOf(columns: readonly Float64Array[]): Buffer {
  const parts = columns.map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength));
  const bytes = Buffer.concat(parts);
  return SWAPPED ? bytes.swap64() : bytes;
}

/** Copies column `index` of `count` numbers from `bytes` to `target`, from place `at` on. */
export function copyColumn(
  bytes: Uint8Array,
  column: { readonly index: number; readonly count: number },
  { target, at }: { readonly target: Float64Array; readonly at: number },
): void {
  const length_B = column.count * FLOAT_B;
  const from = bytes.subarray(column.index * length_B, (column.index + 1) * length_B);
  const into = Buffer.from(target.buffer, target.byteOffset + at * FLOAT_B, length_B);
  into.set(from);
  if (SWAPPED) into.swap64();
}
