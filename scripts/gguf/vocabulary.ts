/** What a token is. Source: GGUF specification, tokenizer.ggml.token_type. */
const TOKEN_TYPES = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

/** SentencePiece writes a space so. */
const SPACE = '\u2581';
const PRINTABLE_ASCII = Array.from({ length: 0x7f - 0x21 }, (_none, index) =>
  String.fromCharCode(0x21 + index),
);
const BYTES = Array.from(
  { length: 256 },
  (_none, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);

/** Parallel lists, one entry a token. The first are never to be said: `UNSAID`. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly scores: readonly number[];
  readonly types: readonly number[];
}

export const CONTROL = { unknown: 0, begin: 1, end: 2 } as const;
/** `<unk>`, `<s>`, `</s>` and the bytes: a model that never says them never ends early and always writes text. */
export const UNSAID = 3 + BYTES.length;

/**
 * A SentencePiece vocabulary of that many tokens, learnt by merging the commonest pair of pieces again and again. `words`:
 * commonest first; the weight of a word falls with its rank, as in prose. The same words give the same vocabulary.
 * Source: Sennrich et al. 2016, byte-pair encoding; Zipf's law.
 */
export function learnVocabulary(words: readonly string[], size: number): Vocabulary {
  const letters = [SPACE, ...PRINTABLE_ASCII];
  const pieces = learnPieces(words, size - UNSAID - letters.length);
  const said = [...pieces, ...letters];
  const count = UNSAID + said.length;
  if (count !== size) throw new RangeError(`${words.length} words give ${count} tokens, not ${size}`);
  return {
    tokens: ['<unk>', '<s>', '</s>', ...BYTES, ...said],
    // The tokenizer joins the pair of the highest score first: the order of learning.
    scores: [...Array.from({ length: UNSAID }, () => 0), ...said.map((_piece, rank) => -rank)],
    types: [
      TOKEN_TYPES.unknown,
      TOKEN_TYPES.control,
      TOKEN_TYPES.control,
      ...BYTES.map(() => TOKEN_TYPES.byte),
      ...said.map(() => TOKEN_TYPES.normal),
    ],
  };
}

interface Spelling {
  readonly weight: number;
  readonly pieces: readonly string[];
}

function learnPieces(words: readonly string[], most: number): string[] {
  let spellings: Spelling[] = words.map((word, rank) => ({
    weight: Math.ceil(words.length / (rank + 1)),
    pieces: [SPACE, ...word],
  }));
  const learnt: string[] = [];
  while (learnt.length < most) {
    const pair = commonestPair(spellings);
    if (pair === null) break;
    learnt.push(pair.join(''));
    spellings = spellings.map(({ pieces, weight }) => ({ weight, pieces: joined(pieces, pair) }));
  }
  return learnt;
}

type Pair = readonly [string, string];

/** Of equally common ones the first by code units, so that the order never depends on the machine. */
function commonestPair(spellings: readonly Spelling[]): Pair | null {
  const counts = new Map<string, { readonly pair: Pair; count: number }>();
  for (const { pieces, weight } of spellings) {
    for (const [index, left] of pieces.entries()) {
      const right = pieces[index + 1];
      if (right === undefined) continue;
      const key = `${left} ${right}`;
      const known = counts.get(key) ?? { pair: [left, right] as const, count: 0 };
      known.count += weight;
      counts.set(key, known);
    }
  }
  let best: { readonly key: string; readonly pair: Pair; readonly count: number } | null = null;
  for (const [key, { count, pair }] of counts) {
    if (best === null || count > best.count || (count === best.count && key < best.key))
      best = { key, pair, count };
  }
  return best?.pair ?? null;
}

function joined(pieces: readonly string[], [left, right]: Pair): string[] {
  const result: string[] = [];
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index] ?? '';
    if (piece === left && pieces[index + 1] === right) {
      result.push(left + right);
      index += 1;
    } else result.push(piece);
  }
  return result;
}
