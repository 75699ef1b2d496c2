import { LmpowerError } from '../core/errors.ts';
import type { InferenceSettings, LoadSettings } from '../core/run.ts';

interface Limit {
  readonly flag: string;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly whole: boolean;
  /** A good value, for the remedy. */
  readonly example: number;
}

/** Inclusive limits of every number in a plan. Phases over an hour or thousands of trials are slips of the hand. */
const PLAN_LIMITS = {
  interval_ms: { flag: '--interval', min: 20, max: 10_000, unit: 'ms', whole: true, example: 500 },
  baseline_s: { flag: '--baseline', min: 0.2, max: 3600, unit: 's', whole: false, example: 10 },
  baselineMax_s: { flag: '--baseline-max', min: 0.2, max: 3600, unit: 's', whole: false, example: 60 },
  cooldown_s: { flag: '--cooldown', min: 0.2, max: 3600, unit: 's', whole: false, example: 10 },
  trials: { flag: '--trials', min: 1, max: 10_000, unit: 'repetitions', whole: true, example: 5 },
  baselineTtl_s: { flag: '--baseline-ttl', min: 1, max: 86_400, unit: 's', whole: false, example: 600 },
  untilCi: { flag: '--until-ci', min: 0.1, max: 50, unit: '%', whole: false, example: 3 },
  maxTrials: { flag: '--max-trials', min: 2, max: 10_000, unit: 'repetitions', whole: true, example: 50 },
  maxMinutes: { flag: '--max-minutes', min: 0.1, max: 100_000, unit: 'minutes', whole: false, example: 60 },
  orderSeed: { flag: '--order-seed', min: 0, max: 2 ** 32 - 1, unit: '', whole: true, example: 1 },
  temperature: { flag: '--temperature', min: 0, max: 2, unit: '', whole: false, example: 0 },
  topP: { flag: '--top-p', min: 0, max: 1, unit: '', whole: false, example: 1 },
  topK: { flag: '--top-k', min: 0, max: 1_000_000, unit: '', whole: true, example: 40 },
  minP: { flag: '--min-p', min: 0, max: 1, unit: '', whole: false, example: 0.05 },
  repeatPenalty: { flag: '--repeat-penalty', min: 0, max: 10, unit: '', whole: false, example: 1 },
  seed: { flag: '--seed', min: 0, max: 2 ** 32 - 1, unit: '', whole: true, example: 42 },
  maxOutput_tok: { flag: '--max-tokens', min: 1, max: 1_000_000, unit: 'tokens', whole: true, example: 512 },
  context_tok: { flag: '--context', min: 1, max: 100_000_000, unit: 'tokens', whole: true, example: 4096 },
  gpuOffload: { flag: '--gpu', min: 0, max: 1, unit: '', whole: false, example: 1 },
  parallel: { flag: '--parallel', min: 1, max: 1024, unit: 'requests', whole: true, example: 1 },
  gpuLayers: { flag: '--gpu-layers', min: 0, max: 100_000, unit: 'layers', whole: true, example: 20 },
  batch_tok: { flag: '--batch', min: 1, max: 1_000_000, unit: 'tokens', whole: true, example: 512 },
  physicalBatch_tok: {
    ...{ flag: '--physical-batch', min: 1, max: 1_000_000, unit: 'tokens', whole: true, example: 512 },
  },
  threads: { flag: '--threads', min: 1, max: 4096, unit: 'threads', whole: true, example: 8 },
  ropeBase: { flag: '--rope-base', min: 1, max: 1e12, unit: '', whole: false, example: 10_000 },
  ropeScale: { flag: '--rope-scale', min: 1e-6, max: 1e6, unit: '', whole: false, example: 1 },
} as const satisfies Record<string, Limit>;

export type LimitedNumber = keyof typeof PLAN_LIMITS;

/** The value itself. @throws {LmpowerError} USAGE, naming the flag, the value and the range */
export function checkNumber(name: LimitedNumber, value: number): number {
  const { flag, min, max, unit, whole, example }: Limit = PLAN_LIMITS[name];
  const remedy = `for example: ${flag} ${example}`;
  if (!Number.isFinite(value) || (whole && !Number.isInteger(value))) {
    const shape = `${whole ? 'a whole number' : 'a number'}${unit === '' ? '' : ` of ${unit}`}`;
    throw new LmpowerError('USAGE', `${flag} takes ${shape}, not ${value}.`, { remedy });
  }
  if (value < min || value > max) {
    const range = `${min} to ${max}${unit === '' ? '' : ` ${unit}`}`;
    throw new LmpowerError('USAGE', `${flag} ${value} is outside ${range}.`, { remedy });
  }
  return value;
}

/** @throws {LmpowerError} USAGE */
export function checkInference(settings: InferenceSettings): InferenceSettings {
  checkGiven(settings);
  if ((settings.stop ?? []).some((text) => text === ''))
    throw new LmpowerError('USAGE', '--stop takes a text that ends the answer, not an empty one.', {
      remedy: "for example: --stop '###'",
    });
  return settings;
}

/** @throws {LmpowerError} USAGE */
export function checkLoad(settings: LoadSettings): LoadSettings {
  checkGiven(settings);
  const { batch_tok, flashAttention, physicalBatch_tok, vCacheType } = settings;
  if (typeof batch_tok === 'number' && typeof physicalBatch_tok === 'number' && physicalBatch_tok > batch_tok)
    throw new LmpowerError(
      'USAGE',
      `--physical-batch ${physicalBatch_tok} is more than --batch ${batch_tok}.`,
      {
        remedy: `--physical-batch ${batch_tok}, or less`,
      },
    );
  // Source: llama.cpp, "V cache quantization requires flash_attn".
  if (flashAttention === false && /^(?:i?q)/.test(vCacheType ?? ''))
    throw new LmpowerError('USAGE', `a value cache of ${vCacheType} needs flash attention.`, {
      remedy: 'leave --no-flash-attention out, or: --v-cache f16',
    });
  return settings;
}

function checkGiven(values: object): void {
  const limits: readonly string[] = Object.keys(PLAN_LIMITS);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number' && isLimited(name, limits)) checkNumber(name, value);
  }
}

function isLimited(name: string, limits: readonly string[]): name is LimitedNumber {
  return limits.includes(name);
}
