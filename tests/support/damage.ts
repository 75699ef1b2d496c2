/** A draw in [0, 1). */
export type Draw = () => number;

/** Bytes as they may arrive when something went wrong; `other`: bytes of the same source that may get between. */
export type Damage = (bytes: Buffer, next: Draw, other: Buffer) => Buffer;

/** What no parser may take for a number, a bracket or an end. */
const WORDS = [
  '-',
  'nan',
  'inf',
  '1e308',
  '99999999999999999999',
  '<!--',
  '<![CDATA[',
  '</plist>',
  '&',
  '\0',
  '"',
  '{',
  ']',
  ',',
  '\\',
  '\r',
  '[N/A]',
];

const placeIn = (bytes: Buffer, next: Draw): number => Math.floor(next() * bytes.length);

function spanIn(bytes: Buffer, next: Draw): readonly [from: number, to: number] {
  const [one, other] = [placeIn(bytes, next), placeIn(bytes, next)];
  return one < other ? [one, other] : [other, one];
}

/** What may happen to a frame's bytes. */
export const DAMAGES: readonly Damage[] = [
  function flip(bytes, next) {
    const damaged = Buffer.from(bytes);
    const count = 1 + Math.floor(next() * 8);
    for (let i = 0; i < count; i++) damaged[placeIn(damaged, next)] = Math.floor(next() * 256);
    return damaged;
  },
  function cut(bytes, next) {
    const [from, to] = spanIn(bytes, next);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function duplicate(bytes, next) {
    const [from, to] = spanIn(bytes, next);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  function interleave(bytes, next, other) {
    const step = 1 + placeIn(bytes, next) / 4;
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      parts.push(bytes.subarray(at, at + step), other.subarray(at, at + step * next()));
    }
    return Buffer.concat(parts);
  },
  function signs(bytes, next) {
    const text = bytes.toString('latin1');
    const word = WORDS[Math.floor(next() * WORDS.length)] ?? '';
    const at = text.indexOf('>', placeIn(bytes, next)) + 1 || placeIn(bytes, next);
    return Buffer.from(text.slice(0, at) + word + text.slice(at), 'latin1');
  },
  function digits(bytes, next) {
    const text = bytes.toString('latin1');
    const [found] = text.slice(placeIn(bytes, next)).match(/\d+/) ?? [];
    if (found === undefined) return bytes;
    const other_ = String(Math.floor(next() * 10 ** Math.floor(next() * 12)));
    return Buffer.from(text.replace(found, other_), 'latin1');
  },
];
