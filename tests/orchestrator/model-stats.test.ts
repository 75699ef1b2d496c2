import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modelStats } from '../../src/orchestrator/model-stats.ts';
import { anyModel, bareModel } from '../support/any-model.ts';

test('every model is counted once in each table, and every size too', () => {
  fc.assert(
    fc.property(fc.array(anyModel, { maxLength: 30 }), (models) => {
      const stats = modelStats(models);
      for (const table of [stats.byQuantization, stats.byArchitecture, stats.byFormat, stats.byType]) {
        expect(table.reduce((sum, row) => sum + row.models, 0)).toBe(models.length);
        expect(table.reduce((sum, { size_B }) => sum + (size_B ?? 0), 0)).toBe(stats.size_B ?? 0);
        const counts = table.map((row) => row.models);
        expect(counts).toEqual([...counts].sort((a, b) => b - a));
      }
    }),
  );
});

test('what no model states is null, not 0', () => {
  const stats = modelStats([bareModel({ key: 'a', loaded: ['a'] }), bareModel({ key: 'b', remote: true })]);
  expect(stats).toMatchObject({ models: 2, loaded: 1, remote: 1, size_B: null });
  expect(stats.byQuantization).toEqual([{ value: null, models: 2, size_B: null }]);
});
