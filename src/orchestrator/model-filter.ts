import { parameterCount } from '../core/parameter-count.ts';
import { isQuantization, quantizationOf } from '../core/quantization.ts';
import type { Model, ModelType } from '../core/run.ts';

/** Numbers of parameters, both ends included. */
export interface ParameterRange {
  readonly least: number;
  readonly most: number;
}

/** Which models: all conditions that are given must hold, and a model that does not state what is asked of it is left out. */
export interface ModelFilter {
  /** Not given: language models alone. */
  readonly types?: readonly ModelType[];
  /** One of these, as `isQuantization` reads them. */
  readonly quants?: readonly string[];
  /** Begins with one of these, upper and lower case alike: `qwen` is also `qwen3moe`. */
  readonly architectures?: readonly string[];
  /** Within one of these. */
  readonly params?: readonly ParameterRange[];
  readonly minContext_tok?: number;
  readonly minSize_B?: number;
  readonly maxSize_B?: number;
  readonly onlyVision?: true;
  readonly onlyTools?: true;
  /** Each fits the key or the name. */
  readonly include?: readonly RegExp[];
  /** None fits the key or the name. */
  readonly exclude?: readonly RegExp[];
}

type Condition = (model: Model) => boolean;

/** The models that meet every condition, in their order. */
export function selectModels(models: readonly Model[], filter: ModelFilter): Model[] {
  const conditions = conditionsOf(filter);
  return models.filter((model) => conditions.every((holds) => holds(model)));
}

function conditionsOf(filter: ModelFilter): Condition[] {
  const { types = ['llm'], include = [], exclude = [] } = filter;
  return [
    (model) => types.includes(model.type ?? 'llm'),
    ...statedConditions(filter),
    ...sizeConditions(filter),
    ...include.map(
      (pattern): Condition =>
        (model) =>
          fits(model, pattern),
    ),
    ...exclude.map(
      (pattern): Condition =>
        (model) =>
          !fits(model, pattern),
    ),
  ];
}

function statedConditions(filter: ModelFilter): Condition[] {
  const { quants, architectures, params, onlyVision, onlyTools } = filter;
  const conditions: (Condition | false)[] = [
    quants !== undefined && ((model) => isOneOf(model, quants)),
    architectures !== undefined && ((model) => beginsWithOne(model.architecture, architectures)),
    params !== undefined &&
      ((model) => params.some((range) => isWithin(parameterCount(model.params), range))),
    onlyVision === true && ((model) => model.vision === true),
    onlyTools === true && ((model) => model.toolUse === true),
  ];
  return conditions.filter((condition) => condition !== false);
}

function sizeConditions({ minContext_tok, minSize_B, maxSize_B }: ModelFilter): Condition[] {
  const from = (least: number | undefined, value: (model: Model) => number | null): Condition | false =>
    least !== undefined && ((model) => isWithin(value(model), { least, most: Number.POSITIVE_INFINITY }));
  const conditions = [
    from(minContext_tok, (model) => model.maxContext_tok),
    from(minSize_B, (model) => model.size_B),
    maxSize_B !== undefined && ((model: Model) => isWithin(model.size_B, { least: 0, most: maxSize_B })),
  ];
  return conditions.filter((condition) => condition !== false);
}

function isOneOf(model: Model, quants: readonly string[]): boolean {
  const quantization = quantizationOf(model.quantization);
  return quantization !== null && quants.some((asked) => isQuantization(quantization, asked));
}

function beginsWithOne(text: string | null, beginnings: readonly string[]): boolean {
  const lower = text?.toLowerCase() ?? '';
  return beginnings.some((beginning) => lower !== '' && lower.startsWith(beginning.toLowerCase()));
}

function isWithin(value: number | null, { least, most }: ParameterRange): boolean {
  return value !== null && value >= least && value <= most;
}

function fits({ key, displayName }: Model, pattern: RegExp): boolean {
  return key.search(pattern) >= 0 || displayName.search(pattern) >= 0;
}
