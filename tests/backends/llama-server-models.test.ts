import { describe, expect, test } from 'vitest';
import { modelsOf } from '../../src/backends/llama-server-models.ts';

const paramsOf = (n_params: number | undefined) =>
  modelsOf({ data: [{ id: 'm', meta: { n_params } }] }, {})[0]?.params;

describe('modelsOf', () => {
  test.each([
    [7_615_616_512, '7.6B'],
    [1_000_000_000, '1.0B'],
    [361_821_120, '362M'],
    [10_756_352, '10.8M'],
    [undefined, null],
  ])('%d parameters are %s: a small model keeps its digits', (count, text) => {
    expect(paramsOf(count)).toBe(text);
  });
});
