import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { chat, post, slotOf, slotThat } from './support/chat.ts';
import { type EngineServer, startEngine } from './support/engine-server.ts';

const QUANTIZATIONS = ['small-F16', 'small-Q8_0', 'small-Q4_0'] as const;
const PROMPT = 'Name the days of the week, one a line.';
const CONTEXT_tok = 2048;
const missing = inject('engineMissing');

describe.skipIf(missing !== null)(`the engine${missing === null ? '' : `: ${missing}`}`, () => {
  let server: EngineServer = { url: '', stop: async () => undefined };
  beforeAll(async () => {
    server = await startEngine(['tiny-Q8_0', ...QUANTIZATIONS], ['--context', String(CONTEXT_tok)]);
  });
  afterAll(() => server.stop());

  test.each(QUANTIZATIONS)('%s says exactly as many tokens as were asked for', async (model) => {
    for (const max_tokens of [1, 2, 65]) {
      for (const temperature of [0, 1, 10]) {
        const sampling = { temperature, top_k: 0, top_p: 1, min_p: 0, seed: max_tokens };
        const answer = await chat(server.url, { model, prompt: PROMPT, max_tokens, ...sampling });
        expect(answer.pieces).toHaveLength(max_tokens);
        expect(answer).toMatchObject({
          finish: 'length',
          usage: { completion_tokens: max_tokens },
          timings: { predicted_n: max_tokens },
        });
      }
    }
  });

  test('a model never ends by itself, however hot: a thousand tokens, none a control token or a byte', async () => {
    const max_tokens = 1000;
    const sampling = { temperature: 10, top_k: 0, top_p: 1, min_p: 0, seed: 7 };
    const answer = await chat(server.url, { model: 'tiny-Q8_0', prompt: 'Hi', max_tokens, ...sampling });
    expect(answer).toMatchObject({ finish: 'length', usage: { completion_tokens: max_tokens } });
    expect(answer.pieces.every((piece) => /^[\x20-\x7e]+$/.test(piece))).toBe(true);
  });

  test('greedy and seeded answers repeat, other seeds and quantizations answer otherwise', async () => {
    const asking = { model: 'small-F16', prompt: PROMPT, max_tokens: 24 };
    const greedy = await chat(server.url, asking);
    const seeded = await chat(server.url, { ...asking, temperature: 1, seed: 3 });
    expect((await chat(server.url, asking)).text).toBe(greedy.text);
    expect((await chat(server.url, { ...asking, temperature: 1, seed: 3 })).text).toBe(seeded.text);
    expect((await chat(server.url, { ...asking, temperature: 1, seed: 4 })).text).not.toBe(seeded.text);
    expect((await chat(server.url, { ...asking, model: 'small-Q4_0' })).text).not.toBe(greedy.text);
  });

  test('a repeated prompt is processed anew, unless reuse is asked for, and the server tells which', async () => {
    const asking = { model: 'small-Q8_0', prompt: PROMPT, max_tokens: 2 };
    const { timings: first } = await chat(server.url, asking);
    const { timings: again } = await chat(server.url, asking);
    const warm = await chat(server.url, { ...asking, cache_prompt: true });
    const prompt_n = first?.prompt_n ?? 0;
    expect(prompt_n).toBeGreaterThan(10);
    expect([first?.cache_n, again?.cache_n, again?.prompt_n]).toEqual([0, 0, prompt_n]);
    expect(warm.timings).toMatchObject({ cache_n: prompt_n - 1, prompt_n: 1 });
    expect(warm.usage?.prompt_tokens).toBe(prompt_n);
  });

  test('the prompt’s count is the tokenizer’s: a longer prompt of the same words has as many more', async () => {
    const count = async (words: number): Promise<number> => {
      const prompt = new Array<string>(words).fill('apple').join(' ');
      return (
        (await chat(server.url, { model: 'tiny-Q8_0', prompt, max_tokens: 1 })).usage?.prompt_tokens ?? 0
      );
    };
    const [short, long, longest] = [await count(10), await count(110), await count(1010)];
    expect(long - short).toBe(100);
    expect(longest - long).toBe(900);
  });

  test('who leaves frees the engine for the next', async () => {
    const leaving = new AbortController();
    const asking = { model: 'small-F16', prompt: PROMPT, max_tokens: 1800 };
    const response = await post(server.url, asking, leaving.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    leaving.abort();
    const { next_token } = await slotThat(server.url, (slot) => !slot.is_processing);
    expect(next_token.n_decoded).toBeLessThan(asking.max_tokens);
    expect((await chat(server.url, { ...asking, max_tokens: 3 })).usage?.completion_tokens).toBe(3);
  });

  test('requests at once are answered one after the other, each as if it were alone', async () => {
    const askings = ['apple', 'river', 'hammer'].map((prompt) => ({
      model: 'small-Q8_0',
      prompt,
      max_tokens: 16,
    }));
    const together = await Promise.all(askings.map((asking) => chat(server.url, asking)));
    for (const [index, asking] of askings.entries())
      expect((await chat(server.url, asking)).text).toBe(together[index]?.text);
    expect((await slotOf(server.url)).is_processing).toBe(false);
  });

  test.each([
    ['a prompt beyond the context', { prompt: 'apple '.repeat(CONTEXT_tok) }, 400, /context size/],
    ['an unknown model', { model: 'nobody' }, 404, /nobody/],
    ['an answer in one piece', { stream: false }, 400, /stream/],
    ['a setting that it would pass over', { stop: ['x'] }, 400, /stop/],
    ['no tokens', { max_tokens: 0 }, 400, /max_tokens/],
  ])('refuses %s', async (_what, change, status, message) => {
    const answer = await chat(server.url, { model: 'tiny-Q8_0', prompt: PROMPT, max_tokens: 4, ...change });
    expect(answer.status).toBe(status);
    expect(answer.error).toMatch(message);
  });
});
