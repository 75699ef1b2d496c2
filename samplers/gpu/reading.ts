import type { Joules, Seconds, Watts } from '../../src/core/units.ts';
import type { GaugeKind } from '../from-gauge.ts';

/** One way in which the tool states power, and what is known of it. */
export interface PowerField {
  /** As the tool calls it: `power.draw.instant`. */
  readonly label: string;
  readonly power_W: Watts | null;
  /** The tool's word where there is no number. */
  readonly word: string | null;
  readonly kind: GaugeKind;
  /** Of an `averaged` one. */
  readonly averaging_s: Seconds | null;
  /** How often the sensor is known to give a new value. */
  readonly update_s: Seconds;
  /** Printed with every number of this field. */
  readonly scope: string;
}

/** What one tick says of one board. */
export interface GpuReading {
  readonly index: number;
  readonly name: string | null;
  /** Best first; the first that ever gave a number is kept for the whole stream. */
  readonly powers: readonly PowerField[];
  /** Cumulative, where the tool states it and it has begun to count. */
  readonly energy_J: Joules | null;
  readonly limit_W: Watts | null;
  /** Load, 0–1. */
  readonly loadRatio: number | null;
  /** Names of the reasons for which heat or the supply slow the board; empty: none. */
  readonly slowedBy: readonly string[];
  /** Observations; null: not stated. */
  readonly facts: Readonly<Record<string, string | number | null>>;
}

/** What a vendor's sampler knows about all of its boards. */
export interface GpuSource {
  readonly source: string;
  /** Accuracy of the sensor, 0–1; null where none is published. */
  readonly systematicRatio: number | null;
  /** Step of the power that the tool prints. */
  readonly powerStep_W: Watts;
  /** Step of the energy that the tool prints. */
  readonly energyStep_J: Joules;
  readonly energyScope: string;
  /** From the sensor's reading to the arrival of the line, at least. */
  readonly transport_s: Seconds;
  /** A board of this name states no power: what to use instead, for people. */
  readonly instead: (name: string | null) => string;
}
