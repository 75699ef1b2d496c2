import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { readRecording } from '../scripts/golden-recording.ts';
import { analyze } from '../src/analyzer/analyze.ts';
import type { RunDocument } from '../src/core/result.ts';
import type { Recording } from '../src/core/run.ts';

/** One recorded run of the lab, three prompts twice each, and the exact document that it gives. `npm run golden` rewrites it. */
describe('the golden run', () => {
  let recording: Recording;
  let document: RunDocument;
  let golden: string;

  beforeAll(async () => {
    recording = await readRecording(new URL('./golden/recording.json', import.meta.url));
    golden = await readFile(new URL('./golden/document.json', import.meta.url), 'utf8');
    document = analyze(recording);
  });

  test('gives its document byte for byte', () => {
    expect(`${JSON.stringify(document, null, 2)}\n`).toBe(golden);
  });

  test('gives the same bytes again when it is analysed again', () => {
    expect(JSON.stringify(analyze(recording))).toBe(JSON.stringify(document));
  });

  test('lies within its bounds of the truth it was recorded with', () => {
    expect(document.trials.length).toBeGreaterThan(0);
    for (const trial of document.trials) {
      const row = trial.energy.find((candidate) => candidate.domain === document.headline);
      const error_J = Math.abs((row?.gross_J ?? Number.NaN) - (trial.truth?.gross_J ?? Number.NaN));
      expect(error_J).toBeLessThanOrEqual(row?.uncertainty.bound_J ?? 0);
      expect(error_J / (trial.truth?.gross_J ?? 1)).toBeLessThan(0.01);
    }
  });
});
