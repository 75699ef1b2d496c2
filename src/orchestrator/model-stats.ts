import type { Model } from '../core/run.ts';

/** How many models are alike in one thing; null: those that do not state it. */
export interface ModelCount {
  readonly value: string | null;
  readonly models: number;
  /** Of those that state a size; null: none does. */
  readonly size_B: number | null;
}

export interface ModelStats {
  readonly models: number;
  readonly loaded: number;
  readonly remote: number;
  readonly size_B: number | null;
  readonly byQuantization: readonly ModelCount[];
  readonly byArchitecture: readonly ModelCount[];
  readonly byFormat: readonly ModelCount[];
  readonly byType: readonly ModelCount[];
}

/** Counts and sizes of a list of models; the most frequent first, then by name. */
export function modelStats(models: readonly Model[]): ModelStats {
  return {
    models: models.length,
    loaded: models.filter(({ loaded }) => loaded.length > 0).length,
    remote: models.filter(({ remote }) => remote).length,
    size_B: sizeOf(models),
    byQuantization: countsBy(models, ({ quantization }) => quantization),
    byArchitecture: countsBy(models, ({ architecture }) => architecture),
    byFormat: countsBy(models, ({ format }) => format),
    byType: countsBy(models, ({ type }) => type ?? 'llm'),
  };
}

function countsBy(models: readonly Model[], of: (model: Model) => string | null): ModelCount[] {
  const groups = new Map<string | null, Model[]>();
  for (const model of models) {
    const value = of(model);
    groups.set(value, [...(groups.get(value) ?? []), model]);
  }
  return [...groups]
    .map(([value, alike]) => ({ value, models: alike.length, size_B: sizeOf(alike) }))
    .sort((a, b) => b.models - a.models || ((a.value ?? '') < (b.value ?? '') ? -1 : 1));
}

function sizeOf(models: readonly Model[]): number | null {
  const sizes_B = models.flatMap(({ size_B }) => size_B ?? []);
  return sizes_B.length === 0 ? null : sizes_B.reduce((sum, size_B) => sum + size_B, 0);
}
