import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { headerOf, padding_B } from './container.ts';
import { ENCODINGS } from './encodings.ts';
import { metadataOf, type Quantization, SIZES, type SizeName, tensorsOf, VOCABULARY_SIZE } from './llama.ts';
import { learnVocabulary } from './vocabulary.ts';

export interface ModelSpec {
  readonly size: SizeName;
  readonly quantization: Quantization;
  readonly seed: number;
}

/** `small-Q8_0`. */
export function modelName({ quantization, size }: Pick<ModelSpec, 'quantization' | 'size'>): string {
  return `${size}-${quantization}`;
}

/**
 * The bytes of a GGUF file, tensor by tensor: a whole model never lies in memory. The same words and spec give the same
 * bytes; all quantizations of one size and seed are of the same weights.
 */
export function* ggufBytes(
  words: readonly string[],
  { quantization, seed, size }: ModelSpec,
): Generator<Uint8Array> {
  const vocabulary = learnVocabulary(words, VOCABULARY_SIZE);
  const tensors = tensorsOf(SIZES[size], { encoding: quantization, tokens: vocabulary.tokens.length });
  const name = `lmpower test model ${modelName({ quantization, size })}, seed ${seed}`;
  yield headerOf(metadataOf(name, SIZES[size], { quantization, vocabulary }), tensors);
  for (const tensor of tensors) {
    const bytes = ENCODINGS[tensor.encoding].encode(tensor.weights(seed));
    yield bytes;
    yield new Uint8Array(padding_B(bytes.length));
  }
}

/** Writes the model beside its place first, so that nobody ever opens half of one. */
export async function writeModel(path: string, words: readonly string[], spec: ModelSpec): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.part`;
  try {
    const file = await open(draft, 'w');
    try {
      for (const bytes of ggufBytes(words, spec)) await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
