import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, headerOf, type MetadataValue, padding_B } from '../../../scripts/gguf/container.ts';
import { readGguf } from '../../support/gguf-reader.ts';

const METADATA: Record<string, MetadataValue> = {
  'general.architecture': { type: 'string', value: 'llama' },
  count: { type: 'uint32', value: 4_294_967_295 },
  epsilon: { type: 'float32', value: 0.5 },
  flag: { type: 'bool', value: true },
  tokens: { type: 'strings', values: ['<s>', '▁apple', ''] },
  types: { type: 'int32s', values: [3, -1] },
  scores: { type: 'float32s', values: [0, -1.25] },
};
const TENSORS = [
  { name: 'a', shape: [32, 3], encoding: 'Q4_0' },
  { name: 'b', shape: [5], encoding: 'F32' },
  { name: 'c', shape: [64, 2], encoding: 'Q8_0' },
] as const;

describe('headerOf', () => {
  const header = headerOf(METADATA, TENSORS);
  const read = readGguf(header);

  test('begins with the magic and version 3', () => {
    expect([...header.slice(0, 8)]).toEqual([0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0]);
  });

  test('holds every value, as a reader of the specification reads it', () => {
    const values = Object.values(METADATA).map((entry) => ('values' in entry ? entry.values : entry.value));
    expect([...read.metadata.keys()]).toEqual(Object.keys(METADATA));
    expect([...read.metadata.values()]).toEqual(values);
  });

  test('places the tensors behind one another, each on a multiple of 32 bytes', () => {
    expect(read.tensors.map(({ name, shape, type }) => ({ name, shape, type }))).toEqual([
      { name: 'a', shape: [32, 3], type: 2 },
      { name: 'b', shape: [5], type: 0 },
      { name: 'c', shape: [64, 2], type: 8 },
    ]);
    expect(read.tensors.map(({ start_B }) => start_B - header.length)).toEqual([0, 64, 96]);
    expect(TENSORS.map(bytesOf)).toEqual([54, 20, 136]);
    expect(header.length % 32).toBe(0);
  });

  test('padding reaches the next multiple of 32 and never passes it', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 9), (length_B) => {
        const padding = padding_B(length_B);
        expect((length_B + padding) % 32).toBe(0);
        expect(padding).toBeLessThan(32);
      }),
    );
  });
});
