import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { RunDocument, Summary } from '../../src/core/result.ts';
import { COST, type PartsRequest, partsSession, truthOf } from '../support/parts-session.ts';

const GRID = [128, 512, 2048, 8192].flatMap((prompt_tok) =>
  [32, 128, 512].flatMap((output_tok) => [
    { prompt_tok, output_tok },
    { prompt_tok, output_tok },
  ]),
);

const THRICE = [...GRID, ...GRID.filter((_, i) => i % 2 === 0)];

function whole({ summary }: RunDocument): Summary {
  const found = summary.find(({ category }) => category === 'all');
  if (found === undefined) throw new Error('no summary');
  return found;
}

function times(request: PartsRequest, count: number): PartsRequest[] {
  return Array.from({ length: count }, () => request);
}

describe('block difference', () => {
  const block = { prompt_tok: 512, output_tok: 1, block: 30 };
  const generated = { prompt_tok: 512, output_tok: 60 };
  const document = analyze(partsSession([...times(block, 2), ...times(generated, 6)]));
  const truth = truthOf(generated);

  test('a block is prefill from its first request to its last answer', () => {
    const [trial] = document.trials;
    const [row] = trial?.energy ?? [];
    expect(trial?.requests).toBe(30);
    expect(row).toMatchObject({ method: 'block', decode: null, prefill: { tokens: 30 * 512 } });
    expect(row?.prefill?.net_JPerTok).toBeCloseTo(COST.prefill_JPerTok, 3);
    expect(row?.codes).not.toContain('RETRIED');
    expect(row?.codes).not.toContain('PARTS_UNRESOLVED');
    expect(trial?.completion?.latency).toMatchObject({ ttft_s: null, tpot_s: null });
  });

  test('gives prefill and decode of answers too short for the meter, within 5 % and 3 %', () => {
    for (const { energy, requests } of document.trials.slice(2)) {
      const [row] = energy;
      expect(requests).toBeUndefined();
      expect(row?.method).toBe('block');
      expect((row?.prefill?.net_J ?? 0) / truth.prefill_J).toBeGreaterThan(0.95);
      expect((row?.prefill?.net_J ?? 0) / truth.prefill_J).toBeLessThan(1.05);
      expect((row?.prefill?.net_J ?? 0) + (row?.decode?.net_J ?? 0)).toBeCloseTo(row?.net_J ?? 0, 9);
      expect((row?.decode?.gross_J ?? 0) + (row?.prefill?.gross_J ?? 0)).toBeCloseTo(row?.gross_J ?? 0, 9);
      expect(row?.codes).not.toContain('PARTS_UNRESOLVED');
    }
    const { parts } = whole(document);
    expect(parts?.prefill.method).toBe('block');
    expect((parts?.decode.net_JPerTok.value ?? 0) / (truth.decode_J / 59)).toBeGreaterThan(0.97);
    expect((parts?.decode.net_JPerTok.value ?? 0) / (truth.decode_J / 59)).toBeLessThan(1.03);
  });

  test('a block of other lengths tells nothing of a prompt', () => {
    const other = analyze(partsSession([block, ...times({ prompt_tok: 600, output_tok: 60 }, 3)]));
    expect(other.trials.slice(1).map(({ energy }) => energy[0]?.method)).toEqual(['none', 'none', 'none']);
  });

  test('its single tokens are no part of J per output token, unless there is nothing else', () => {
    expect(whole(document).n).toBe(6);
    const alone = whole(analyze(partsSession(times(block, 2))));
    expect(alone.n).toBe(2);
    expect(alone.parts?.prefill).toMatchObject({ method: 'block', n: 2 });
    expect(alone.parts?.decode.method).toBe('none');
  });

  test('its template may come from the cache, its words may not', () => {
    const recording = partsSession([{ ...block, prompt_tok: 530 }]);
    const [trial] = recording.trials;
    if (trial === undefined) throw new Error('no block');
    const { run } = recording;
    const prompt = { id: trial.promptId, category: 'c', text: '', maxOutput_tok: 1 };
    const prompts = [{ ...prompt, generate: { input_tok: 512, output_tok: 1 } }];
    const plan = { ...run.plan, workload: { ...run.plan.workload, prompts } };
    const codesAt = (cached_tok: number): readonly string[] => {
      const completions = trial.completions.map((one) => ({ ...one, cached_tok }));
      const session = { ...recording, run: { ...run, plan }, trials: [{ ...trial, completions }] };
      return analyze(session).trials[0]?.energy[0]?.codes ?? [];
    };
    expect(codesAt(18)).not.toContain('CACHE_HIT');
    expect(codesAt(19)).toContain('CACHE_HIT');
  });

  test('a block with a failed request is withheld', () => {
    const recording = partsSession([block]);
    const [trial] = recording.trials;
    const [first, ...others] = trial?.completions ?? [];
    if (trial === undefined || first === undefined) throw new Error('no block');
    const failed = { ...first, error: { code: 'BACKEND_REFUSED', message: 'no' } };
    const row = analyze({ ...recording, trials: [{ ...trial, completions: [failed, ...others] }] }).trials[0]
      ?.energy[0];
    expect(row).toMatchObject({ gross_J: null, prefill: null });
    expect(row?.codes).toContain('REQUEST_FAILED');
  });
});

describe('regression over a grid of lengths', () => {
  test('recovers prefill, decode at a stated context, and its growth', () => {
    const document = analyze(partsSession(GRID));
    const { trials } = document;
    const { codes, parts } = whole(document);
    const fit = parts?.regression;
    expect(parts).toMatchObject({ prefill: { method: 'regression' }, decode: { method: 'window' } });
    const context_tok = fit?.context_tok ?? 0;
    const decode = COST.decode_JPerTok + COST.slope_JPerTok2 * context_tok;
    expect((fit?.prefill_JPerTok.value ?? 0) / COST.prefill_JPerTok).toBeCloseTo(1, 1);
    expect((fit?.decode_JPerTok.value ?? 0) / decode).toBeCloseTo(1, 1.5);
    expect((fit?.slope_JPerTok2.value ?? 0) / COST.slope_JPerTok2).toBeCloseTo(1, 1);
    const graded = trials.filter(({ energy }) => energy[0]?.grade !== 'D');
    expect(fit?.residuals.map(({ trial }) => trial)).toEqual(graded.map(({ index }) => index));
    expect(graded.length).toBeLessThan(GRID.length);
    expect(fit?.varianceInflation).toBeLessThan(5);
    expect(codes).not.toContain('LENGTHS_COLLINEAR');
  });

  test('three times the grid with 1 % noise, meter to summary: errors within 5 % and 3 %, intervals that hold the truth', () => {
    const count = 60;
    const errors: [number, number][] = [];
    let held = 0;
    for (let seed = 1; seed <= count; seed++) {
      const fit = whole(analyze(partsSession(THRICE, seed, 0.01))).parts?.regression;
      const decode = COST.decode_JPerTok + COST.slope_JPerTok2 * (fit?.context_tok ?? 0);
      const truths = [COST.prefill_JPerTok, decode];
      const estimates = [fit?.prefill_JPerTok, fit?.decode_JPerTok];
      const [prefillError = 1, decodeError = 1] = estimates.map((one, j) =>
        Math.abs((one?.value ?? 0) / (truths[j] ?? 1) - 1),
      );
      errors.push([prefillError, decodeError]);
      for (const [j, one] of estimates.entries()) {
        const [low, high] = one?.ci95 ?? [0, 0];
        if (low <= (truths[j] ?? 0) && (truths[j] ?? 0) <= high) held++;
      }
    }
    const p95 = (j: 0 | 1): number =>
      errors.map((pair) => pair[j]).sort((a, b) => a - b)[Math.floor(count * 0.95)] ?? 1;
    expect(p95(0)).toBeLessThan(0.05);
    expect(p95(1)).toBeLessThan(0.03);
    expect(held / (2 * count)).toBeGreaterThan(0.88);
  });

  test('with much noise the fit is shown, but no part is quoted from it', () => {
    const { parts } = whole(analyze(partsSession(GRID, 3, 0.3)));
    expect(parts?.regression?.prefill_JPerTok.value).not.toBeNull();
    expect(parts?.prefill).toMatchObject({ method: 'none', net_JPerTok: { value: null } });
  });

  test('is refused where prompt and answer lengths vary together, and says so', () => {
    const together = [1, 2, 3, 4].flatMap((k) => times({ prompt_tok: 600 * k, output_tok: 95 * k }, 3));
    const { codes, parts } = whole(analyze(partsSession(together)));
    expect(parts).toMatchObject({ prefill: { method: 'none' }, regression: null });
    expect(codes).toContain('LENGTHS_COLLINEAR');
  });

  test('does not depend on the order in which the requests were recorded', () => {
    const recording = partsSession(GRID, 2, 0.01);
    const fit = whole(analyze(recording)).parts?.regression;
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...recording.trials], { minLength: recording.trials.length }),
        (trials) => {
          const other = whole(analyze({ ...recording, trials })).parts?.regression;
          expect((other?.prefill_JPerTok.value ?? 0) / (fit?.prefill_JPerTok.value ?? 1)).toBeCloseTo(1, 6);
          expect((other?.decode_JPerTok.value ?? 0) / (fit?.decode_JPerTok.value ?? 1)).toBeCloseTo(1, 6);
        },
      ),
      { numRuns: 5 },
    );
  });
});
