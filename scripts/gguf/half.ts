const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** Exponents of a single that are a half's smallest normal, smallest above zero (halved), and overflow. */
const SMALLEST_NORMAL = 0x38800000;
const HALF_OF_SMALLEST = 0x33000000;
const ROUNDS_TO_INFINITY = 0x477ff000;
const INFINITE = 0x7f800000;
/** Difference of the two exponent biases, 127 − 15, in a single's place. */
const REBIAS = 0x38000000;

/** The half-precision number nearest to a single, as its 16 bits; ties to even. Source: IEEE 754-2019, binary16. */
export function halfBits(value: number): number {
  single[0] = value;
  const bits = word[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > INFINITE) return sign | 0x7e00;
  if (magnitude >= ROUNDS_TO_INFINITY) return sign | 0x7c00;
  if (magnitude <= HALF_OF_SMALLEST) return sign;
  if (magnitude < SMALLEST_NORMAL) return sign | subnormal(magnitude);
  return sign | ((magnitude + 0xfff + ((magnitude >>> 13) & 1) - REBIAS) >>> 13);
}

/** In units of 2^-24, the step of the smallest halves. */
function subnormal(magnitude: number): number {
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - (magnitude >>> 23);
  const kept = mantissa >>> shift;
  const rest = mantissa - kept * 2 ** shift;
  const middle = 2 ** (shift - 1);
  return rest > middle || (rest === middle && (kept & 1) === 1) ? kept + 1 : kept;
}
