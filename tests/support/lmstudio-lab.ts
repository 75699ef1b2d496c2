import type { CompletionRequest, LoadedModel } from '../../src/backends/backend.ts';
import type { InferenceSettings, LoadSettings } from '../../src/core/run.ts';
import { DEFAULT_CATALOG, type LabModel } from '../../src/simulator/lmstudio/catalog.ts';
import {
  type LmStudioStandIn,
  type LmStudioStandInOptions,
  startLmStudioStandIn,
} from '../../src/simulator/lmstudio/server.ts';
import { PowerSteps } from '../../src/simulator/power-step.ts';

/** The lab's models at a pace that suits a test. */
export const FAST_MODELS: readonly LabModel[] = DEFAULT_CATALOG.map((model) => ({
  ...model,
  load_s: 0.01,
  prefillTokPerS: 20_000,
  decodeTokPerS: 2000,
}));

/** A stand-in server whose first model is in memory. */
export function startFastLab(options: Partial<LmStudioStandInOptions> = {}): Promise<LmStudioStandIn> {
  const first = FAST_MODELS[0];
  if (first === undefined) throw new Error('the lab has no models');
  return startLmStudioStandIn({
    steps: new PowerSteps(),
    models: FAST_MODELS,
    loadedAtStart: [first.key],
    ...options,
  });
}

export const NO_INFERENCE: InferenceSettings = {
  temperature: null,
  topP: null,
  topK: null,
  minP: null,
  repeatPenalty: null,
  seed: null,
  maxOutput_tok: null,
};

export const NO_LOAD: LoadSettings = {
  context_tok: null,
  gpuOffload: null,
  flashAttention: null,
  parallel: null,
};

export function requestTo(
  model: LoadedModel,
  inference: Partial<InferenceSettings> = {},
  text = 'Say in one sentence what energy is.',
): CompletionRequest {
  return {
    model,
    prompt: { id: 'short-1', category: 'short', text, maxOutput_tok: 30 },
    system: null,
    inference: { ...NO_INFERENCE, ...inference },
  };
}

/** Resolves once `condition` holds, looked at after each turn of the event loop. The runner's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}
