import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerLimits } from '../../../src/simulator/lmstudio/answer.ts';
import { answerLengthOf, planAnswer } from '../../../src/simulator/lmstudio/answer.ts';
import { piecesOf } from '../../../src/simulator/lmstudio/tokens.ts';

const FREE: AnswerLimits = { maxOutput_tok: null, stopStrings: [], room_tok: 4000 };
const length = (answer_tok: number, reasoning_tok = 0) => ({ answer_tok, reasoning_tok });
const said = (tokens: readonly { readonly text: string }[]): string =>
  tokens.map(({ text }) => text).join('');

describe('planAnswer', () => {
  test('gives the same prompt the same answer, and another prompt another one', () => {
    const first = planAnswer('one', length(40), FREE);
    expect(planAnswer('one', length(40), FREE)).toEqual(first);
    expect(said(planAnswer('two', length(40), FREE).tokens)).not.toBe(said(first.tokens));
  });

  test('counted again by the tokenizer, an answer has as many tokens as were sent', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 120 }), (prompt, answer_tok) => {
        const { tokens } = planAnswer(prompt, length(answer_tok), FREE);
        expect(piecesOf(said(tokens))).toEqual(tokens.map(({ text }) => text));
        expect(tokens).toHaveLength(answer_tok);
      }),
    );
  });

  test.each([
    ['ends by itself below the limit', { maxOutput_tok: 41 }, 40, 'eosFound'],
    ['is cut by the limit', { maxOutput_tok: 10 }, 10, 'maxPredictedTokensReached'],
    ['is cut by a limit of its own length', { maxOutput_tok: 40 }, 40, 'maxPredictedTokensReached'],
    ['is cut where the context is full', { room_tok: 7 }, 7, 'contextLengthReached'],
    ['says nothing at a limit of 0', { maxOutput_tok: 0 }, 0, 'maxPredictedTokensReached'],
  ] as const)('an answer of 40 tokens %s', (_name, limits, count, stopReason) => {
    const answer = planAnswer('prompt', length(40), { ...FREE, ...limits });
    expect(answer.tokens).toHaveLength(count);
    expect(answer.stopReason).toBe(stopReason);
  });

  test('stops before the token that completes a stop string', () => {
    const answer = planAnswer('prompt', length(40), { ...FREE, stopStrings: ['', '.'] });
    expect(answer.tokens).toHaveLength(8);
    expect(answer).toMatchObject({ stopReason: 'stopStringFound', stopString: '.' });
  });

  test('thinks before it speaks', () => {
    const { tokens } = planAnswer('prompt', length(12, 5), FREE);
    expect(tokens.map(({ sort }) => sort)).toEqual([
      ...Array(5).fill('reasoning'),
      ...Array(7).fill('content'),
    ]);
  });
});

describe('answerLengthOf', () => {
  test('is 48 to 192 tokens, by the text alone', () => {
    fc.assert(
      fc.property(fc.string(), (prompt) => {
        const answer_tok = answerLengthOf(prompt);
        expect(answer_tok).toBeGreaterThanOrEqual(48);
        expect(answer_tok).toBeLessThanOrEqual(192);
        expect(answerLengthOf(prompt)).toBe(answer_tok);
      }),
    );
  });
});
