import { halfBits } from './half.ts';

/** How a tensor's numbers are written. */
export type EncodingName = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

export interface Encoding {
  /** Number of the type in a tensor's header. */
  readonly type: number;
  /** Numbers of one block. A row is a whole number of blocks. */
  readonly length: number;
  readonly block_B: number;
  /** Whole blocks → their bytes. */
  readonly encode: (values: Float32Array) => Uint8Array;
}

/** Source of types and layouts: the GGUF specification, ggml_type; block layouts of ggml's Q8_0 and Q4_0. */
export const ENCODINGS: Readonly<Record<EncodingName, Encoding>> = {
  F32: { type: 0, length: 1, block_B: 4, encode: encodeF32 },
  F16: { type: 1, length: 1, block_B: 2, encode: encodeF16 },
  Q4_0: { type: 2, length: 32, block_B: 18, encode: encodeQ4 },
  Q8_0: { type: 8, length: 32, block_B: 34, encode: encodeQ8 },
};

function encodeF32(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  return bytes;
}

function encodeF16(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  for (let index = 0; index < values.length; index += 1) writeHalf(bytes, index * 2, values[index] ?? 0);
  return bytes;
}

/** Block of 32: the step `max |x| / 127` as a half, then 32 signed bytes. */
function encodeQ8(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array((values.length / 32) * 34);
  for (let from = 0, at = 0; from < values.length; from += 32, at += 34) {
    const step = Math.abs(widestOf(values, from)) / 127;
    const perStep = step === 0 ? 0 : 1 / step;
    writeHalf(bytes, at, step);
    for (let index = 0; index < 32; index += 1)
      bytes[at + 2 + index] = Math.round((values[from + index] ?? 0) * perStep);
  }
  return bytes;
}

/**
 * Block of 32: the step `x / −8` of the x furthest from zero as a half, so that x itself is exact; then 16 bytes, the
 * first half of the block in their low four bits and the second half in their high four, as steps above −8.
 */
function encodeQ4(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array((values.length / 32) * 18);
  for (let from = 0, at = 0; from < values.length; from += 32, at += 18) {
    const step = widestOf(values, from) / -8;
    const perStep = step === 0 ? 0 : 1 / step;
    const stepsOf = (index: number): number =>
      Math.min(15, Math.trunc((values[from + index] ?? 0) * perStep + 8.5));
    writeHalf(bytes, at, step);
    for (let index = 0; index < 16; index += 1)
      bytes[at + 2 + index] = stepsOf(index) | (stepsOf(index + 16) << 4);
  }
  return bytes;
}

/** The number furthest from zero of the block that begins at `from`, with its sign. */
function widestOf(values: Float32Array, from: number): number {
  let widest = 0;
  for (let index = from; index < from + 32; index += 1) {
    const value = values[index] ?? 0;
    if (Math.abs(value) > Math.abs(widest)) widest = value;
  }
  return widest;
}

function writeHalf(bytes: Uint8Array, at: number, value: number): void {
  const bits = halfBits(value);
  bytes[at] = bits & 0xff;
  bytes[at + 1] = bits >>> 8;
}
