import type { TokenDelta, TokenSort } from '../core/run.ts';
import { bytesOf, copyColumn, FLOAT_B } from './float-columns.ts';

/** The place in this list is the byte on disk: add at the end only. */
const SORTS: readonly TokenSort[] = ['content', 'reasoning', 'tool'];
const BYTES_PER_TOKEN = 2 * FLOAT_B + 1;

/** Deltas as columns arrival_s, count_tok (NaN: unknown), and one byte of sort each. */
export function encodeTokens(tokens: readonly TokenDelta[]): Buffer {
  const arrival_s = Float64Array.from(tokens, (token) => token.arrival_s);
  const count_tok = Float64Array.from(tokens, (token) => token.count_tok ?? Number.NaN);
  const sorts = Uint8Array.from(tokens, (token) => SORTS.indexOf(token.sort));
  return Buffer.concat([bytesOf([arrival_s, count_tok]), sorts]);
}

/** Inverse of `encodeTokens`; null where the bytes are not such columns. */
export function decodeTokens(bytes: Uint8Array): TokenDelta[] | null {
  const count = bytes.byteLength / BYTES_PER_TOKEN;
  if (!Number.isInteger(count)) return null;
  const arrival_s = new Float64Array(count);
  const count_tok = new Float64Array(count);
  copyColumn(bytes, { index: 0, count }, { target: arrival_s, at: 0 });
  copyColumn(bytes, { index: 1, count }, { target: count_tok, at: 0 });
  const tokens: TokenDelta[] = [];
  for (let index = 0; index < count; index++) {
    const known_tok = count_tok[index] ?? Number.NaN;
    const sort = SORTS[bytes[2 * FLOAT_B * count + index] ?? -1];
    if (sort === undefined) return null;
    tokens.push({
      arrival_s: arrival_s[index] ?? 0,
      count_tok: Number.isNaN(known_tok) ? null : known_tok,
      sort,
    });
  }
  return tokens;
}
