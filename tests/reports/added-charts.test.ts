import { describe, expect, test } from 'vitest';
import { concurrency } from '../../reports/concurrency.ts';
import { configurations, settingOf, standing } from '../../reports/configuration.ts';
import { history } from '../../reports/history.ts';
import { contextLength } from '../../reports/length-and-energy.ts';
import { memoryAgainstEnergy } from '../../reports/memory-against-energy.ts';
import { publishedFigures } from '../../reports/published-figures.ts';
import { regressionResiduals } from '../../reports/regression-residuals.ts';
import type { Report, ReportRows } from '../../reports/report.ts';
import { sizeAgainstEnergy } from '../../reports/size-against-energy.ts';
import type { RegressionResult, RunDocument, TrialMemory } from '../../src/core/result.ts';
import type { Setting } from '../../src/core/run.ts';
import { at } from '../support/at.ts';
import { dailyRecordings, days } from '../support/daily-runs.ts';
import { rowsOf, SAMPLE_MODELS, sampleRecording } from '../support/report-rows.ts';

const sample = rowsOf(sampleRecording());

function rowsIn(report: Report, dataset: string, rows: ReportRows): Record<string, unknown>[] {
  const found = at(report.build(rows), 'datasets', dataset);
  return Array.isArray(found) ? found : [];
}

const said = (name: string, effective: string | number): Setting => ({
  ...{ name, requested: null, effective, source: 'server' },
});

function withSettings(rows: ReportRows, settings: readonly Setting[]): ReportRows {
  const documents = rows.documents.map((document) => ({
    ...document,
    environment: { ...document.environment, settings },
  }));
  return { ...rows, documents };
}

describe('history', () => {
  const rows = rowsOf(...dailyRecordings([...days(7), ...days(6, { factor: 1.3 })]));

  test('tells the change in words, and draws both levels', () => {
    expect(history.note?.(rows)).toMatch(
      /^qwen3-4b@q4_k_m · classic-v1 changed with the run of 2026-03-08 09:30: [\d.]+ to [\d.]+ J, \+1\d\.\d % \(p = 0\.00\d+\)\.$/,
    );
    expect(rowsIn(history, 'levels', rows).map(({ startedAt }) => String(startedAt).slice(0, 10))).toEqual([
      '2026-03-01',
      '2026-03-08',
      '2026-03-08',
      '2026-03-13',
    ]);
    expect(rowsIn(history, 'runs', rows).length).toBe(13);
  });

  test('names machines where there are several', () => {
    const fleet = rowsOf(...dailyRecordings([...days(3), ...days(3, { machine: 'Mac14,9' })]));
    const labels = new Set(rowsIn(history, 'runs', fleet).map(({ label }) => label));
    expect([...labels]).toEqual([
      'qwen3-4b@q4_k_m · classic-v1 · Mac16,5',
      'qwen3-4b@q4_k_m · classic-v1 · Mac14,9',
    ]);
  });

  test('of what was measured often, other charts draw the newest run alone and say so; the ranking has all', () => {
    expect(configurations(rows.documents).length).toBe(13);
    expect(standing(rows.documents).map(({ document }) => document.run.startedAt.slice(0, 10))).toEqual([
      '2026-03-13',
    ]);
    expect(contextLength.note?.(rows)).toContain('only the newest run is drawn');
  });
});

describe('the fit of joules on lengths', () => {
  const regression = (document: RunDocument): RegressionResult => ({
    ...{ n: document.trials.length, context_tok: 800, varianceInflation: 1.5 },
    fixed_J: { value: 2, ci95: null, spread: null },
    prefill_JPerTok: { value: 0.05, ci95: null, spread: null },
    decode_JPerTok: { value: 0.4, ci95: null, spread: null },
    slope_JPerTok2: { value: 0, ci95: null, spread: null },
    residuals: document.trials.map(({ index }) => ({ trial: index, residual_J: (index % 3) - 1 })),
  });
  const part = { method: 'regression', net_JPerTok: { value: 1, ci95: null, spread: null }, n: 1 } as const;
  const documents = sample.documents.map((document) => ({
    ...document,
    summary: document.summary.map((one) =>
      one.model === SAMPLE_MODELS[0]?.key
        ? { ...one, parts: { prefill: part, decode: part, regression: regression(document) } }
        : one,
    ),
  }));

  test('is drawn request by request about zero, with its prices in words', () => {
    const rows = { ...sample, documents };
    const residuals = rowsIn(regressionResiduals, 'residuals', rows);
    expect(residuals.length).toBe(documents[0]?.trials.length);
    expect(new Set(residuals.map(({ residual_J }) => residual_J))).toEqual(new Set([-1, 0, 1]));
    expect(regressionResiduals.note?.(rows)).toBe(
      'qwen3-4b@q4_k_m: 2.00 J a request, 0.0500 J per prompt token, 0.400 J per output token at a context of 800.',
    );
  });

  test('is absent where nothing was fitted', () => {
    expect(regressionResiduals.build(sample)).toBe(null);
  });
});

describe('energy against how many are served at once', () => {
  const one = (parallel: number, factor: number): RunDocument[] => {
    const models = SAMPLE_MODELS.slice(0, 2).map((model) => ({
      ...model,
      decode_W: model.decode_W * factor,
    }));
    const startedAt = `2026-03-${String(parallel).padStart(2, '0')}T09:30:00.000Z`;
    return [
      ...withSettings(rowsOf(sampleRecording({ models, repetitions: 1, startedAt })), [
        said('parallel', parallel),
      ]).documents,
    ];
  };
  const rows = { ...sample, documents: [...one(1, 1), ...one(4, 0.8), ...one(8, 0.7)] };

  test('is a course for each model over what the server was loaded for, with the cheapest of each number', () => {
    const levels = rowsIn(concurrency, 'levels', rows);
    expect(levels.map(({ label, parallel }) => `${label} ${parallel}`)).toEqual(
      [1, 4, 8]
        .map((n) => `qwen3-4b@q4_k_m · classic-v1 ${n}`)
        .concat([1, 4, 8].map((n) => `qwen3-4b@q8_0 · classic-v1 ${n}`)),
    );
    const frontier = rowsIn(concurrency, 'frontier', rows);
    expect(frontier.map(({ parallel }) => parallel)).toEqual([1, 4, 8]);
    const costs = frontier.map(({ net_JPerTok }) => Number(net_JPerTok));
    expect([...costs].sort((a, b) => b - a)).toEqual(costs);
  });

  test('is absent where every run was loaded alike', () => {
    expect(concurrency.build({ ...sample, documents: one(4, 1) })).toBe(null);
    expect(concurrency.build(sample)).toBe(null);
  });

  test('leaves out runs whose requests overlapped, and says why', () => {
    const documents = rows.documents.map((document) => ({
      ...document,
      trials: document.trials.map((trial) => ({
        ...trial,
        completion: trial.completion === null ? null : { ...trial.completion, ended_s: 1e6 },
      })),
    }));
    expect(concurrency.build({ ...rows, documents })).toBe(null);
    expect(concurrency.note?.({ ...rows, documents })).toContain(
      '6 configurations whose requests overlapped',
    );
  });
});

describe('energy against the size of the model', () => {
  const sizes = SAMPLE_MODELS.map(({ key }, i) => said(`${key}: size_B`, (i + 2) * 1e9));

  test('has the size that the server stated of each model, and a frontier towards small and cheap', () => {
    const rows = withSettings(sample, sizes);
    const places = rowsIn(sizeAgainstEnergy, 'places', rows);
    expect(places.map(({ label, x }) => [label, x])).toEqual([
      ['qwen3-4b@q4_k_m', 2],
      ['qwen3-4b@q8_0', 3],
      ['llama-3.1-8b-instruct@q4_k_m', 5],
      ['gemma-3-12b@q4_k_m', 4],
    ]);
    expect(places.filter(({ front }) => front === true).map(({ label }) => label)).toEqual([
      'qwen3-4b@q4_k_m',
    ]);
    expect(sizeAgainstEnergy.note?.(withSettings(sample, sizes.slice(1)))).toBe(
      'Left out: 1 whose size or cost is not known.',
    );
  });

  test('is absent where no size is known, and reads a lone model’s without its name', () => {
    expect(sizeAgainstEnergy.build(sample)).toBe(null);
    const [first] = configurations(withSettings(sample, [said('size_B', 7)]).documents);
    expect(first === undefined ? null : settingOf(first, 'size_B')).toBe(7);
  });
});

describe('energy against memory', () => {
  /** `sample` with what was read in each trial of a model; null: nothing. */
  function withMemory(memoryOf: (model: number, trial: number) => TrialMemory | null): ReportRows {
    const documents = sample.documents.map((document) => ({
      ...document,
      trials: document.trials.map((trial, i) => {
        const memory = memoryOf(
          SAMPLE_MODELS.findIndex(({ key }) => key === trial.model),
          i,
        );
        return memory === null ? trial : { ...trial, memory };
      }),
    }));
    return { ...sample, documents };
  }

  test('has the most that was in use while each model answered, with the frontier', () => {
    const rows = withMemory((model, trial) => ({ server_B: (3 - model) * 1e9 + trial, gpu_B: 1e9 }));
    const places = rowsIn(memoryAgainstEnergy, 'places', rows);
    expect(places.map(({ label, x }) => [label, Number(x).toFixed(3)])).toEqual([
      ['qwen3-4b@q4_k_m', '4.000'],
      ['qwen3-4b@q8_0', '3.000'],
      ['llama-3.1-8b-instruct@q4_k_m', '1.000'],
      ['gemma-3-12b@q4_k_m', '2.000'],
    ]);
    expect(rowsIn(memoryAgainstEnergy, 'front', rows).map(({ label }) => label)).toEqual([
      'llama-3.1-8b-instruct@q4_k_m',
      'qwen3-4b@q8_0',
      'qwen3-4b@q4_k_m',
    ]);
    expect(memoryAgainstEnergy.note?.(rows)).toBe(null);
  });

  test('says how many were not read, and whose memory it is where that differs', () => {
    const rows = withMemory((model) =>
      model === 0 ? null : { server_B: 1e9, gpu_B: model === 1 ? 2e9 : null },
    );
    const boardless = rows.documents.map((document) => ({
      ...document,
      domains: document.domains.filter(({ id }) => id !== 'gpu'),
    }));
    const note = memoryAgainstEnergy.note?.({ ...rows, documents: boardless });
    expect(note).toContain('Left out: 1 whose memory or cost is not known.');
    expect(note).toContain('of 1 it is that of the server’s processes and the GPU boards together');
    expect(note).toContain('of 2 it is that of the server’s processes');
  });

  test('is absent where no memory was read, or of one configuration only', () => {
    expect(memoryAgainstEnergy.build(sample)).toBe(null);
    expect(
      memoryAgainstEnergy.build(withMemory((model) => (model === 0 ? { server_B: 1, gpu_B: 1 } : null))),
    ).toBe(null);
  });
});

describe('published figures', () => {
  test('lie behind each model’s gross J/token, with their sources in words', () => {
    const own = rowsIn(publishedFigures, 'own', sample);
    const bands = rowsIn(publishedFigures, 'bands', sample);
    expect(own.map(({ label }) => label)).toEqual(bands.map(({ label }) => label));
    expect(own.length).toBe(SAMPLE_MODELS.length);
    for (const { least_JPerTok, most_JPerTok } of bands)
      expect(Number(least_JPerTok)).toBeLessThanOrEqual(Number(most_JPerTok));
    expect(publishedFigures.note?.(sample)).toMatch(/^Sources: .*mycelium\.fyi/);
  });

  test('are absent where nothing was published', () => {
    expect(publishedFigures.build({ ...sample, published: [] })).toBe(null);
  });
});

describe('energy against context', () => {
  test('is the cost of a decoded token over prompt and half of the answer', () => {
    const points = rowsIn(contextLength, 'points', sample);
    const trial = sample.documents[0]?.trials[0];
    const decode = trial?.energy.find(({ domain }) => domain === 'soc')?.decode;
    expect(points[0]?.['tokens']).toBe(
      (trial?.completion?.input_tok ?? 0) + (trial?.completion?.output_tok ?? 0) / 2,
    );
    expect(Number(points[0]?.['energy']) / (decode?.net_JPerTok ?? 1)).toBeCloseTo(1, 3);
  });
});
