const FACTORS: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/**
 * Number of parameters that a text such as `4B`, `7.6B`, `350M`, `8x7B` or `30B-A3B` states; null where it states none.
 * Of a mixture of experts it is all of them: they lie in memory together, though a token passes through a few.
 */
export function parameterCount(text: string | null): number | null {
  const found =
    /^\s*(?:(\d{1,3})\s?x\s?)?(\d+(?:\.\d+)?)\s?([KMBT]?)(?:[-_ ]?A\d+(?:\.\d+)?[KMBT])?\s*$/i.exec(
      text ?? '',
    );
  if (found === null) return null;
  const [, experts, amount, unit] = found;
  const count = Number(experts ?? 1) * Number(amount) * (FACTORS[(unit ?? '').toUpperCase()] ?? Number.NaN);
  return Number.isFinite(count) && count > 0 ? count : null;
}
