/** Files of other programs that `lmpower import` reads. What is not named here is left alone. */
import { z } from 'zod';

const amount = z.number().min(0);
const maybe = amount.nullish();
const word = z.string().nullish();

const power = z.object({
  min_mw: maybe,
  max_mw: maybe,
  avg_mw: maybe,
  sample_count: z.int().min(0),
});

/** The report of the first LM Studio power scripts; lmpower writes it as `classic-json`. */
export const classicReportSchema = z.object({
  simulated: z.boolean().optional(),
  benchmark_id: z.string(),
  model: word,
  prompts: z
    .array(
      z.object({
        category: z.string().min(1),
        prompt: word,
        response: word,
        timing: z.object({
          baseline_duration_s: maybe,
          inference_duration_s: maybe,
          cooldown_duration_s: maybe,
        }),
        inference_stats: z.object({
          prompt_tokens: maybe,
          completion_tokens: maybe,
          tokens_per_second: maybe,
          time_to_first_token_ms: maybe,
          inference_duration_s: maybe,
        }),
        power_consumption: z.object({ baseline: power, inference: power, cooldown: power }),
      }),
    )
    .min(1),
});
export type ClassicReport = z.infer<typeof classicReportSchema>;

const flag = z.union([z.string(), z.number(), z.boolean()]).nullish();

/** One test of llama-bench, as `-o json` and `-o jsonl` print it. Source: llama.cpp tools/llama-bench. */
export const llamaBenchTestSchema = z
  .object({
    build_commit: z.string(),
    build_number: z.number(),
    cpu_info: word,
    gpu_info: word,
    backends: word,
    model_filename: z.string().min(1),
    model_type: word,
    model_size: maybe,
    model_n_params: maybe,
    n_prompt: z.int().min(0),
    n_gen: z.int().min(0),
    n_depth: z.int().min(0).default(0),
    test_time: z.iso.datetime({ offset: true }),
    samples_ns: z.array(z.number().positive()).min(1),
  })
  .catchall(flag.or(z.array(z.unknown())));
export type LlamaBenchTest = z.infer<typeof llamaBenchTestSchema>;

/**
 * A row of LM-Studio-Bench's `benchmark_results`, or of its JSON results, which have neither key nor prompt in older
 * versions; columns came over time, so most may be missing.
 */
export const studioBenchRowSchema = z.object({
  model_key: word,
  model_name: z.string().min(1),
  quantization: word,
  avg_tokens_per_sec: maybe,
  avg_ttft: maybe,
  avg_gen_time: amount,
  prompt_tokens: maybe,
  completion_tokens: maybe,
  timestamp: z.string().min(1),
  prompt: word,
  prompt_hash: word,
  capability: word,
  test_id: word,
  success: z.union([z.number(), z.boolean()]).nullish(),
  error_message: word,
  raw_output: word,
  source: word,
  gpu_type: word,
  cpu_model: word,
  os_name: word,
  os_version: word,
  lmstudio_version: word,
  app_version: word,
  num_runs: maybe,
  runs_averaged_from: maybe,
  run_index: maybe,
  power_watts_avg: maybe,
  context_length: maybe,
  gpu_offload: z.number().nullish(),
  temperature: maybe,
  top_k_sampling: maybe,
  top_p_sampling: maybe,
  min_p_sampling: maybe,
  repeat_penalty: maybe,
  max_tokens: maybe,
  n_gpu_layers: z.number().nullish(),
  n_batch: z.number().nullish(),
  n_threads: z.number().nullish(),
  flash_attention: z.union([z.number(), z.boolean()]).nullish(),
  rope_freq_base: z.number().nullish(),
  rope_freq_scale: z.number().nullish(),
  use_mmap: z.union([z.number(), z.boolean()]).nullish(),
  use_mlock: z.union([z.number(), z.boolean()]).nullish(),
  kv_cache_quant: word,
});
export type StudioBenchRow = z.infer<typeof studioBenchRowSchema>;
