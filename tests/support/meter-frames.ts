import { parse } from 'plist';
import { createCadence, DEFAULT_CADENCE } from '../../src/simulator/cadence.ts';

type Plist = Record<string, unknown>;

/** A cadence without chance: `interval_ms` + 8 ms windows, each frame 5 ms after its window. */
export function evenCadence(interval_ms: number) {
  return createCadence({
    ...DEFAULT_CADENCE,
    seed: 1,
    interval_ms,
    extra_s: 0.008,
    extraWobble_s: 0,
    delay_s: 0.005,
    delayWobble_s: 0,
  });
}

/** Splits a stream at its NULs and reads each document with the plist package. */
export function readFrames(stream: string): Plist[] {
  return stream.split('\0').map(readFrame);
}

export function readFrame(text: string): Plist {
  const value: unknown = parse(text);
  return asDict(value);
}

/** @throws when the value is not a dictionary. */
export function asDict(value: unknown): Plist {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a dict');
  return Object.fromEntries(Object.entries(value));
}

export function asDicts(value: unknown): Plist[] {
  if (!Array.isArray(value)) throw new Error('not an array');
  return value.map(asDict);
}

export function numberAt(dict: Plist, key: string): number {
  const value = dict[key];
  if (typeof value !== 'number') throw new Error(`${key} is not a number`);
  return value;
}
