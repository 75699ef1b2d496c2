/** What a tool printed where a number belongs. */
export type Stated = { readonly value: number; readonly unit: string } | { readonly missing: string };

/** Values that stand for 'not there' in unsigned fields of 16, 32 and 64 bits, also after a division by a thousand or a million. */
const ALL_ONES: ReadonlySet<number> = new Set([
  0xffff,
  0xffffffff,
  0xffffffff / 1e3,
  0xffffffff / 1e6,
  2 ** 64,
]);
const NUMBER = /^([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?)\s*([^\d\s.,+-]\D*)?$/i;

/** Reads `123.45`, `123,45`, `123.45 W`, `35.0°C`; anything else, and all ones, is missing, with the tool's own word. */
export function statedNumber(text: string): Stated {
  const word = text.trim();
  const match = NUMBER.exec(word);
  const value = Number((match?.[1] ?? '').replace(',', '.') || Number.NaN);
  if (match === null || !Number.isFinite(value)) return { missing: word === '' ? 'nothing' : word };
  if (ALL_ONES.has(value)) return { missing: `${word}, which stands for none` };
  return { value, unit: (match[2] ?? '').trim() };
}

/** The number alone. */
export function numberOrNull(text: string | undefined): number | null {
  if (text === undefined) return null;
  const stated = statedNumber(text);
  return 'value' in stated ? stated.value : null;
}
