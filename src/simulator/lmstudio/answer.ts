import { hash32 } from './tokens.ts';

export type LabStopReason =
  | 'eosFound'
  | 'stopStringFound'
  | 'maxPredictedTokensReached'
  | 'contextLengthReached'
  | 'userStopped'
  | 'modelUnloaded'
  | 'failed';

export interface AnswerToken {
  readonly text: string;
  readonly sort: 'reasoning' | 'content';
}

/** What will be said, known beforehand because the same prompt always gets the same answer. */
export interface Answer {
  readonly tokens: readonly AnswerToken[];
  readonly stopReason: LabStopReason;
  readonly stopString: string | null;
}

export interface AnswerLimits {
  /** Null: until the model ends by itself. */
  readonly maxOutput_tok: number | null;
  readonly stopStrings: readonly string[];
  /** Room for output that the context leaves. */
  readonly room_tok: number;
}

export interface AnswerLength {
  readonly answer_tok: number;
  readonly reasoning_tok: number;
}

const SENTENCE_TOK = 9;
const LEAST_ANSWER_TOK = 48;
const ANSWER_SPREAD_TOK = 145;

const WORDS = (
  'energy light water stone river garden engine signal table window paper morning summer winter planet market ' +
  'letter number circle figure travel answer reason system method result measure balance current pattern ' +
  'simple careful quiet steady narrow bright common useful early warm cold small large open clear even ' +
  'moves keeps turns holds shows makes gives takes grows falls carries follows'
).split(' ');

/** 48 to 192 tokens, by the prompt's text alone. */
export function answerLengthOf(prompt: string): number {
  return LEAST_ANSWER_TOK + (hash32(prompt) % ANSWER_SPREAD_TOK);
}

export function planAnswer(prompt: string, length: AnswerLength, limits: AnswerLimits): Answer {
  const seed = hash32(prompt);
  const limit_tok = Math.max(0, Math.min(limits.maxOutput_tok ?? Number.POSITIVE_INFINITY, limits.room_tok));
  const count = Math.min(length.answer_tok, limit_tok);
  const tokens = Array.from({ length: count }, (_, index): AnswerToken => {
    if (index < length.reasoning_tok) return { text: wordAt(seed + 1, index), sort: 'reasoning' };
    return { text: wordAt(seed, index - length.reasoning_tok), sort: 'content' };
  });
  const cut = cutAtStop(tokens, limits.stopStrings);
  if (cut !== null) return cut;
  return { tokens, stopReason: stopReasonAt(count, length.answer_tok, limits), stopString: null };
}

function stopReasonAt(count: number, answer_tok: number, limits: AnswerLimits): LabStopReason {
  if (count === limits.maxOutput_tok) return 'maxPredictedTokensReached';
  return count < answer_tok ? 'contextLengthReached' : 'eosFound';
}

/** One token: a sentence is eight words and a full stop. */
function wordAt(seed: number, index: number): string {
  const place = index % SENTENCE_TOK;
  if (place === SENTENCE_TOK - 1) return '.';
  const word = WORDS[hash32(`${seed}:${index}`) % WORDS.length] ?? 'energy';
  if (place > 0) return ` ${word}`;
  const opening = word.charAt(0).toUpperCase() + word.slice(1);
  return index === 0 ? opening : ` ${opening}`;
}

/** The engine stops with the token that completes a stop string; what had been said of it is kept back. */
function cutAtStop(tokens: readonly AnswerToken[], stopStrings: readonly string[]): Answer | null {
  const wanted = stopStrings.filter((stop) => stop !== '');
  if (wanted.length === 0) return null;
  let said = '';
  for (const [index, token] of tokens.entries()) {
    if (token.sort === 'reasoning') continue;
    said += token.text;
    const found = wanted.find((stop) => said.includes(stop));
    if (found !== undefined) {
      return { tokens: tokens.slice(0, index), stopReason: 'stopStringFound', stopString: found };
    }
  }
  return null;
}
