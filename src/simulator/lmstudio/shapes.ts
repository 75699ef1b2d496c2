import { MS_PER_S } from '../../core/units.ts';
import type { LabModel } from './catalog.ts';
import type { LmStudioFaults } from './faults.ts';
import type { Instance } from './instance.ts';
import type { JsonRecord } from './json.ts';
import type { PredictionOutcome, PromptProgress } from './prediction.ts';
import { contextOf_tok } from './settings.ts';

/** The SDK's `ModelInfo`. */
export function modelShape(model: LabModel, faults: LmStudioFaults): JsonRecord {
  const llm = { vision: model.vision, trainedForToolUse: model.toolUse };
  return {
    type: model.type,
    modelKey: model.key,
    format: model.format,
    displayName: model.displayName,
    publisher: model.publisher,
    path: model.path,
    sizeBytes: model.size_B,
    indexedModelIdentifier: model.path,
    ...(faults.oldModelShape ? {} : { deviceIdentifier: model.deviceIdentifier }),
    paramsString: model.params,
    architecture: model.architecture,
    quantization: model.quantization,
    ...(model.variants === undefined ? {} : { variants: model.variants, selectedVariant: model.key }),
    ...(model.type === 'llm' ? llm : {}),
    maxContextLength: model.maxContext_tok,
  };
}

/** The SDK's `ModelInstanceInfo`. */
export function instanceShape(instance: Instance, faults: LmStudioFaults): JsonRecord {
  const { identifier, reference, model, settings, ttl_s } = instance.origin;
  return {
    ...modelShape(model, faults),
    identifier,
    instanceReference: reference,
    ttlMs: ttl_s === null ? null : ttl_s * MS_PER_S,
    lastUsedTime: instance.lastUsedAt === null ? null : Date.parse(instance.lastUsedAt),
    contextLength: contextOf_tok(model, settings),
  };
}

/** A list of models, with one of a type the SDK does not know where the fault is on. */
export function modelList(models: readonly LabModel[], faults: LmStudioFaults): JsonRecord[] {
  const shapes = models.map((model) => modelShape(model, faults));
  const [first] = shapes;
  if (!faults.unknownModelType || first === undefined) return shapes;
  return [...shapes, { ...first, type: 'drafter', modelKey: 'simulated-drafter' }];
}

/** The SDK's `stats`: counts are integers, and what is unknown is left out. */
export function statsShape(outcome: PredictionOutcome): JsonRecord {
  const rate_tokPerS = tokPerSOf(outcome);
  return {
    stopReason: outcome.stopReason,
    ...(outcome.stopString === null ? {} : { stopString: outcome.stopString }),
    ...(rate_tokPerS === null ? {} : { tokensPerSecond: rate_tokPerS }),
    ...(outcome.firstToken_s === null
      ? {}
      : { timeToFirstTokenSec: outcome.firstToken_s - outcome.requested_s }),
    totalTimeSec: outcome.ended_s - outcome.requested_s,
    promptTokensCount: outcome.prompt_tok,
    predictedTokensCount: outcome.output_tok,
    totalTokensCount: outcome.prompt_tok + outcome.output_tok,
    ...draftShape(outcome),
  };
}

function draftShape({ draft }: PredictionOutcome): JsonRecord {
  if (draft === null) return {};
  return {
    usedDraftModelKey: draft.modelKey,
    totalDraftTokensCount: draft.draft_tok,
    acceptedDraftTokensCount: draft.accepted_tok,
    rejectedDraftTokensCount: draft.draft_tok - draft.accepted_tok,
    ignoredDraftTokensCount: 0,
  };
}

/** Passes after the first token by the time they took; null where there was none. */
export function tokPerSOf(outcome: PredictionOutcome): number | null {
  if (outcome.firstToken_s === null || outcome.passes === 0) return null;
  const span_s = outcome.passesEnd_s - outcome.firstToken_s;
  return span_s > 0 ? outcome.passes / span_s : null;
}

export function progressShape(progress: PromptProgress, faults: LmStudioFaults): JsonRecord {
  const { cached_tok, processed_tok, left_tok } = progress;
  const details = {
    cachedTokenCount: cached_tok,
    totalPromptTokenCount: cached_tok + processed_tok + left_tok,
    processedPromptTokenCount: processed_tok,
    unprocessedPromptTokenCount: left_tok,
  };
  return {
    type: 'promptProcessingProgress',
    progress: progressRatio(progress),
    ...(faults.oldPromptProgress ? {} : { details }),
  };
}

/** Part of the prompt that is done, cached tokens included, 0 to 1. */
export function progressRatio({ cached_tok, processed_tok, left_tok }: PromptProgress): number {
  return left_tok === 0 ? 1 : (cached_tok + processed_tok) / (cached_tok + processed_tok + left_tok);
}
