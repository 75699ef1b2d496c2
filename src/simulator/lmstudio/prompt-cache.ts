/** Blocks at least this long are reused wherever they stand. Source: LM Studio 0.3.18 log, 'size >= 256 to reuse'. */
const BLOCK_TOK = 256;
/** A slot is kept for a prompt that shares this part with it. Source: llama.cpp, --slot-prompt-similarity. */
const SIMILAR_RATIO = 0.1;

/** Tokens that both sequences share from these places on; from their starts unless told. */
export function shared_tok(a: readonly number[], b: readonly number[], fromA = 0, fromB = 0): number {
  const end = Math.min(a.length - fromA, b.length - fromB);
  let count = 0;
  while (count < end && a[fromA + count] === b[fromB + count]) count++;
  return count;
}

/**
 * Prompt tokens that need no work: the shared start, and every later block of 256 and more that the cache holds,
 * wherever it stood there. At most all but one: the last token is always processed, for its logits.
 */
export function reusable_tok(cached: readonly number[], prompt: readonly number[]): number {
  const prefix_tok = shared_tok(cached, prompt);
  const found_tok = prefix_tok + blocks_tok(cached, prompt, prefix_tok);
  return Math.max(0, Math.min(found_tok, prompt.length - 1));
}

function blocks_tok(cached: readonly number[], prompt: readonly number[], from: number): number {
  if (cached.length < BLOCK_TOK) return 0;
  const places = placesByToken(cached);
  let found_tok = 0;
  for (let at = from; at + BLOCK_TOK <= prompt.length; ) {
    const candidates = places.get(prompt[at] ?? -1) ?? [];
    const longest = candidates.reduce(
      (most, place) => Math.max(most, shared_tok(cached, prompt, place, at)),
      0,
    );
    if (longest >= BLOCK_TOK) found_tok += longest;
    at += longest >= BLOCK_TOK ? longest : 1;
  }
  return found_tok;
}

function placesByToken(tokens: readonly number[]): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [place, token] of tokens.entries()) {
    const known = places.get(token);
    if (known === undefined) places.set(token, [place]);
    else known.push(place);
  }
  return places;
}

interface Slot {
  tokens: readonly number[];
  busy: boolean;
  lastUse: number;
}

/** A taken slot: `cached_tok` of the prompt are there already; `release` leaves what was processed and said. */
export interface TakenSlot {
  readonly cached_tok: number;
  release(tokens: readonly number[]): void;
}

/** One sequence of tokens per parallel session of an instance. */
export class PromptCache {
  private readonly slots: Slot[];
  private uses = 0;

  constructor(parallel: number) {
    this.slots = Array.from({ length: parallel }, () => ({ tokens: [], busy: false, lastUse: 0 }));
  }

  /** Null: every slot is at work. */
  take(prompt: readonly number[]): TakenSlot | null {
    const free = this.slots.filter((slot) => !slot.busy);
    const slot = mostSimilar(free, prompt) ?? free.toSorted((a, b) => a.lastUse - b.lastUse)[0];
    if (slot === undefined) return null;
    const cached_tok = reusable_tok(slot.tokens, prompt);
    slot.busy = true;
    return {
      cached_tok,
      release: (tokens) => {
        slot.busy = false;
        slot.tokens = tokens;
        slot.lastUse = ++this.uses;
      },
    };
  }
}

function mostSimilar(slots: readonly Slot[], prompt: readonly number[]): Slot | undefined {
  const ranked = slots
    .map((slot) => ({ slot, shared: shared_tok(slot.tokens, prompt) }))
    .filter(({ shared }) => shared > prompt.length * SIMILAR_RATIO)
    .toSorted((a, b) => b.shared - a.shared);
  return ranked[0]?.slot;
}
