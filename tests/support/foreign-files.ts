import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { keepStatements } from '../../src/storage/kept-statements.ts';

/** A report in the shape of the first LM Studio power scripts. */
export function classicReport(part: object = {}): Record<string, unknown> {
  const power = (avg_mw: number | null, sample_count: number) => ({
    min_mw: avg_mw === null ? null : avg_mw * 0.9,
    max_mw: avg_mw === null ? null : avg_mw * 1.1,
    avg_mw,
    sample_count,
  });
  const prompt = (category: string, text: string, completion_tokens: number) => ({
    category,
    prompt: text,
    response: 'some words',
    timing: { baseline_duration_s: 10, inference_duration_s: 4, cooldown_duration_s: 8 },
    inference_stats: {
      prompt_tokens: 12,
      completion_tokens,
      tokens_per_second: completion_tokens / 4,
      time_to_first_token_ms: 250,
      inference_duration_s: 4,
    },
    power_consumption: { baseline: power(1000, 10), inference: power(21_000, 4), cooldown: power(3000, 8) },
  });
  return {
    benchmark_id: '2026-01-08T14:30:00.123456',
    model: 'some-model',
    summary: { total_prompts: 2 },
    prompts: [prompt('short', 'How tall is a tower?', 100), prompt('long', 'Tell of a river.', 150)],
    ...part,
  };
}

/** One test of llama-bench. */
export function llamaBenchTest(part: object = {}): Record<string, unknown> {
  return {
    build_commit: 'abcdef12',
    build_number: 6000,
    cpu_info: 'Some CPU',
    gpu_info: 'Some GPU',
    backends: 'Vulkan',
    model_filename: '/home/someone/models/small-Q4_0.gguf',
    model_type: 'llama 1B Q4_0',
    model_size: 700_000_000,
    model_n_params: 1_000_000_000,
    n_batch: 2048,
    n_ubatch: 512,
    n_threads: 4,
    type_k: 'f16',
    type_v: 'f16',
    n_gpu_layers: 99,
    flash_attn: true,
    use_mmap: true,
    n_prompt: 0,
    n_gen: 128,
    n_depth: 0,
    test_time: '2026-02-01T10:00:00Z',
    avg_ns: 2_000_000_000,
    stddev_ns: 0,
    avg_ts: 64,
    stddev_ts: 0,
    samples_ns: [2_000_000_000, 1_600_000_000],
    samples_ts: [64, 80],
    ...part,
  };
}

/** A row of LM-Studio-Bench. */
export function studioBenchRow(part: object = {}): Record<string, string | number | null> {
  return {
    model_key: 'maker/small',
    model_name: 'small',
    quantization: 'Q4_K_M',
    avg_tokens_per_sec: 50,
    avg_ttft: 0.2,
    avg_gen_time: 4,
    prompt_tokens: 20,
    completion_tokens: 200,
    timestamp: '2026-01-04T17:00:00.250000',
    prompt: 'Is snow white?',
    context_length: 2048,
    temperature: 0.1,
    max_tokens: 256,
    num_runs: 3,
    flash_attention: 1,
    lmstudio_version: '0.4.1',
    os_name: 'Linux',
    os_version: '6.8',
    cpu_model: 'Some CPU',
    power_watts_avg: 80,
    success: 1,
    error_message: null,
    source: 'classic',
    ...part,
  };
}

/** Its database with these rows, whose columns are those of the first. */
export function studioBenchFile(path: string, rows: readonly object[], table = 'benchmark_results'): void {
  const db = keepStatements(new Database(path));
  const names = Object.keys(rows[0] ?? studioBenchRow());
  db.exec(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, ${names.join(', ')})`);
  const insert = db.prepare(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
  );
  for (const row of rows) insert.run(row);
  db.close();
}

export function jsonFile(path: string, value: unknown): string {
  writeFileSync(path, JSON.stringify(value));
  return path;
}
