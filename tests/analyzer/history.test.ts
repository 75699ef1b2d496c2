import { describe, expect, test } from 'vitest';
import { historyOf } from '../../src/analyzer/history.ts';
import { dailyDocuments, days } from '../support/daily-runs.ts';

describe('historyOf', () => {
  test('three runs of one configuration are a history, two are not', () => {
    expect(historyOf(dailyDocuments(days(2)))).toEqual([]);
    expect(historyOf(dailyDocuments(days(3))).map(({ points }) => points.length)).toEqual([3]);
  });

  test('lists runs by their start, in whatever order they come', () => {
    const documents = dailyDocuments(days(4));
    const [course] = historyOf([...documents].reverse());
    expect(course?.points.map(({ run }) => run)).toEqual(documents.map(({ run }) => run.id));
  });

  test('says where the level went up, and by how much', () => {
    const [course] = historyOf(dailyDocuments([...days(7), ...days(6, { factor: 1.3 })]));
    expect(course?.changes.map(({ at }) => at)).toEqual([7]);
    const change = course?.changes[0];
    expect((change?.after_JPerTok ?? 0) / (change?.before_JPerTok ?? 1)).toBeGreaterThan(1.1);
  });

  test('keeps machines apart', () => {
    const documents = dailyDocuments([...days(3), ...days(3, { machine: 'Mac14,9' })]);
    expect(historyOf(documents).map(({ machine, points }) => [machine, points.length])).toEqual([
      ['Mac16,5', 3],
      ['Mac14,9', 3],
    ]);
  });

  test('a run without a net figure is no point of it', () => {
    const documents = dailyDocuments(days(4)).map((document, i) =>
      i > 0
        ? document
        : {
            ...document,
            summary: document.summary.map((one) => ({
              ...one,
              net_JPerTok: { ...one.net_JPerTok, value: null },
            })),
          },
    );
    expect(historyOf(documents)[0]?.points.length).toBe(3);
  });

  test('an interrupted run, which asked another mix of prompts, is no point of it', () => {
    const documents = dailyDocuments(days(4)).map((document, i) =>
      i < 3 ? document : { ...document, run: { ...document.run, state: 'interrupted' as const } },
    );
    expect(historyOf(documents)[0]?.points.length).toBe(3);
  });

  test('figures that are not above zero have no change in percent', () => {
    const documents = dailyDocuments(days(3)).map((document) => ({
      ...document,
      summary: document.summary.map((one) => ({ ...one, net_JPerTok: { ...one.net_JPerTok, value: -0.1 } })),
    }));
    expect(historyOf(documents)[0]?.changes).toEqual([]);
  });
});
