import type { MetadataValue, TensorLayout } from './container.ts';
import type { EncodingName } from './encodings.ts';
import { seededWeights } from './seeded-weights.ts';
import { CONTROL, UNSAID, type Vocabulary } from './vocabulary.ts';

export const VOCABULARY_SIZE = 1024;
const CONTEXT_LENGTH = 4096;

export type Quantization = Exclude<EncodingName, 'F32'>;

/** Source: llama.cpp, enum llama_ftype. */
const FILE_TYPES: Readonly<Record<Quantization, number>> = { F16: 1, Q4_0: 2, Q8_0: 7 };
const QUANTIZATION_VERSION = 2;

export interface Dimensions {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly inner: number;
}

/** 0.75, 10.8 and 72.4 million parameters. */
export const SIZES = {
  tiny: { width: 128, layers: 3, heads: 4, inner: 256 },
  small: { width: 256, layers: 12, heads: 4, inner: 768 },
  base: { width: 768, layers: 10, heads: 12, inner: 2048 },
} as const satisfies Record<string, Dimensions>;

export type SizeName = keyof typeof SIZES;

/** Plain words as marks of the roles: there are no control tokens for them. */
const CHAT_TEMPLATE =
  "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}";

/** Source of the keys: GGUF specification, general, llama and tokenizer.ggml. */
export function metadataOf(
  name: string,
  { width, layers, heads, inner }: Dimensions,
  { quantization, vocabulary }: { readonly quantization: Quantization; readonly vocabulary: Vocabulary },
): Record<string, MetadataValue> {
  const count = (value: number): MetadataValue => ({ type: 'uint32', value });
  return {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.name': { type: 'string', value: name },
    'general.file_type': count(FILE_TYPES[quantization]),
    'general.quantization_version': count(QUANTIZATION_VERSION),
    'llama.vocab_size': count(vocabulary.tokens.length),
    'llama.context_length': count(CONTEXT_LENGTH),
    'llama.embedding_length': count(width),
    'llama.block_count': count(layers),
    'llama.feed_forward_length': count(inner),
    'llama.attention.head_count': count(heads),
    'llama.attention.head_count_kv': count(heads),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'llama.rope.dimension_count': count(width / heads),
    'llama.rope.freq_base': { type: 'float32', value: 10_000 },
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.tokens': { type: 'strings', values: vocabulary.tokens },
    'tokenizer.ggml.scores': { type: 'float32s', values: vocabulary.scores },
    'tokenizer.ggml.token_type': { type: 'int32s', values: vocabulary.types },
    'tokenizer.ggml.unknown_token_id': count(CONTROL.unknown),
    'tokenizer.ggml.bos_token_id': count(CONTROL.begin),
    'tokenizer.ggml.eos_token_id': count(CONTROL.end),
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: true },
    'tokenizer.ggml.add_space_prefix': { type: 'bool', value: true },
    'tokenizer.chat_template': { type: 'string', value: CHAT_TEMPLATE },
  };
}

/** A tensor and the way to its numbers. */
export interface Tensor extends TensorLayout {
  readonly weights: (seed: number) => Float32Array;
}

/**
 * The tensors of a llama model that cannot say an end token. Channel 0 of the residual stream is a constant above zero:
 * every embedding begins with it, and no layer adds to it, since the first rows of what writes to the stream are zero. The
 * output rows of the tokens that are never to be said are that channel alone, far below zero: their score is −1016 times a
 * number above zero, whatever the prompt, beside scores of a few units.
 */
export function tensorsOf(
  { width, layers, inner }: Dimensions,
  { encoding, tokens }: { readonly encoding: EncodingName; readonly tokens: number },
): Tensor[] {
  const matrix = (name: string, from: number, to: number, shape: Shape = {}): Tensor => ({
    name,
    shape: [from, to],
    encoding,
    weights: (seed) => matrixWeights({ name, from, to, seed, shape }),
  });
  const norm = (name: string): Tensor => ({
    name,
    shape: [width],
    encoding: 'F32',
    weights: () => new Float32Array(width).fill(1),
  });
  // Residual branches add up over the layers: each is made smaller by their number.
  const writesToStream = { gain: 1 / Math.sqrt(2 * layers), adjust: withoutFirstRow };
  const blocks = Array.from({ length: layers }, (_none, layer) => `blk.${layer}`).flatMap((block) => [
    norm(`${block}.attn_norm.weight`),
    matrix(`${block}.attn_q.weight`, width, width),
    matrix(`${block}.attn_k.weight`, width, width),
    matrix(`${block}.attn_v.weight`, width, width),
    matrix(`${block}.attn_output.weight`, width, width, writesToStream),
    norm(`${block}.ffn_norm.weight`),
    matrix(`${block}.ffn_gate.weight`, width, inner),
    matrix(`${block}.ffn_up.weight`, width, inner),
    matrix(`${block}.ffn_down.weight`, inner, width, writesToStream),
  ]);
  return [
    matrix('token_embd.weight', width, tokens, { gain: Math.sqrt(width), adjust: withConstant }),
    ...blocks,
    norm('output_norm.weight'),
    matrix('output.weight', width, tokens, { gain: OUTPUT_GAIN, adjust: withUnsaid }),
  ];
}

/** Scores of the tokens that may be said spread so far: neither one answer for ever nor noise. */
const OUTPUT_GAIN = 3;
/** Multiples of 127 · 2^n, and the widest of their blocks, since no seeded weight of theirs is beyond 3.46: exact in every encoding. */
const STREAM_CONSTANT = 127 / 32;
const UNSAID_WEIGHT = -1016;

interface Shape {
  /** Times the spread that keeps a unit input at unit size. */
  readonly gain?: number;
  readonly adjust?: (weights: Float32Array, rowLength: number) => void;
}

interface MatrixOrder {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly seed: number;
  readonly shape: Shape;
}

function matrixWeights({ from, name, seed, shape, to }: MatrixOrder): Float32Array {
  const weights = seededWeights(from * to, { name, seed, spread: (shape.gain ?? 1) / Math.sqrt(from) });
  shape.adjust?.(weights, from);
  return weights;
}

function withoutFirstRow(weights: Float32Array, rowLength: number): void {
  weights.fill(0, 0, rowLength);
}

function withConstant(weights: Float32Array, rowLength: number): void {
  for (let at = 0; at < weights.length; at += rowLength) weights[at] = STREAM_CONSTANT;
}

function withUnsaid(weights: Float32Array, rowLength: number): void {
  weights.fill(0, 0, UNSAID * rowLength);
  for (let at = 0; at < weights.length; at += rowLength)
    weights[at] = at < UNSAID * rowLength ? UNSAID_WEIGHT : 0;
}
