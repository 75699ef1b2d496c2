import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { SIZES, type SizeName, tensorsOf } from '../../../scripts/gguf/llama.ts';
import { ggufBytes, type ModelSpec, modelName, writeModel } from '../../../scripts/gguf/model-file.ts';
import { UNSAID } from '../../../scripts/gguf/vocabulary.ts';
import { readWords } from '../../../scripts/gguf/words.ts';
import { type ReadGguf, readGguf, readValues } from '../../support/gguf-reader.ts';

const QUANTIZATIONS = ['F16', 'Q8_0', 'Q4_0'] as const;
const TINY: ModelSpec = { size: 'tiny', quantization: 'Q8_0', seed: 1 };

let words: readonly string[] = [];
beforeAll(async () => {
  words = await readWords();
});

function sha256(spec: ModelSpec): string {
  const hash = createHash('sha256');
  for (const bytes of ggufBytes(words, spec)) hash.update(bytes);
  return hash.digest('hex');
}

describe('ggufBytes', () => {
  test.each(QUANTIZATIONS)(
    'gives the same bytes for the same seed in %s, and others for another',
    (quantization) => {
      const first = sha256({ ...TINY, quantization });
      expect(sha256({ ...TINY, quantization })).toBe(first);
      expect(sha256({ ...TINY, quantization, seed: 2 })).not.toBe(first);
    },
  );

  test('gives these bytes on every machine and in every version of Node', () => {
    expect(sha256({ ...TINY, quantization: 'Q4_0' })).toBe(
      'c48f6492e097f8f88de0fbdb0dfb3901e7f7c7549702ed832e70860fd30c6f32',
    );
  });

  test.each<[SizeName, number]>([
    ['tiny', 0.75],
    ['small', 10.8],
    ['base', 72.4],
  ])('%s has %d million parameters', (size, millions) => {
    const tensors = tensorsOf(SIZES[size], { encoding: 'F16', tokens: 1024 });
    const params = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(Math.abs(params / 1e6 - millions)).toBeLessThan(0.05);
  });
});

describe.each(QUANTIZATIONS)('a tiny model in %s', (quantization) => {
  let bytes: Uint8Array = new Uint8Array();
  let file: ReadGguf = { magic: '', version: 0, metadata: new Map(), tensors: [] };
  beforeAll(() => {
    bytes = Buffer.concat([...ggufBytes(words, { ...TINY, quantization })]);
    file = readGguf(bytes);
  });

  const rows = (name: string): number[][] => {
    const tensor = file.tensors.find((one) => one.name === name);
    if (tensor === undefined) throw new Error(`no tensor ${name}`);
    const [length = 0, count = 1] = tensor.shape;
    const values = readValues(bytes, { ...tensor, count: length * count });
    return Array.from({ length: count }, (_none, row) => values.slice(row * length, (row + 1) * length));
  };

  test('is a llama of this vocabulary with a chat template', () => {
    expect(file.metadata.get('general.architecture')).toBe('llama');
    expect(file.metadata.get('tokenizer.ggml.model')).toBe('llama');
    expect(file.metadata.get('tokenizer.ggml.tokens')).toHaveLength(1024);
    expect(file.metadata.get('tokenizer.chat_template')).toContain('add_generation_prompt');
    expect(file.metadata.get('llama.block_count')).toBe(3);
  });

  test('ends where its last tensor does', () => {
    const last = file.tensors.at(-1);
    expect(last).toMatchObject({ name: 'output.weight', shape: [128, 1024] });
    const perNumber_B = { F16: 2, Q8_0: 34 / 32, Q4_0: 18 / 32 }[quantization];
    expect(bytes.length).toBe((last?.start_B ?? 0) + 128 * 1024 * perNumber_B);
  });

  test('cannot say a control token or a byte: their scores are −1016 times what is always above zero', () => {
    for (const [token, row] of rows('output.weight').entries()) {
      // Plus zero: a block of zeros has a step of −0.
      expect((row[0] ?? Number.NaN) + 0).toBe(token < UNSAID ? -1016 : 0);
      if (token < UNSAID) expect(row.slice(1).every((weight) => weight === 0)).toBe(true);
    }
    for (const row of rows('token_embd.weight')) expect(row[0]).toBe(127 / 32);
    for (const layer of [0, 1, 2]) {
      for (const name of ['attn_output', 'ffn_down'])
        expect(rows(`blk.${layer}.${name}.weight`)[0]?.every((weight) => weight === 0)).toBe(true);
    }
    expect(rows('output_norm.weight')[0]?.every((weight) => weight === 1)).toBe(true);
  });

  test('is of the same weights as the other quantizations', () => {
    const exact = tensorsOf(SIZES.tiny, { encoding: 'F32', tokens: 1024 });
    const name = 'blk.1.ffn_up.weight';
    const weights = exact.find((tensor) => tensor.name === name)?.weights(TINY.seed) ?? new Float32Array();
    const stored = rows(name).flat();
    const error = Math.hypot(...stored.map((value, index) => value - (weights[index] ?? Number.NaN)));
    const size = Math.hypot(...weights);
    // An unseeded or otherwise ordered tensor would be off by 1.4 times its size.
    expect(error / size).toBeLessThan({ F16: 0.001, Q8_0: 0.01, Q4_0: 0.15 }[quantization]);
  });
});

describe('writeModel', () => {
  test('writes those bytes and leaves no draft behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lmpower-test-'));
    try {
      const path = join(folder, 'models', `${modelName(TINY)}.gguf`);
      await writeModel(path, words, TINY);
      const written = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      expect(written).toBe(sha256(TINY));
      expect(await readdir(join(folder, 'models'))).toEqual(['tiny-Q8_0.gguf']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
