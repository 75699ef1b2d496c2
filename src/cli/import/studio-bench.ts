import { grouped } from '../../core/grouped.ts';
import type { InferenceSettings } from '../../core/run.ts';
import type { StudioBenchRow } from '../../core/schemas/foreign.ts';
import { S_PER_MS, type Seconds } from '../../core/units.ts';
import type { Prompt } from '../../core/workload.ts';
import { canonicalJson } from '../../orchestrator/canonical-json.ts';
import {
  completionOf,
  type ForeignRun,
  inferenceOf,
  numbered,
  promptOf,
  settingsOf,
} from './imported-run.ts';
import { utcLabel } from './utc-label.ts';

export const STUDIO_BENCH_PROGRAM = 'lm-studio-bench';

/** Parameters as it asked for them. That it sent them is not known: some of its load flags never reach the server. */
const ASKED = [
  'context_length',
  'gpu_offload',
  'n_gpu_layers',
  'n_batch',
  'n_threads',
  'flash_attention',
  'rope_freq_base',
  'rope_freq_scale',
  'use_mmap',
  'use_mlock',
  'kv_cache_quant',
] as const satisfies readonly (keyof StudioBenchRow)[];

const SAMPLING = [
  'temperature',
  'top_k_sampling',
  'top_p_sampling',
  'min_p_sampling',
  'repeat_penalty',
  'max_tokens',
] as const;

/** All that rows of one run must have in common. */
const SHARED = [
  ...ASKED,
  ...SAMPLING,
  'source',
  'gpu_type',
  'cpu_model',
  'os_name',
  'os_version',
  'lmstudio_version',
  'app_version',
] as const satisfies readonly (keyof StudioBenchRow)[];

const DAY_CHARACTERS = 10;
const MOST_OUTPUT_TOK = 256;

/**
 * Rows of LM-Studio-Bench: rows of one day and one configuration are a run, each row a trial. A row is one request or a
 * mean over several, as its own figures say, all with one and the same prompt; its watts are a mean over loading and
 * waiting too, so that no joule comes of them.
 */
export function studioBenchRuns(rows: readonly StudioBenchRow[]): ForeignRun[] {
  const groups = grouped(rows, (row) => {
    const shared = SHARED.map((name) => row[name] ?? null);
    return canonicalJson([row.timestamp.slice(0, DAY_CHARACTERS), ...shared]);
  });
  return [...groups.values()].map((group) =>
    runOf([...group].sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1))),
  );
}

function runOf(rows: readonly StudioBenchRow[]): ForeignRun {
  const [first] = rows;
  const prompts = rows.map(promptOfRow);
  return {
    program: STUDIO_BENCH_PROGRAM,
    startedAt: utcLabel(first?.timestamp ?? ''),
    backend: 'lmstudio',
    prompts: [...new Map(prompts.map((prompt) => [prompt.id, prompt])).values()],
    trials: numbered([...trialsOf(rows)], STUDIO_BENCH_PROGRAM),
    environment: {
      chip: first?.cpu_model ?? null,
      os: [first?.os_name, first?.os_version].filter(Boolean).join(' ') || 'unknown',
      backendVersion: first?.lmstudio_version ?? null,
      engine: first?.gpu_type ?? null,
      settings: settingsOf({ ...first }, ASKED, 'requested'),
    },
    inference: inferenceSettings(first),
  };
}

function inferenceSettings(row: StudioBenchRow | undefined): Partial<InferenceSettings> {
  return {
    temperature: row?.temperature ?? null,
    topK: row?.top_k_sampling ?? null,
    topP: row?.top_p_sampling ?? null,
    minP: row?.min_p_sampling ?? null,
    repeatPenalty: row?.repeat_penalty ?? null,
    maxOutput_tok: row?.max_tokens ?? null,
  };
}

function* trialsOf(rows: readonly StudioBenchRow[]): Generator<Parameters<typeof numbered>[0][number]> {
  let from_s: Seconds = 0;
  for (const row of rows) {
    const ended_s = from_s + duration_s(row);
    const { category, id } = promptOfRow(row);
    const completion = completionOf({
      promptId: id,
      requested_s: from_s,
      ended_s,
      firstToken_s:
        row.avg_ttft === null || row.avg_ttft === undefined || row.avg_ttft === 0
          ? null
          : from_s + row.avg_ttft,
      input_tok: row.prompt_tokens ?? null,
      output_tok: row.completion_tokens ?? null,
      text: row.raw_output ?? '',
      statistics: statisticsOf(row),
      error: isFailed(row) ? (row.error_message ?? 'it says no more than that it failed') : null,
    });
    yield { model: modelKey(row), category, phases: inferenceOf(completion), completion };
    from_s = ended_s;
  }
}

/** Of capability tests the column holds milliseconds. */
function duration_s({ avg_gen_time, source }: StudioBenchRow): Seconds {
  return source === 'compatibility' ? avg_gen_time * S_PER_MS : avg_gen_time;
}

/** Its own figures that have no place elsewhere. */
const STATISTICS = [
  'timestamp',
  'avg_tokens_per_sec',
  'avg_ttft',
  'avg_gen_time',
  'num_runs',
  'runs_averaged_from',
  'run_index',
  'power_watts_avg',
  'test_id',
] as const satisfies readonly (keyof StudioBenchRow)[];

function statisticsOf(row: StudioBenchRow): Record<string, unknown> {
  return Object.fromEntries(STATISTICS.map((name) => [name, row[name] ?? null]));
}

/** Where the text is not in the row, its digest tells prompts apart. */
function promptOfRow(row: StudioBenchRow): Prompt {
  const prompt = promptOf(row.prompt ?? '', row.capability ?? 'classic', row.max_tokens ?? MOST_OUTPUT_TOK);
  const { prompt_hash } = row;
  if (typeof row.prompt === 'string' || prompt_hash === null || prompt_hash === undefined) return prompt;
  return { ...prompt, id: `p-${prompt_hash.slice(0, 8)}` };
}

/** The variant is part of the key, as LM Studio writes it. */
function modelKey({ model_key: given, model_name, quantization }: StudioBenchRow): string {
  const model_key = given ?? model_name;
  const label = (quantization ?? '').toLowerCase();
  return model_key.includes('@') || label === '' || label === 'unknown' ? model_key : `${model_key}@${label}`;
}

function isFailed({ success }: StudioBenchRow): boolean {
  return success === 0 || success === false;
}
