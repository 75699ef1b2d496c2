const RANDOM_B = 10;
const TIME_DIGITS = 12;

/**
 * A UUIDv7: ids sort by the time of their making. Pure; takes at least ten random bytes.
 * Source: RFC 9562, section 5.7.
 */
export function uuidv7(wallAt: string, randomBytes: Uint8Array): string {
  if (randomBytes.length < RANDOM_B) throw new RangeError(`uuidv7 needs ${RANDOM_B} random bytes`);
  const wall_ms = Date.parse(wallAt);
  if (!(wall_ms >= 0)) throw new RangeError(`uuidv7 needs a time since 1970, not '${wallAt}'`);
  const bytes = randomBytes.slice(0, RANDOM_B);
  bytes[0] = ((bytes[0] ?? 0) & 0x0f) | 0x70;
  bytes[2] = ((bytes[2] ?? 0) & 0x3f) | 0x80;
  const time = wall_ms.toString(16).padStart(TIME_DIGITS, '0');
  const hex = time + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
