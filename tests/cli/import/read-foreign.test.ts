import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../../src/analyzer/analyze.ts';
import { wholeRun } from '../../../src/cli/import/imported-run.ts';
import { readForeign } from '../../../src/cli/import/read-foreign.ts';
import type { RunDocument } from '../../../src/core/result.ts';
import { runDocumentSchema } from '../../../src/core/schemas/run-document.ts';
import { classicJson } from '../../../src/rendering/classic-json.ts';
import { openStore, type RunStore } from '../../../src/storage/store.ts';
import { documentOf } from '../../support/documents.ts';
import {
  classicReport,
  jsonFile,
  llamaBenchTest,
  studioBenchFile,
  studioBenchRow,
} from '../../support/foreign-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const CONTEXT = { file: 'results.json', toolVersion: '1.2.3' };

async function stored(path: string): Promise<{ store: RunStore; ids: readonly string[] }> {
  const store = openStore(':memory:');
  const runs = (await readForeign(path)).map((run) => wholeRun(run, CONTEXT));
  return { store, ids: store.addRuns(runs).copied };
}

/** What the analyzer makes of a file's runs after they went through the store. */
async function documentsOf(path: string): Promise<RunDocument[]> {
  const { ids, store } = await stored(path);
  expect(store.faults()).toEqual([]);
  const documents = ids.map((id) => analyze(store.load(id)));
  store.close();
  for (const document of documents) expect(runDocumentSchema.safeParse(document).error).toBeUndefined();
  return documents;
}

const inFolder = (name: string): string => join(temporaryFolder(), name);

describe('llama-bench', () => {
  const file = () =>
    jsonFile(inFolder('bench.json'), [
      llamaBenchTest({ n_prompt: 512, n_gen: 0, samples_ns: [500_000_000] }),
      llamaBenchTest(),
      llamaBenchTest({ n_threads: 8 }),
    ]);

  test('becomes one run per configuration, one trial per timed repetition', async () => {
    const [first, second, ...rest] = await documentsOf(file());
    expect(rest).toEqual([]);
    expect(first?.trials.map(({ promptId, repetition }) => [promptId, repetition])).toEqual([
      ['pp512', 0],
      ['tg128', 0],
      ['tg128', 1],
    ]);
    expect(second?.trials).toHaveLength(2);
    expect(first?.run.startedAt).toBe('2026-02-01T10:00:00.000Z');
  });

  test('keeps speeds: prompt tokens a second of prefill, tokens and seconds of generation', async () => {
    const [run] = await documentsOf(file());
    const [prefill, slow, fast] = run?.trials ?? [];
    expect(prefill?.completion?.latency.prefillTokPerS).toBeCloseTo(1024);
    expect(slow?.completion).toMatchObject({ output_tok: 128, latency: { duration_s: 2, ttft_s: null } });
    expect(fast?.completion?.latency.duration_s).toBeCloseTo(1.6);
  });

  test('has no energy, and says whose figures they are', async () => {
    const [run] = await documentsOf(file());
    expect(run?.headline).toBeNull();
    expect(run?.trials.every(({ energy }) => energy.length === 0)).toBe(true);
    expect(run?.environment.imported).toEqual({ program: 'llama-bench', file: 'results.json' });
    expect(run?.warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['IMPORTED', 'POWER_UNAVAILABLE']),
    );
  });

  test('leaves folders of the other machine out', async () => {
    const [run] = await documentsOf(file());
    expect(run?.trials[0]?.model).toBe('small-Q4_0.gguf');
    expect(JSON.stringify(run)).not.toContain('someone');
  });

  test('is read line by line too', async () => {
    const path = inFolder('bench.jsonl');
    writeFileSync(
      path,
      `${JSON.stringify(llamaBenchTest())}\n${JSON.stringify(llamaBenchTest({ n_gen: 64 }))}\n`,
    );
    const [run] = await documentsOf(path);
    expect(run?.trials).toHaveLength(4);
  });
});

describe('LM-Studio-Bench', () => {
  test('rows of one day and configuration are one run of several models', async () => {
    const path = inFolder('benchmark_cache.db');
    studioBenchFile(path, [
      studioBenchRow(),
      studioBenchRow({ quantization: 'Q8_0', timestamp: '2026-01-04T17:05:00', avg_gen_time: 8 }),
      studioBenchRow({ timestamp: '2026-01-05T09:00:00' }),
      studioBenchRow({ timestamp: '2026-01-04T18:00:00', temperature: 0.7 }),
    ]);
    const documents = await documentsOf(path);
    expect(documents.map(({ trials }) => trials.map(({ model }) => model))).toEqual([
      ['maker/small@q4_k_m', 'maker/small@q8_0'],
      ['maker/small@q4_k_m'],
      ['maker/small@q4_k_m'],
    ]);
    expect(documents[0]?.trials[1]?.completion).toMatchObject({
      output_tok: 200,
      latency: { duration_s: 8 },
    });
    expect(documents[0]?.trials[0]?.completion?.latency.ttft_s).toBeCloseTo(0.2);
    expect(documents[2]?.plan.inference.temperature).toBe(0.7);
  });

  test('its watts never become joules, and its load flags are what was asked, not what was in force', async () => {
    const path = inFolder('cache.db');
    studioBenchFile(path, [studioBenchRow()]);
    const [run] = await documentsOf(path);
    expect(run?.trials[0]?.energy).toEqual([]);
    expect(run?.trials[0]?.completion?.serverStatistics).toMatchObject({ power_watts_avg: 80 });
    expect(run?.environment.settings).toContainEqual({
      name: 'flash_attention',
      requested: 1,
      effective: null,
      source: 'unknown',
    });
  });

  test('a failed row is a failed trial, and milliseconds of capability tests are told from seconds', async () => {
    const path = inFolder('cache.db');
    studioBenchFile(path, [
      studioBenchRow({ success: 0, error_message: 'out of memory' }),
      studioBenchRow({ source: 'compatibility', avg_gen_time: 1500 }),
    ]);
    const [classic, capability] = await documentsOf(path);
    expect(classic?.trials[0]?.completion?.error?.message).toBe('out of memory');
    expect(capability?.trials[0]?.completion?.latency.duration_s).toBeCloseTo(1.5);
  });

  test('a table of its first version, with few columns, is read', async () => {
    const path = inFolder('old.db');
    const { avg_gen_time, avg_ttft, completion_tokens, model_name, prompt, prompt_tokens, timestamp } =
      studioBenchRow();
    studioBenchFile(path, [
      { avg_gen_time, avg_ttft, completion_tokens, model_name, prompt, prompt_tokens, timestamp },
    ]);
    const [run] = await documentsOf(path);
    expect(run?.trials[0]).toMatchObject({ model: 'small', completion: { output_tok: 200 } });
  });

  test('its JSON results, without prompts, are read too; other prompts are other workloads', async () => {
    const row = (prompt_hash: string, temperature: number) => {
      const { model_key: _key, prompt: _prompt, ...rest } = studioBenchRow({ prompt_hash, temperature });
      return { avg_tokens_per_sec: 50, ...rest };
    };
    const path = jsonFile(inFolder('results.json'), [row('aaaa1111ff', 0), row('bbbb2222ff', 1)]);
    const [first, second] = await documentsOf(path);
    expect(first?.trials[0]).toMatchObject({ model: 'small@q4_k_m', promptId: 'p-aaaa1111' });
    expect(first?.plan.workload.sha256).not.toBe(second?.plan.workload.sha256);
  });
});

describe('classic JSON', () => {
  test('mean powers become gross joules of the lowest grade, with a bound that says how little is known', async () => {
    const [run] = await documentsOf(jsonFile(inFolder('report.json'), classicReport()));
    const [row] = run?.trials[0]?.energy ?? [];
    expect(row?.gross_J).toBeCloseTo(21 * 4);
    expect(row?.net_J).toBeNull();
    expect(row?.grade).toBe('D');
    expect(row?.uncertainty.bound_J).toBeGreaterThan(21);
    expect(row?.codes).toEqual(expect.arrayContaining(['IMPORTED', 'FEW_SAMPLES', 'BASELINE_MISSING']));
    expect(run?.run.startedAt).toBe('2026-01-08T14:30:00.123Z');
  });

  test('a report that lmpower wrote of a run has that run’s tokens, times and mean powers', async () => {
    const source = documentOf();
    const path = jsonFile(inFolder('own.json'), classicJson(source));
    const [run] = await documentsOf(path);
    const [trial] = run?.trials ?? [];
    const [original] = source.trials;
    expect(trial?.completion?.output_tok).toBe(original?.completion?.output_tok);
    expect(trial?.completion?.latency.ttft_s).toBeCloseTo(original?.completion?.latency.ttft_s ?? Number.NaN);
    const meanOf = (document?: RunDocument) =>
      document?.trials[0]?.phases
        .find(({ kind }) => kind === 'inference')
        ?.energy.find(({ domain }) => domain === 'soc')?.meanPower_W;
    expect(meanOf(run)).toBeCloseTo(meanOf(source) ?? Number.NaN);
  });

  test('without power has no joule, and of a simulated run says so', async () => {
    const none = { min_mw: null, max_mw: null, avg_mw: null, sample_count: 0 };
    const report = classicReport({ simulated: true }) as { prompts: object[] };
    const prompts = report.prompts.map((prompt) => ({
      ...prompt,
      power_consumption: { baseline: none, inference: none, cooldown: none },
    }));
    const [run] = await documentsOf(jsonFile(inFolder('report.json'), { ...report, prompts }));
    expect(run?.headline).toBeNull();
    expect(run?.simulated).toBe(true);
  });
});

describe('what cannot be imported', () => {
  const preset = { runs: 3, context: 2048, temperature: 0.1 };
  test.each<[string, unknown, RegExp]>([
    ['nothing of results', { hello: 1 }, /nothing that is known/],
    ['no list', [], /nothing that is known/],
    ['a preset', preset, /it is a preset/],
    ['a run document', documentOf(), /is a run document of lmpower/],
    ['a report without prompts', classicReport({ prompts: [] }), /prompts/],
    ['a report of no time', classicReport({ benchmark_id: 'yesterday' }), /'yesterday' is not a time/],
    ['a bad second test', [llamaBenchTest(), llamaBenchTest({ samples_ns: [-1] })], /entry 2.*samples_ns/],
    ['a test without samples', [llamaBenchTest({ samples_ns: [] })], /entry 1.*samples_ns/],
  ])('%s is refused with the place', async (_what, value, why) => {
    const reading = readForeign(jsonFile(inFolder('file.json'), value)).then((runs) =>
      runs.map((run) => wholeRun(run, CONTEXT)),
    );
    await expect(reading).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringMatching(why),
    });
  });

  test.each([
    ['', /is empty/],
    ['<html>', /neither JSON nor SQLite/],
    [`${JSON.stringify(llamaBenchTest())}\n{"build`, /line 2/],
  ])('%j is refused', async (text, why) => {
    const path = inFolder('file');
    writeFileSync(path, text);
    await expect(readForeign(path)).rejects.toMatchObject({
      code: 'IMPORT_INVALID',
      message: expect.stringMatching(why),
    });
  });

  test('a missing file, a folder, a database without results, and one of lmpower', async () => {
    const folder = temporaryFolder();
    await expect(readForeign(join(folder, 'none'))).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
    await expect(readForeign(folder)).rejects.toMatchObject({ code: 'IMPORT_INVALID' });
    studioBenchFile(join(folder, 'other.db'), [studioBenchRow()], 'other');
    await expect(readForeign(join(folder, 'other.db'))).rejects.toThrow(/no table benchmark_results/);
    openStore(join(folder, 'own.db')).close();
    await expect(readForeign(join(folder, 'own.db'))).rejects.toMatchObject({
      remedy: expect.stringContaining('lmpower db import'),
    });
  });

  test('a table with a bad row is refused whole', async () => {
    const path = inFolder('cache.db');
    studioBenchFile(path, [studioBenchRow(), studioBenchRow({ avg_gen_time: 'fast' })]);
    await expect(readForeign(path)).rejects.toThrow(/entry 2.*avg_gen_time/);
  });
});

describe('addRuns', () => {
  test('takes the same figures in once, whatever their file is called', async () => {
    const path = jsonFile(inFolder('bench.json'), [llamaBenchTest()]);
    const { ids, store } = await stored(path);
    const again = (await readForeign(path)).map((run) => wholeRun(run, { ...CONTEXT, file: 'copy.json' }));
    expect(store.addRuns(again)).toEqual({ copied: [], present: ids });
    expect(store.list()).toMatchObject([{ imported: 'llama-bench', tags: ['imported', 'llama-bench'] }]);
    store.close();
  });

  test('takes all or none', async () => {
    const store = openStore(':memory:');
    const [good] = (await readForeign(jsonFile(inFolder('bench.json'), [llamaBenchTest()]))).map((run) =>
      wholeRun(run, CONTEXT),
    );
    if (good === undefined) throw new Error('one run is expected');
    const trial = good.part.trials?.[0];
    const broken = {
      ...good,
      run: { ...good.run, id: 'other' },
      // A second kind of thing in the place of a number: the store's own constraints refuse it.
      part: { ...good.part, trials: [{ ...trial, model: null }] },
    };
    expect(() => store.addRuns([good, broken as unknown as typeof good])).toThrow();
    expect(store.list()).toEqual([]);
    store.close();
  });
});
