import { describe, expect, test } from 'vitest';
import { REPORTS } from '../../reports/index.ts';
import type { Report, ReportRows } from '../../reports/report.ts';
import { at } from '../support/at.ts';
import { ODD_ROWS } from '../support/odd-rows.ts';
import { plainSession } from '../support/plain-session.ts';
import { rowsOf, SAMPLE_MODELS, sampleRecording } from '../support/report-rows.ts';

const sample = rowsOf(sampleRecording());

function reportOf(id: string): Report {
  const report = REPORTS.find((one) => one.id === id);
  if (report === undefined) throw new Error(`no report ${id}`);
  return report;
}

function rowsIn(id: string, dataset: string, rows: ReportRows = sample): Record<string, unknown>[] {
  const found = at(reportOf(id).build(rows), 'datasets', dataset);
  return Array.isArray(found) ? found : [];
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

describe('every report', () => {
  test('has its own id, a question and a caption that is a sentence', () => {
    expect(new Set(REPORTS.map(({ id }) => id)).size).toBe(REPORTS.length);
    for (const { question, caption } of REPORTS) {
      expect(question).toMatch(/^[A-Z].*\?$/);
      expect(caption).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('a run of several models fills all but what needs the lab, a grid of lengths, stated sizes, read memory, or further runs', () => {
    const empty = REPORTS.filter((report) => report.build(sample) === null).map(({ id }) => id);
    expect(empty).toEqual([
      'size-against-energy',
      'memory-against-energy',
      'measured-against-truth',
      'regression-residuals',
      'concurrency',
      'history',
    ]);
  });

  test.each(ODD_ROWS)('%s: null or finite numbers, and a note that is text or null', (_title, make) => {
    const rows = make();
    for (const report of REPORTS) {
      const spec = report.build(rows);
      expect(numbersIn(spec).every(Number.isFinite)).toBe(true);
      const note = report.note?.(rows) ?? null;
      expect(note === null || note.length > 0).toBe(true);
    }
  });

  test('without energy nothing about energy is drawn', () => {
    const rows = rowsOf(plainSession({ series: [] }));
    expect(REPORTS.filter((report) => report.build(rows) !== null).map(({ id }) => id)).toEqual([]);
  });
});

describe('power over time', () => {
  test('draws each reading of a short run at its start, with its power', () => {
    const rows = rowsOf(plainSession());
    const powers = rowsIn('power-over-time', 'power', rows).filter(({ mean_W }) => mean_W !== null);
    expect(powers.length).toBe(rows.timeline.length + 1);
    expect(powers.map(({ mean_W }) => mean_W)).toContain(30);
    expect(reportOf('power-over-time').note?.(rows)).toBe(null);
  });

  test('says how many readings a point stands for, and of which run', () => {
    const rows = rowsOf(sampleRecording(), plainSession());
    expect(reportOf('power-over-time').note?.(rows)).toMatch(
      /first of 2 runs.*readings are drawn as \d+ points/,
    );
  });

  test('a hole in the readings breaks the line', () => {
    const point = { min_W: 1, max_W: 1, mean_W: 1, energy_J: 1, count: 1, domain: 'soc' };
    const rows = {
      ...rowsOf(plainSession()),
      timeline: [
        { ...point, start_s: 0, end_s: 1 },
        { ...point, start_s: 1, end_s: 2 },
        { ...point, start_s: 9, end_s: 10 },
      ],
    };
    expect(rowsIn('power-over-time', 'power', rows).map(({ t_s, mean_W }) => [t_s, mean_W])).toEqual([
      ...[
        [0, 1],
        [1, 1],
        [2, 1],
        [2, null],
      ],
      ...[
        [9, 1],
        [10, 1],
        [10, null],
      ],
    ]);
  });

  test('tokens closer than a pixel are one stretch', () => {
    expect(rowsIn('power-over-time', 'tokens').length).toBe(sample.documents[0]?.trials.length);
  });
});

describe('energy by model', () => {
  test('prefill, decode and rest add up to net, and idle power to gross, as the table has them', () => {
    for (const total of rowsIn('energy-by-model', 'totals')) {
      const own = rowsIn('energy-by-model', 'segments').filter(({ label }) => label === total['label']);
      expect(own.map(({ part }) => part)).toEqual(
        expect.arrayContaining(['prefill', 'decode', 'idle power']),
      );
      const ends = own.filter(({ part }) => part !== 'idle power').map((one) => Number(one['to_JPerTok']));
      expect(Math.max(...ends) / Number(total['net_JPerTok'])).toBeCloseTo(1, 2);
      expect(own.at(-1)?.['to_JPerTok']).toBe(total['gross_JPerTok']);
    }
  });

  test('does not split where one trial’s parts are unresolved', () => {
    const documents = sample.documents.map((document) => ({
      ...document,
      trials: document.trials.map((trial) => ({
        ...trial,
        energy: trial.energy.map((row) => ({ ...row, prefill: trial.index === 0 ? null : row.prefill })),
      })),
    }));
    const parts = (label: string): unknown[] =>
      rowsIn('energy-by-model', 'segments', { ...sample, documents })
        .filter((one) => one['label'] === label)
        .map(({ part }) => part);
    expect(parts('qwen3-4b@q4_k_m')).toEqual(['request, not split', 'idle power']);
    expect(parts('qwen3-4b@q8_0')).toContain('prefill');
  });
});

describe('other charts', () => {
  test('the frontier holds what no other beats in both', () => {
    const slow = { key: 'slow-but-frugal', tokPerS: 20, decode_W: 3, prefill_W: 6 };
    const rows = rowsOf(sampleRecording({ models: [...SAMPLE_MODELS, slow], repetitions: 1 }));
    expect(rowsIn('speed-against-energy', 'front', rows).map(({ label }) => label)).toEqual([
      'slow-but-frugal',
      'qwen3-4b@q4_k_m',
    ]);
  });

  test('deviations of a prompt’s repetitions have mean zero', () => {
    const points = rowsIn('trial-spread', 'points').map(({ mean }) => Number(mean));
    expect(points.length).toBe(48);
    expect(points.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0, 1);
  });

  test('the parts of the machine are in percent of the whole, phase by phase', () => {
    const shares = rowsIn('closure', 'shares').filter(({ kind }) => kind === 'baseline');
    expect(shares.map(({ domain, share }) => [domain, share])).toEqual([
      ['cpu', 25],
      ['gpu', 75],
    ]);
  });

  test('a load says when unloading pays off only where residency was measured', () => {
    const unknown = { value: null, ci95: null, spread: null };
    const lifecycle = [
      {
        ...{ model: 'qwen3-4b@q4_k_m', domain: 'soc', scope: '', headline: true, n: 1, breakEven_s: 130 },
        ...{ closed_W: unknown, open_W: unknown, resident_W: unknown, load_s: unknown, load_J: unknown },
        ...{ netLoad_J: unknown, unload_J: unknown, residency_W: { value: 0.5, ci95: null, spread: null } },
      },
    ];
    const documents = sample.documents.map((document) => ({ ...document, lifecycle }));
    expect(reportOf('model-load').note?.({ ...sample, documents })).toBe(
      'qwen3-4b@q4_k_m draws 0.500 W more while it waits in memory: loading it anew is cheaper after 2 min 10 s without a request.',
    );
    expect(reportOf('model-load').note?.(sample)).toContain('needs idle power without the model');
  });

  test('each load stands beside a mean request of its own model', () => {
    const loads = rowsIn('model-load', 'loads');
    expect(loads.map(({ label, what }) => `${label} ${what}`)).toEqual(
      SAMPLE_MODELS.flatMap(({ key }) => [`${key} load`, `${key} mean request`]),
    );
    expect(loads.filter(({ what }) => what === 'load').map(({ duration_s }) => duration_s)).toEqual([
      4, 4, 4, 4,
    ]);
  });

  test('thermal levels are spans, coolest first', () => {
    expect(rowsIn('thermal', 'spans').map(({ level }) => level)).toEqual(['Nominal', 'Moderate', 'Nominal']);
  });

  test('three runs of one model are a history, two are not', () => {
    const run = (day: number): ReturnType<typeof sampleRecording> =>
      sampleRecording({
        startedAt: `2026-03-0${day}T09:30:00.000Z`,
        repetitions: 1,
        models: SAMPLE_MODELS.slice(0, 1),
      });
    expect(reportOf('history').build(rowsOf(run(1), run(2)))).toBe(null);
    expect(rowsIn('history', 'runs', rowsOf(run(1), run(2), run(3))).length).toBe(3);
  });

  test('where the lab took part, each trial stands beside its truth', () => {
    const documents = sample.documents.map((document) => ({
      ...document,
      trials: document.trials.map((trial) => ({
        ...trial,
        truth: {
          gross_J: 0,
          net_J: (trial.energy.find(({ domain }) => domain === 'soc')?.net_J ?? 0) / 1.1,
          prefill_J: null,
          decode_J: null,
        },
      })),
    }));
    const errors = rowsIn('measured-against-truth', 'errors', { ...sample, documents });
    expect(errors.map(({ error }) => Number(error))).toEqual(errors.map(() => 10));
  });

  test('a coloured chart of more configurations than hues says what it leaves out', () => {
    const models = Array.from({ length: 9 }, (_, i) => ({
      key: `model-${i}`,
      tokPerS: 40,
      decode_W: 10 + i,
      prefill_W: 20,
    }));
    const rows = rowsOf(sampleRecording({ models, repetitions: 1 }));
    expect(reportOf('energy-per-prompt').note?.(rows)).toBe(
      'Drawn are the 6 cheapest of 9 configurations; all are in the ranking.',
    );
  });
});
