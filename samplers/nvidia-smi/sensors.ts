import type { Seconds } from '../../src/core/units.ts';
import type { GaugeKind } from '../from-gauge.ts';

/** What is published of a board's power sensor. */
export interface Sensor {
  readonly kind: GaugeKind;
  readonly averaging_s: Seconds | null;
  readonly update_s: Seconds;
  /** True: each value covers only part of the time between two. */
  readonly partial: boolean;
}

export interface BoardFacts {
  /** `8.6`; null where the driver does not say. */
  readonly computeCap: number | null;
  /** `535`; null likewise. */
  readonly driver: number | null;
}

export type PowerLabel = 'power.draw.instant' | 'power.draw.average' | 'power.draw';

interface Row {
  readonly from: number;
  readonly averaging_s: Seconds;
  readonly update_s: Seconds;
  readonly partial?: boolean;
}

/**
 * `power.draw` by compute capability, from this one up to the next row's. Measured windows: power-sources.md 2.1 (Yang,
 * Adámek, Armour, SC24). Rows without a measured board take their neighbour's. Ampere and newer but for GA100: NVML
 * documents a mean over 1 s.
 */
const DRAW: readonly Row[] = [
  { from: 0, averaging_s: 0.5, update_s: 0.1 },
  { from: 5, averaging_s: 0.014, update_s: 0.031, partial: true },
  { from: 6, averaging_s: 0.01, update_s: 0.02, partial: true },
  { from: 7, averaging_s: 0.1, update_s: 0.1 },
  { from: 8, averaging_s: 0.025, update_s: 0.1, partial: true },
  { from: 8.1, averaging_s: 1, update_s: 0.1 },
];
const NEWEST: Row = { from: 8.1, averaging_s: 1, update_s: 0.1 };
/** Driver 530 gave an RTX 3090 a window of 100 ms, 535 one of a second. */
const SHORT_WINDOW_DRIVER = 530;
/** Data-centre boards take 25 ms out of each 100 ms. */
const PARTIAL_INSTANT: readonly number[] = [8.0, 9.0];

/** For drivers that do not state it; the first that fits. */
const BY_NAME: readonly (readonly [pattern: RegExp, computeCap: number])[] = [
  [/\b(?:H100|H200|GH200)\b/, 9],
  [/\bRTX 40\d\d|\bL40?S?\b|\bAda\b/, 8.9],
  [/\bRTX 30\d\d|\bRTX A\d|\bA(?:2|10|16|40)\b/, 8.6],
  [/\bA(?:100|30)\b/, 8],
  [/\bRTX 20\d\d|\bGTX 16\d\d|\bTITAN RTX|\bQuadro RTX|\bT4\b/i, 7.5],
  [/\bV100|\bTITAN V\b/i, 7],
  [/\bGTX 10\d\d|\bP(?:100|40|4)\b|\bQuadro P|\bTITAN X/i, 6.1],
  [/\bGTX 9\d\d|\bM(?:40|60)\b|\bQuadro M|\bK620\b/, 5.2],
  [/\bK(?:20|40|80)|\bGTX [67]\d\d/, 3.5],
];

/** Compute capability by the board's name; null for one that is not in the table. */
export function computeCapOfName(name: string): number | null {
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** Sensor behind a power field; where the board is unknown, that of Ampere and newer. */
export function sensorOf(label: PowerLabel, { computeCap, driver }: BoardFacts): Sensor {
  const row = computeCap === null ? NEWEST : (DRAW.findLast(({ from }) => from <= computeCap) ?? NEWEST);
  const { update_s } = row;
  if (label === 'power.draw.instant') {
    const partial = row.partial === true || (computeCap !== null && PARTIAL_INSTANT.includes(computeCap));
    return { kind: 'gauge', averaging_s: null, update_s, partial };
  }
  const isShort = label === 'power.draw' && row.averaging_s === 1 && driver === SHORT_WINDOW_DRIVER;
  const averaging_s = label === 'power.draw.average' ? 1 : isShort ? 0.1 : row.averaging_s;
  const partial = label === 'power.draw' && row.partial === true;
  return { kind: 'averaged', averaging_s, update_s, partial };
}
