import { describe, expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import { analyze } from '../../../src/analyzer/analyze.ts';
import type { RunDocument } from '../../../src/core/result.ts';
import { runDocumentJsonSchema, runDocumentSchema } from '../../../src/core/schemas/run-document.ts';
import { courseThrough, edgesBetween, meanSeries } from '../../support/power-course.ts';
import { recordingOf, runRecordOf, trialOf } from '../../support/recording.ts';

/** The schema makes plain types; documents are read-only throughout. */
type Mutable<T> = T extends (infer E)[] | readonly (infer E)[]
  ? T extends readonly [infer A, infer B]
    ? [Mutable<A>, Mutable<B>]
    : Mutable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;

const recording = recordingOf({
  run: runRecordOf({ simulated: true }),
  series: [
    meanSeries(
      courseThrough([
        [0, 5],
        [40, 5],
      ]),
      { edges_s: edgesBetween({ from_s: 0, to_s: 40 }, 0.5) },
    ),
  ],
  trials: [
    trialOf(
      { baseline_s: 1, requested_s: 11, ended_s: 25, cooledDown_s: 35 },
      { truth: { gross_J: 70, net_J: 0, prefill_J: null, decode_J: null } },
    ),
  ],
});

describe('runDocumentSchema', () => {
  test('describes exactly the document type', () => {
    expectTypeOf<z.infer<typeof runDocumentSchema>>().toEqualTypeOf<Mutable<RunDocument>>();
  });

  test('accepts what the analyzer prints, with and without power', () => {
    for (const one of [recording, recordingOf(), { ...recording, series: [] }]) {
      const printed: unknown = JSON.parse(JSON.stringify(analyze(one)));
      expect(runDocumentSchema.parse(printed)).toEqual(printed);
    }
  });

  test('refuses a key that the type does not know', () => {
    expect(runDocumentSchema.safeParse({ ...analyze(recording), more: 1 }).success).toBe(false);
  });

  test('is published as JSON Schema with every key required but the two of the lab', () => {
    const schema = JSON.stringify(runDocumentJsonSchema());
    expect(schema).toContain('"$schema":"https://json-schema.org/draft/2020-12/schema"');
    expect(runDocumentJsonSchema()).toMatchObject({
      additionalProperties: false,
      required: expect.not.arrayContaining(['simulated']),
    });
  });
});
