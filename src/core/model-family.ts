import { knownQuantization } from './quantization.ts';

/** Words that name a file format, not a model. */
const FORMAT = /[-_. ](?:gguf|mlx|safetensors|hf)$/i;

/**
 * A model's key without what tells its quantizations apart: `qwen/qwen3-4b@q4_k_m`, `Qwen3-4B-MLX-4bit` and
 * `qwen3-4b-Q8_0.gguf` lose their endings. Lower case, so that publishers' spellings meet.
 */
export function familyOf(key: string): string {
  const name = key
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replace(/-\d{5}-of-\d{5}$/, '');
  // LM Studio's word for a variant, also of a quantization that nobody knows.
  const at = name.indexOf('@');
  const stem = at > 0 ? name.slice(0, at) : name;
  return withoutFormat(withoutQuantization(withoutFormat(stem)));
}

function withoutQuantization(stem: string): string {
  for (const { index } of stem.matchAll(/[-_.:@ ]/g)) {
    const tail = stem.slice(index + 1);
    if (!tail.includes('/') && knownQuantization(tail) !== null) return stem.slice(0, index);
  }
  return stem;
}

function withoutFormat(stem: string): string {
  return stem.replace(FORMAT, '');
}
