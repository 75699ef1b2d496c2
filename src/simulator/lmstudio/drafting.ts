import type { Seconds } from '../../core/units.ts';
import type { LabModel } from './catalog.ts';
import type { Effort } from './effort.ts';
import { hash32 } from './tokens.ts';

/** Tokens that the small model proposes before each pass of the large one. */
const PROPOSED_TOK = 4;
/** Each of them is right so often, given that those before it were. */
const RIGHT_RATIO = 0.75;
/** A pass that checks several tokens at once against one that makes a single one. */
const CHECKING_RATIO = 1.08;
const HASH_RANGE = 2 ** 32;

/** When each token comes, counted from the first, and what was proposed up to it. */
export interface Course {
  /** By token; after the last of them once more, for the pass that says that there is none. */
  readonly offsets_s: readonly Seconds[];
  /** By token. */
  readonly draft_tok: readonly number[];
  readonly accepted_tok: readonly number[];
}

/** One pass, one token. */
export function plainCourse(count: number, { decodeTokPerS }: Effort): Course {
  const nothing = Array.from({ length: count }, () => 0);
  return {
    offsets_s: Array.from({ length: count + 1 }, (_, index) => index / decodeTokPerS),
    draft_tok: nothing,
    accepted_tok: nothing,
  };
}

/**
 * The small model proposes, one pass of the large one accepts a beginning of it and adds a token of its own: they come all
 * at once. How much is accepted follows from the text alone. Source: Leviathan et al. 2023, speculative decoding.
 */
export function draftedCourse(
  texts: readonly string[],
  effort: Effort,
  draft: Pick<LabModel, 'decodeTokPerS'>,
): Course {
  const pass_s = CHECKING_RATIO / effort.decodeTokPerS + PROPOSED_TOK / draft.decodeTokPerS;
  const offsets_s: number[] = [0];
  const draft_tok: number[] = [0];
  const accepted_tok: number[] = [0];
  let pass = 0;
  let accepted = 0;
  while (offsets_s.length < texts.length) {
    pass += 1;
    const from = offsets_s.length;
    const right = Math.min(rightOf(texts, from), texts.length - from);
    accepted += right;
    const come = Math.min(right + 1, texts.length - from);
    for (let token = 0; token < come; token++) {
      offsets_s.push(pass * pass_s);
      draft_tok.push(pass * PROPOSED_TOK);
      accepted_tok.push(accepted);
    }
  }
  return { offsets_s: [...offsets_s, (pass + 1) * pass_s], draft_tok, accepted_tok };
}

/** How many of the proposed tokens are right, from this one on. */
function rightOf(texts: readonly string[], from: number): number {
  for (let place = 0; place < PROPOSED_TOK; place++) {
    const text = texts[from + place] ?? '';
    if (hash32(`${from + place}:${text}`) / HASH_RANGE >= RIGHT_RATIO) return place;
  }
  return PROPOSED_TOK;
}
