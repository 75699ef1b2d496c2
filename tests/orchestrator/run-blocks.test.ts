import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Workload } from '../../src/core/run.ts';
import { loadLexicon, promptToSend, wordsFor } from '../../src/orchestrator/nonce.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { builtInWorkloads, loadWorkload } from '../../src/orchestrator/workload.ts';
import { LOADED, play } from '../support/play-run.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

const LEXICON = loadLexicon();

function generated(block_s?: number): Workload {
  const shape = { text: '', maxOutput_tok: 1, generate: { input_tok: 12, output_tok: 1 } };
  const block = block_s === undefined ? {} : { block_s };
  return { ...scriptedWorkload(0), prompts: [{ id: 'p', category: 'c', ...shape, ...block }] };
}

describe('a block', () => {
  test('sends prompts of one length back to back until its time has passed: one trial, one phase', async () => {
    const played = await play({
      plan: { workload: generated(10), warmup: false },
      backend: { ...LOADED, answers: [{ duration_s: 2, output_tok: 1 }] },
    });
    const [trial] = played.sink.trials();
    expect(trial).toMatchObject({ block: true, promptId: 'p' });
    expect(trial?.completions).toHaveLength(5);
    const inference = trial?.phases.filter(({ kind }) => kind === 'inference') ?? [];
    expect(inference).toHaveLength(1);
    expect((inference[0]?.end_s ?? 0) - (inference[0]?.start_s ?? 0)).toBeCloseTo(10, 6);
    const texts = played.backend.requests.map(({ prompt }) => prompt.text);
    expect(new Set(texts).size).toBe(5);
    for (const text of texts) expect(text.split(' ')).toHaveLength(12);
  });

  test('has three requests at least, however long they take', async () => {
    const played = await play({
      plan: { workload: generated(1), warmup: false },
      backend: { ...LOADED, answers: [{ duration_s: 8, output_tok: 1 }] },
    });
    expect(played.sink.trials()[0]?.completions).toHaveLength(3);
  });

  test('ends with a request that fails, which is counted as a failed trial', async () => {
    const played = await play({
      plan: { workload: generated(10), warmup: false },
      backend: { ...LOADED, answers: [{ duration_s: 2 }, { duration_s: 2, error: 'BACKEND_REFUSED' }] },
    });
    expect(played.sink.trials()[0]?.completions).toHaveLength(2);
    expect(played.outcome.failedTrials).toBe(1);
  });
});

describe('generated prompts', () => {
  test('have exactly as many words as tokens are asked for, all of the lexicon', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), fc.string(), (count, salt) => {
        const words = wordsFor(LEXICON, count, salt).split(' ');
        expect(words).toHaveLength(count);
        expect(words.every((word) => LEXICON.includes(word))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('are the same for the same run, and share not even their first eight words with any other', () => {
    const workload = generated();
    const [prompt] = workload.prompts;
    if (prompt === undefined) throw new Error('no prompt');
    const textOf = (salt: string, repetition: number, request: number): string =>
      promptToSend(workload, prompt, { lexicon: LEXICON, salt, repetition, request }).text;
    expect(textOf('a', 0, 0)).toBe(textOf('a', 0, 0));
    const texts = ['a', 'b'].flatMap((salt) => [0, 1].flatMap((n) => [0, 1].map((k) => textOf(salt, n, k))));
    expect(new Set(texts.map((text) => text.split(' ').slice(0, 8).join(' '))).size).toBe(8);
  });

  test('ask for a context that holds them where the model is loaded by us, and refuse a shorter one', async () => {
    const workload = await loadWorkload('energy-grid-v1');
    expect(planRun({ workload, backend: 'x', models: ['m'] }).load.context_tok).toBe(9216);
    expect(planRun({ workload, backend: 'x' }).load.context_tok).toBeNull();
    expect(
      planRun({ workload, backend: 'x', models: ['m'], fixedContext: true }).load.context_tok,
    ).toBeNull();
    expect(() => planRun({ workload, backend: 'x', models: ['m'], load: { context_tok: 4096 } })).toThrow(
      /--context 4096 is too short/,
    );
  });

  test('of the built-in workloads are 12 of a grid, six blocks, and four answers with a block', async () => {
    const all = await builtInWorkloads();
    const promptsOf = (id: string) => all.find((one) => one.id === id)?.prompts ?? [];
    const grid = promptsOf('energy-grid-v1').map(
      ({ generate }) => `${generate?.input_tok}×${generate?.output_tok}`,
    );
    expect(new Set(grid).size).toBe(12);
    expect(
      promptsOf('prefill-v1').every(({ block_s, maxOutput_tok }) => block_s === 10 && maxOutput_tok === 1),
    ).toBe(true);
    expect(promptsOf('decode-v1').map(({ maxOutput_tok }) => maxOutput_tok)).toEqual([
      1, 128, 256, 1024, 4096,
    ]);
  });
});
