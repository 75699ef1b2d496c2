import { ENCODINGS, type EncodingName } from './encodings.ts';

/** One value of a GGUF header. Arrays are of one type. */
export type MetadataValue =
  | { readonly type: 'uint32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly values: readonly string[] }
  | { readonly type: 'int32s' | 'float32s'; readonly values: readonly number[] };

/** `shape`: length of a row first. */
export interface TensorLayout {
  readonly name: string;
  readonly shape: readonly number[];
  readonly encoding: EncodingName;
}

/** Source: GGUF specification, version 3, gguf_metadata_value_type. */
const TYPES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const VERSION = 3;
/** What `general.alignment` is where a file does not name it. */
const ALIGNMENT_B = 32;

/**
 * All of a GGUF file that comes before the first tensor's numbers, padded; the tensors follow in the order given, each
 * padded by `padding_B`. Little-endian. Source: GGUF specification, version 3, file structure.
 */
export function headerOf(
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: readonly TensorLayout[],
): Uint8Array {
  const entries = Object.entries(metadata);
  let offset_B = 0;
  const infos = tensors.flatMap(({ encoding, name, shape }) => {
    const info = [
      stringBytes(name),
      uint32(shape.length),
      ...shape.map(uint64),
      uint32(ENCODINGS[encoding].type),
      uint64(offset_B),
    ];
    offset_B += padded_B(bytesOf({ encoding, name, shape }));
    return info;
  });
  const header = Buffer.concat([
    Buffer.from('GGUF', 'latin1'),
    uint32(VERSION),
    uint64(tensors.length),
    uint64(entries.length),
    ...entries.flatMap(([key, value]) => [stringBytes(key), ...valueBytes(value)]),
    ...infos,
  ]);
  return Buffer.concat([header, Buffer.alloc(padding_B(header.length))]);
}

/** Size of a tensor's numbers. */
export function bytesOf({ encoding, shape }: TensorLayout): number {
  const { block_B, length } = ENCODINGS[encoding];
  return (shape.reduce((product, side) => product * side, 1) / length) * block_B;
}

/** Zeros that bring a length to the next aligned one. */
export function padding_B(length_B: number): number {
  return padded_B(length_B) - length_B;
}

function padded_B(length_B: number): number {
  return Math.ceil(length_B / ALIGNMENT_B) * ALIGNMENT_B;
}

function valueBytes(value: MetadataValue): Buffer[] {
  switch (value.type) {
    case 'uint32':
      return [uint32(TYPES.uint32), uint32(value.value)];
    case 'float32':
      return [uint32(TYPES.float32), float32(value.value)];
    case 'bool':
      return [uint32(TYPES.bool), Buffer.from([value.value ? 1 : 0])];
    case 'string':
      return [uint32(TYPES.string), stringBytes(value.value)];
    case 'strings':
      return arrayBytes(TYPES.string, value.values.map(stringBytes));
    case 'int32s':
      return arrayBytes(TYPES.int32, value.values.map(int32));
    case 'float32s':
      return arrayBytes(TYPES.float32, value.values.map(float32));
  }
}

function arrayBytes(type: number, items: readonly Buffer[]): Buffer[] {
  return [uint32(TYPES.array), uint32(type), uint64(items.length), ...items];
}

function stringBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
