import type { LabModel, RailPower } from './catalog.ts';
import { recordAt, textAt } from './json.ts';
import { NO_POWER } from './power.ts';
import type { Settings } from './settings.ts';

/** How fast an instance works and what that draws, with the settings it was loaded with. */
export interface Effort {
  readonly prefillTokPerS: number;
  readonly decodeTokPerS: number;
  readonly prefillPower: RailPower;
  readonly decodePower: RailPower;
}

interface CacheEffect {
  /** Decoding with this cache ÷ with f16. */
  readonly speedRatio: number;
  readonly powerRatio: number;
}

/** Less to read a token, more to unpack: the gain in speed is partly paid for in power. */
const CACHE_EFFECTS: Readonly<Record<string, CacheEffect>> = {
  f32: { speedRatio: 0.94, powerRatio: 1.02 },
  f16: { speedRatio: 1, powerRatio: 1 },
  q8_0: { speedRatio: 1.08, powerRatio: 1.01 },
  q4_0: { speedRatio: 1.1, powerRatio: 1.06 },
};
const NO_EFFECT: CacheEffect = { speedRatio: 1, powerRatio: 1 };

/** What runs on another machine draws nothing here. */
export function effortOf(model: LabModel, settings: Settings): Effort {
  const { decodeTokPerS, prefillTokPerS } = model;
  if (model.deviceIdentifier !== null) {
    return { decodeTokPerS, prefillTokPerS, prefillPower: NO_POWER, decodePower: NO_POWER };
  }
  const { powerRatio, speedRatio } = cacheEffect(settings);
  return {
    prefillTokPerS,
    decodeTokPerS: decodeTokPerS * speedRatio,
    prefillPower: model.prefillPower,
    decodePower: scaled(model.decodePower, powerRatio),
  };
}

/** Type of the key or value cache, as the wire says it; null: as the model has it. */
export function cacheTypeOf(settings: Settings, side: 'k' | 'v'): string | null {
  const box = recordAt(settings, `llm.load.llama.${side}CacheQuantizationType`);
  return box['checked'] === true ? (textAt(box, 'value') ?? null) : null;
}

/** Half of it for the keys, half for the values. */
function cacheEffect(settings: Settings): CacheEffect {
  const [k, v] = (['k', 'v'] as const).map(
    (side) => CACHE_EFFECTS[cacheTypeOf(settings, side) ?? 'f16'] ?? NO_EFFECT,
  );
  const mean = (of: (effect: CacheEffect) => number): number => (of(k ?? NO_EFFECT) + of(v ?? NO_EFFECT)) / 2;
  return { speedRatio: mean((one) => one.speedRatio), powerRatio: mean((one) => one.powerRatio) };
}

function scaled({ ane_W, cpu_W, gpu_W }: RailPower, ratio: number): RailPower {
  return { cpu_W: cpu_W * ratio, gpu_W: gpu_W * ratio, ane_W: ane_W * ratio };
}
