/** A model's quantization in one spelling, and the bits a weight that its name states. */
export interface Quantization {
  /** `Q4_K_M`, `IQ4_NL`, `F16`, `BF16`, `4bit`, `4.65bpw`, `MXFP4`, `AWQ` … */
  readonly label: string;
  /** Nominal: scales and mixed layers come on top. Null: the name states none. */
  readonly bits: number | null;
}

interface Family {
  readonly pattern: RegExp;
  /** What the pattern's named groups held; '' for one that was not there. */
  readonly read: (part: (name: string) => string) => Quantization;
}

/** Recipes that publishers put beside the bits: `4bit-DWQ`, `GPTQ-Int4`, `AWQ-4bit`. */
const RECIPE = '(?<recipe>dwq|awq|gptq|autoround|hqq|bnb)';
const BITS = '(?:int[-_]?(?<int>[1-8])|(?<bits>[1-8])[-_ ]?bits?)';

/**
 * Spellings of all servers. Sources: llama.cpp `llama_ftype` and ggml type names, Ollama `quantization_level`, LM Studio
 * and mlx-lm (`4bit`), vLLM and Hugging Face (`AWQ`, `GPTQ-Int4`, `w4a16`, `FP8`, `NF4`), exllama (`4.65bpw`); `UD-` and
 * `_XL` as Unsloth names its dynamic mixtures.
 */
const FAMILIES: readonly Family[] = [
  {
    pattern:
      /^(?<dynamic>ud[-_ ])?(?<kind>i|t)?q(?<bits>[1-8])(?:[-_ ]?(?<version>\d)(?<repack>[-_]\d[-_]\d)?|[-_ ]?(?<k>k|xxs|xs|nl|s|m)(?:[-_ ]?(?<mix>xxl|xxs|xl|xs|s|m|l))?)?$/i,
    read: (part) => {
      const head = `${part('kind')}Q${part('bits')}`;
      const tail = ['version', 'k', 'mix'].map(part).filter((word) => word !== '');
      const label = upper([head, ...tail].join('_') + part('repack').replaceAll('-', '_'));
      return { label: part('dynamic') === '' ? label : `UD-${label}`, bits: Number(part('bits')) };
    },
  },
  {
    pattern: /^(?<brain>b?)f(?:p|loat)?[-_]?(?<bits>16|32|64)$/i,
    read: (part) => ({ label: `${upper(part('brain'))}F${part('bits')}`, bits: Number(part('bits')) }),
  },
  {
    pattern: /^(?<kind>mx|nv)fp(?<bits>[48])(?:[-_]moe)?$/i,
    read: (part) => ({ label: `${upper(part('kind'))}FP${part('bits')}`, bits: Number(part('bits')) }),
  },
  {
    pattern: /^f(?:p|loat)?[-_]?8(?:[-_](?:e4m3(?:fn)?|e5m2|dynamic))?$/i,
    read: () => ({ label: 'FP8', bits: 8 }),
  },
  { pattern: /^nf4$/i, read: () => ({ label: 'NF4', bits: 4 }) },
  {
    pattern: /^w(?<bits>\d)a(?<activations>\d{1,2})$/i,
    read: (part) => ({ label: `W${part('bits')}A${part('activations')}`, bits: Number(part('bits')) }),
  },
  {
    pattern: /^(?:exl[23][-_ ])?(?<bits>\d(?:\.\d{1,2})?)[-_ ]?bpw$/i,
    read: (part) => ({ label: `${Number(part('bits'))}bpw`, bits: Number(part('bits')) }),
  },
  { pattern: new RegExp(`^(?:mlx[-_ ])?${BITS}(?:[-_ ]${RECIPE})?$`, 'i'), read: integerBits },
  { pattern: new RegExp(`^${RECIPE}(?:[-_ ]${BITS})?$`, 'i'), read: integerBits },
];

function integerBits(part: (name: string) => string): Quantization {
  const digits = part('int') + part('bits');
  const words = [digits === '' ? '' : `${digits}bit`, upper(part('recipe'))];
  return {
    label: words.filter((word) => word !== '').join('-'),
    bits: digits === '' ? null : Number(digits),
  };
}

function upper(text: string): string {
  return text.toUpperCase();
}

/** Any server's or publisher's spelling in ours; null where it is none that we know. */
export function knownQuantization(text: string): Quantization | null {
  for (const { pattern, read } of FAMILIES) {
    const found = pattern.exec(text.trim());
    if (found !== null) return read((name) => found.groups?.[name] ?? '');
  }
  return null;
}

/** Any spelling in ours; one that nobody knows is kept as it is. Null for none and for words that say nothing. */
export function quantizationOf(text: string | null): Quantization | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '' || /^(?:unknown|none|n\/a)$/i.test(trimmed)) return null;
  return knownQuantization(trimmed) ?? { label: trimmed, bits: null };
}

/** What a model's key or file name states at its end: `Qwen3-4B-Q4_K_M.gguf`, `llama3:8b-q4_0`, `…-MLX-4bit`. */
export function quantizationInName(name: string): Quantization | null {
  const stem = name.replace(/\.gguf$/i, '').replace(/-\d{5}-of-\d{5}$/, '');
  const last = stem.split(/[\\/]/).at(-1) ?? stem;
  const breaks = [...last.matchAll(/[-_.:@ ]/g)].map(({ index }) => index + 1);
  // The longest ending first, so that `Q4_K_M` is not read as `M`.
  for (const start of breaks) {
    const known = knownQuantization(last.slice(start));
    if (known !== null) return known;
  }
  return null;
}

/**
 * Whether a quantization is one that was asked for: `q4` is every `Q4_…` and MLX's `4bit`, `q4_k` every `Q4_K_…`,
 * `4bit` or `4` whatever states 4 bits a weight.
 */
export function isQuantization(quantization: Quantization, asked: string): boolean {
  const wanted = asked.trim();
  const bits = /^([1-9]|16|32)(?:[-_ ]?bits?)?$/i.exec(wanted)?.[1];
  if (bits !== undefined) return quantization.bits === Number(bits);
  const plain = /^q([1-8])$/i.exec(wanted)?.[1];
  if (plain !== undefined && /^\dbit/.test(quantization.label)) return quantization.bits === Number(plain);
  const prefix = upper(knownQuantization(wanted)?.label ?? wanted).replaceAll('-', '_');
  const label = upper(quantization.label).replaceAll('-', '_');
  return startsWithWord(label, prefix) || startsWithWord(label.replace(/^UD_/, ''), prefix);
}

/** `Q4_K` begins `Q4_K_M`; `Q1` does not begin `Q16`. */
function startsWithWord(label: string, prefix: string): boolean {
  if (!label.startsWith(prefix) || prefix === '') return false;
  const next = label.charAt(prefix.length);
  return !(/\d$/.test(prefix) && /\d/.test(next));
}
