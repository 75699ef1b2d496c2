/** A reader of GGUF files for tests, from the format's specification and without the writer's code. */
export interface ReadTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  /** From the beginning of the file. */
  readonly start_B: number;
}

export interface ReadGguf {
  readonly magic: string;
  readonly version: number;
  readonly metadata: ReadonlyMap<string, unknown>;
  readonly tensors: readonly ReadTensor[];
}

/** Source: GGUF specification: types of values and of arrays. */
export function readGguf(bytes: Uint8Array): ReadGguf {
  const reader = createReader(bytes);
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  reader.skip(4);
  const version = reader.uint32();
  const tensorCount = reader.uint64();
  const entryCount = reader.uint64();
  const metadata = new Map<string, unknown>();
  for (let entry = 0; entry < entryCount; entry += 1)
    metadata.set(reader.text(), reader.value(reader.uint32()));
  const infos = Array.from({ length: tensorCount }, () => {
    const name = reader.text();
    const shape = Array.from({ length: reader.uint32() }, () => reader.uint64());
    return { name, shape, type: reader.uint32(), offset_B: reader.uint64() };
  });
  const base_B = Math.ceil(reader.place() / 32) * 32;
  const tensors = infos.map(({ offset_B, ...info }) => ({ ...info, start_B: base_B + offset_B }));
  return { magic, version, metadata, tensors };
}

interface Reader {
  place(): number;
  skip(length_B: number): void;
  uint32(): number;
  uint64(): number;
  text(): string;
  value(type: number): unknown;
}

function createReader(bytes: Uint8Array): Reader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const step = (length_B: number): number => {
    at += length_B;
    return at - length_B;
  };
  const reader: Reader = {
    place: () => at,
    skip: (length_B) => {
      step(length_B);
    },
    uint32: () => view.getUint32(step(4), true),
    uint64: () => Number(view.getBigUint64(step(8), true)),
    text: () => {
      const length_B = reader.uint64();
      const from = step(length_B);
      return Buffer.from(bytes.subarray(from, from + length_B)).toString('utf8');
    },
    value: (type) => {
      if (type === 4) return reader.uint32();
      if (type === 5) return view.getInt32(step(4), true);
      if (type === 6) return view.getFloat32(step(4), true);
      if (type === 7) return view.getUint8(step(1)) === 1;
      if (type === 8) return reader.text();
      if (type !== 9) throw new Error(`no type ${type}`);
      const item = reader.uint32();
      return Array.from({ length: reader.uint64() }, () => reader.value(item));
    },
  };
  return reader;
}

/** Source: IEEE 754-2019, binary16. */
export function halfValue(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Numbers of `count` values from a place on. Source: layouts of ggml's F32, F16, Q4_0 and Q8_0. */
export function readValues(
  bytes: Uint8Array,
  from: { type: number; start_B: number; count: number },
): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start_B, type } = from;
  const half = (at: number): number => halfValue(view.getUint16(at, true));
  return Array.from({ length: count }, (_none, index) => {
    const block = Math.floor(index / 32);
    const inBlock = index % 32;
    if (type === 0) return view.getFloat32(start_B + 4 * index, true);
    if (type === 1) return half(start_B + 2 * index);
    if (type === 8) {
      const at = start_B + 34 * block;
      return half(at) * view.getInt8(at + 2 + inBlock);
    }
    if (type !== 2) throw new Error(`no type ${type}`);
    const at = start_B + 18 * block;
    const pair = view.getUint8(at + 2 + (inBlock % 16));
    return half(at) * ((inBlock < 16 ? pair & 0xf : pair >> 4) - 8);
  });
}
