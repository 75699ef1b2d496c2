import type { CodeId } from '../core/codes.ts';
import { significant } from '../core/number-text.ts';

/** What a published figure covers; figures of different scopes are never merged. */
export type ReferenceScope = 'soc' | 'whole device' | 'GPU' | 'wall, peak';

/** One published energy per output token. */
export interface ReferenceValue {
  readonly value_JPerTok: number;
  /** True: computed from peak power, hence at most this. */
  readonly isUpperBound: boolean;
  /** Several requests share each pass over the weights: another class than one-stream local use. */
  readonly isBatched: boolean;
  readonly model: string;
  readonly activeParams_B: number;
  readonly machine: string;
  readonly setup: string;
  readonly scope: ReferenceScope;
  readonly source: string;
}

type Row = readonly [
  value_JPerTok: number,
  model: string,
  activeParams_B: number,
  machine: string,
  setup: string,
];

interface Table {
  readonly scope: ReferenceScope;
  readonly isUpperBound?: true;
  readonly isBatched?: true;
  readonly source: string;
  readonly rows: readonly Row[];
}

const TABLES: readonly Table[] = [
  {
    scope: 'soc',
    source: 'john-rocky/apple-silicon-llm-bench @93ef587',
    rows: [
      [0.24, 'Gemma-4-E2B', 2, 'M4 Max', 'MLX 4-bit, gross with load, one run'],
      [0.247, 'Gemma-4-E2B', 2, 'M4 Max', 'llama.cpp Q4_K_M, gross with load, one run'],
      [0.478, 'Gemma-4-E2B', 2, 'M4 Max', 'CoreML ANE, gross with load, one run'],
    ],
  },
  {
    scope: 'whole device',
    source: 'john-rocky/apple-silicon-llm-bench @93ef587',
    rows: [
      [0.066, 'Qwen3-0.6B', 0.6, 'iPhone 17 Pro', 'MLX, battery steps, prefill included'],
      [0.252, 'Qwen3-0.6B', 0.6, 'iPhone 17 Pro', 'CoreML, battery steps, prefill included'],
      [0.232, 'Gemma-4-E2B', 2, 'iPhone 17 Pro', 'MLX, battery steps, prefill included'],
      [0.146, 'Gemma-4-E2B', 2, 'iPhone 17 Pro', 'LiteRT, battery steps, prefill included'],
    ],
  },
  {
    scope: 'soc',
    source: 'mycelium.fyi',
    rows: [
      [0.39, '8B coder', 8, 'Mac', '8-bit, 77 tok/s'],
      [1.27, '27B', 27, 'Mac', '25 tok/s'],
    ],
  },
  {
    scope: 'soc',
    source: 'dilberx/universal-llm-telemetry-suite, whose two files disagree',
    rows: [
      [0.95, 'DeepSeek-R1-Distill-Qwen-7B', 7, 'M1 Pro', 'Q4_K_M, gross with load'],
      [1.79, 'DeepSeek-R1-Distill-Qwen-7B', 7, 'M1 Pro', 'Q4_K_M, gross with load'],
    ],
  },
  {
    scope: 'GPU',
    source: 'dilberx/universal-llm-telemetry-suite',
    rows: [
      [2.0, 'Llama-3.1-8B', 8, 'RTX 3080', 'Q4_K_M, gross, 107 tok/s'],
      [1.12, 'Qwen2.5-3B', 3, 'RTX 3080', 'q4, gross'],
      [1.56, 'Qwen2.5-3B', 3, 'RTX 3080', 'q8, gross'],
      [2.3, 'Mistral-7B', 7, 'RTX 3080', 'Q5, gross'],
    ],
  },
  {
    scope: 'wall, peak',
    isUpperBound: true,
    source: 'geerlingguy/ai-benchmarks',
    rows: [
      [0.73, 'llama3.2:3b', 3, 'M4 mini', 'peak wall power ÷ tok/s'],
      [1.44, 'llama3.2:3b', 3, 'M3 Ultra', 'peak wall power ÷ tok/s'],
      [0.78, 'llama3.2:3b', 3, 'RTX 4090', 'peak wall power ÷ tok/s'],
      [1.74, 'llama3.2:3b', 3, 'RTX 3060', 'peak wall power ÷ tok/s'],
      [1.31, 'llama3.2:3b', 3, 'GB10', 'peak wall power ÷ tok/s'],
      [2.44, 'llama3.2:3b', 3, 'Raspberry Pi 5', 'peak wall power ÷ tok/s'],
      [1.51, 'llama3.2:3b', 3, 'Ryzen AI 395', 'peak wall power ÷ tok/s'],
      [4.4, 'DeepSeek-R1 14B', 14, 'M3 Ultra', 'peak wall power ÷ tok/s'],
      [5.0, 'DeepSeek-R1 14B', 14, 'RTX 4090', 'peak wall power ÷ tok/s'],
      [5.8, 'DeepSeek-R1 14B', 14, 'GB10', 'peak wall power ÷ tok/s'],
      [1.97, 'gpt-oss-20b', 3.6, 'M3 Ultra', 'peak wall power ÷ tok/s'],
      [1.82, 'gpt-oss-20b', 3.6, 'RTX 4090', 'peak wall power ÷ tok/s'],
      [2.04, 'gpt-oss-20b', 3.6, 'R9700', 'peak wall power ÷ tok/s'],
      [1.4, 'gpt-oss-20b', 3.6, 'GB10', 'peak wall power ÷ tok/s'],
      [17.3, 'Llama 70B', 70, 'M3 Ultra', 'peak wall power ÷ tok/s'],
      [33, 'Llama 70B', 70, 'GB10', 'peak wall power ÷ tok/s'],
    ],
  },
  {
    scope: 'GPU',
    isBatched: true,
    source: 'ML.ENERGY v3, steady state',
    rows: [
      [0.455, 'Llama-3.1-8B', 8, 'H100', 'batch 8'],
      [0.07, 'Llama-3.1-8B', 8, 'H100', 'batch 512'],
      [0.391, 'Llama-3.1-8B', 8, 'B200', 'batch 8'],
      [0.047, 'Llama-3.1-8B', 8, 'B200', 'batch 512'],
      [0.702, 'Gemma3-12B', 12, 'H100', 'smallest batch'],
      [0.166, 'Gemma3-12B', 12, 'H100', 'largest batch'],
      [1.511, 'Gemma3-27B', 27, 'H100', 'smallest batch'],
      [0.525, 'Gemma3-27B', 27, 'H100', 'largest batch'],
      [1.726, 'Qwen3-32B', 32, 'H100', 'smallest batch'],
      [0.624, 'Qwen3-32B', 32, 'H100', 'largest batch'],
      [0.356, 'gpt-oss-20b', 3.6, 'H100', 'smallest batch'],
      [0.044, 'gpt-oss-20b', 3.6, 'H100', 'largest batch'],
      [0.684, 'gpt-oss-120b', 5.1, 'H100', 'smallest batch'],
      [0.268, 'gpt-oss-120b', 5.1, 'H100', 'largest batch'],
      [3.759, 'Llama-3.1-70B', 70, '4 × H100', 'smallest batch'],
      [0.373, 'Llama-3.1-70B', 70, '4 × H100', 'largest batch'],
      [13.97, 'Llama-3.1-405B', 405, '8 × H100', 'FP8, smallest batch'],
      [2.06, 'Llama-3.1-405B', 405, '8 × H100', 'FP8, largest batch'],
    ],
  },
];

/** Published energies per output token, each with what it covers; for the report beside a result, never merged. */
export const REFERENCE_VALUES: readonly ReferenceValue[] = TABLES.flatMap(
  ({ rows, scope, source, isBatched, isUpperBound }) =>
    rows.map(([value_JPerTok, model, activeParams_B, machine, setup]) => ({
      value_JPerTok,
      isUpperBound: isUpperBound === true,
      isBatched: isBatched === true,
      model,
      activeParams_B,
      machine,
      setup,
      scope,
      source,
    })),
);

/** Mixtures of experts whose names give all parameters, not the active ones. Source: their model cards. */
const ACTIVE_BY_NAME: readonly (readonly [RegExp, number])[] = [
  [/gpt-oss-20b/i, 3.6],
  [/gpt-oss-120b/i, 5.1],
  [/deepseek-(?:r1|v3)(?:[-:]671b)?$/i, 37],
  [/mixtral-8x7b/i, 12.9],
  [/mixtral-8x22b/i, 39],
];

/** Billions of active parameters as a model's name says: `30b-a3b` 3, `8B` 8, `E2B` 2; null where it does not. */
export function activeParamsOf(model: string): number | null {
  const known = ACTIVE_BY_NAME.find(([pattern]) => pattern.test(model));
  if (known !== undefined) return known[1];
  if (/\d+x\d+(\.\d+)?b/i.test(model)) return null;
  const active = /(?:^|[^a-z\d.])a(\d+(?:\.\d+)?)b(?![a-z\d])/i.exec(model);
  const all = /(?:^|[^a-z\d.])e?(\d+(?:\.\d+)?)([bm])(?![a-z\d])/i.exec(model);
  if (active?.[1] !== undefined) return Number(active[1]);
  if (all?.[1] === undefined) return null;
  return all[2]?.toLowerCase() === 'm' ? Number(all[1]) / 1000 : Number(all[1]);
}

/**
 * Gross J/token that one-stream local use has been seen in, by billions of active parameters; servers on the CPU alone
 * excluded. Between the classes the band holds both neighbours. A heuristic: the envelope of the published rows, widened.
 */
export function sanityBand(activeParams_B: number): readonly [least_JPerTok: number, most_JPerTok: number] {
  if (activeParams_B <= 8) return [0.05, 3];
  if (activeParams_B < 9) return [0.05, 15];
  if (activeParams_B <= 40) return [0.3, 15];
  return activeParams_B < 70 ? [0.3, 40] : [3, 40];
}

/** One sentence where a model's gross J/token lies outside its band; null inside it, or where nothing can be said. */
export function sanityLine(model: string, gross_JPerTok: number | null): string | null {
  const params_B = activeParamsOf(model);
  if (gross_JPerTok === null || params_B === null) return null;
  const [least_JPerTok, most_JPerTok] = sanityBand(params_B);
  if (gross_JPerTok >= least_JPerTok && gross_JPerTok <= most_JPerTok) return null;
  const side = gross_JPerTok < least_JPerTok ? 'below' : 'above';
  return `${significant(gross_JPerTok)} J/token gross is ${side} what has been published for models of ${params_B}B active parameters (${least_JPerTok} to ${most_JPerTok}, one request at a time): look twice`;
}

/** The same as a quality code. It warns and corrects nothing. Source: METHOD §5. */
export function referenceCodes(model: string, gross_JPerTok: number | null): CodeId[] {
  return sanityLine(model, gross_JPerTok) === null ? [] : ['OUTSIDE_REFERENCE'];
}
