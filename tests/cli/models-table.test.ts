import { expect, test } from 'vitest';
import { modelLines } from '../../src/cli/models-table.ts';
import type { RunDocument, TrialResult } from '../../src/core/result.ts';
import { documentOf } from '../support/documents.ts';

/** One answer a model, of so many tokens, with no meter on the machine. */
function withoutMeter(answers: Readonly<Record<string, number | null>>): RunDocument {
  const document = documentOf();
  const [first] = document.trials;
  if (first === undefined) throw new Error('the document has no trial');
  const trials = Object.entries(answers).map(([model, output_tok], index): TrialResult => {
    const completion = first.completion === null ? null : { ...first.completion, output_tok };
    const serverCpu = output_tok === null ? {} : { serverCpu: { cpu_s: 7, cpu_sPerTok: 7 / output_tok } };
    return { ...first, index, model, completion, energy: [], ...serverCpu };
  });
  return { ...document, headline: null, summary: [], trials };
}

test('without a meter the fastest model comes first, with its tok/s, its answers and its CPU seconds', () => {
  // The request takes 14 s.
  const lines = modelLines(withoutMeter({ slow: 14, fast: 70 }), 120);
  expect(lines[0]).toMatch(/ tok\/s .* n +grade +CPU s\/tok$/);
  expect(lines[1]).toMatch(/^fast +– +– +5\.0 +– +– +1 +– +0\.100?$/);
  expect(lines[2]).toMatch(/^slow +– +– +1\.0 +– +– +1 +– +0\.500?$/);
});

test('an answer whose tokens nobody counted is one, without a speed', () => {
  const [, ...lines] = modelLines(withoutMeter({ counted: 14, uncounted: null }), 120);
  expect(lines[1]).toMatch(/^uncounted +– +– +– +– +– +1 /);
});

test('with a meter there is no column of CPU seconds', () => {
  const document = documentOf();
  const failures = [{ model: 'other', code: 'MODEL_LOAD_FAILED', message: 'too large', at_s: 1 }];
  const lines = modelLines({ ...document, failures }, 120);
  expect(lines[0]).not.toContain('CPU');
  expect(lines).toContain('other: MODEL_LOAD_FAILED: too large');
});
