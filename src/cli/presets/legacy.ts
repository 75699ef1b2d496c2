/** Names of LM-Studio-Bench's preset fields, flat or under `inference` and `load`, as flags of `lmpower run`. Source: seed 000. */
const KEYS: Readonly<Record<string, string>> = {
  context: 'context',
  context_length: 'context',
  runs: 'trials',
  num_runs: 'trials',
  limit: 'limit',
  retest: '',
  min_context: 'minContext',
  max_size: 'maxSize',
  quants: 'quants',
  arch: 'arch',
  params: 'params',
  only_vision: 'onlyVision',
  only_tools: 'onlyTools',
  include_models: 'includeModels',
  exclude_models: 'excludeModels',
  temperature: 'temperature',
  top_k: 'topK',
  top_k_sampling: 'topK',
  top_p: 'topP',
  top_p_sampling: 'topP',
  min_p: 'minP',
  min_p_sampling: 'minP',
  repeat_penalty: 'repeatPenalty',
  max_tokens: 'maxTokens',
  n_gpu_layers: 'gpuLayers',
  n_batch: 'batch',
  n_threads: 'threads',
  flash_attention: 'flashAttention',
  rope_freq_base: 'ropeBase',
  rope_freq_scale: 'ropeScale',
  use_mmap: 'mmap',
  use_mlock: 'mlock',
  kv_cache_quant: 'kvCache',
  n_parallel: 'parallel',
  unified_kv_cache: 'unifiedKvCache',
};

/** −1 stands for all or automatic there; lmpower leaves such a flag out. */
const AUTOMATIC = new Set(['gpuLayers', 'threads']);

const SWITCHES_WITH_WORDS = new Set(['flashAttention']);

export interface Mapped {
  readonly run: Record<string, unknown>;
  /** Fields without a counterpart, which are said, not dropped in silence. */
  readonly ignored: readonly string[];
}

/** True for a preset as LM-Studio-Bench writes it: no `run` section, but one of its field names. */
export function isLegacyPreset(json: object): boolean {
  return !('run' in json) && flat(json).some(([key]) => Object.hasOwn(KEYS, key));
}

/** Its fields as settings of `run`. Nulls mean nothing there, and are left out. */
export function fromLegacyPreset(json: object): Mapped {
  const run: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const [key, value] of flat(json)) {
    if (value === null || DESCRIPTION.has(key)) continue;
    const setting = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (setting === undefined) ignored.push(key);
    else if (setting !== '' && !(AUTOMATIC.has(setting) && value === -1))
      run[setting] = worded(setting, value);
  }
  return { run, ignored };
}

const DESCRIPTION = new Set(['name', 'title', 'description', 'readonly']);

function worded(setting: string, value: unknown): unknown {
  if (!SWITCHES_WITH_WORDS.has(setting) || typeof value !== 'boolean') return value;
  return value ? 'on' : 'off';
}

function flat(json: object): [string, unknown][] {
  return Object.entries(json).flatMap(([key, value]): [string, unknown][] =>
    (key === 'inference' || key === 'load') && typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [[key, value]],
  );
}
