import type { Batch, Domain, DomainId, Sample } from '../core/sample.ts';
import { J_PER_mJ, S_PER_NS, type Seconds } from '../core/units.ts';
import { type CadenceSettings, createCadence, DEFAULT_CADENCE } from './cadence.ts';
import { frameText, METER_SAMPLERS } from './frame-text.ts';
import { DEFAULT_MACHINE, type Machine } from './machine.ts';
import { type PerRail, type Physics, RAILS } from './physics.ts';
import { createRailCounters } from './rail-counters.ts';

export interface VirtualMeterOptions extends Partial<CadenceSettings> {
  readonly interval_ms: number;
  readonly from_s: Seconds;
  /** The last window begins before this. */
  readonly to_s: Seconds;
  /** Announced in the first batch, as the parser does. */
  readonly domains?: readonly Domain[];
}

/** A window of the meter and when its frame would have been read. */
export interface VirtualReading {
  readonly start_s: Seconds;
  readonly elapsed_ns: number;
  readonly gpuWindow_ns: number;
  readonly arrival_s: Seconds;
  readonly energy_mJ: PerRail;
}

/** One frame's bytes, with the NUL that precedes every frame but the first. */
export interface VirtualFrame {
  readonly arrival_s: Seconds;
  readonly bytes: Uint8Array;
}

/** The stand-in meter without a process: unbroken windows in virtual time, in order. */
export function virtualReadings(physics: Physics, options: VirtualMeterOptions): VirtualReading[] {
  const cadence = createCadence({ ...DEFAULT_CADENCE, seed: physics.settings.seed, ...options });
  const counters = createRailCounters(physics);
  const readings: VirtualReading[] = [];
  let start_s = options.from_s;
  for (let frame = 0; start_s < options.to_s; frame++) {
    const elapsed_ns = Math.round(cadence.width_s(frame) / S_PER_NS);
    const end_s = start_s + elapsed_ns * S_PER_NS;
    readings.push({
      start_s,
      elapsed_ns,
      gpuWindow_ns: Math.round(elapsed_ns * cadence.gpuRatio(frame)),
      arrival_s: end_s + cadence.delay_s(frame),
      energy_mJ: counters.take(start_s, end_s),
    });
    start_s = end_s;
  }
  return readings;
}

/** What the powermetrics parser makes of these frames: samples stamped [arrival − width, arrival). */
export function virtualMeter(physics: Physics, options: VirtualMeterOptions): Batch[] {
  return virtualReadings(physics, options).map((reading, frame) => ({
    samples: samplesOf(reading),
    observations: [
      { source: 'powermetrics', name: 'thermal_pressure', at_s: reading.arrival_s, value: 'Nominal' },
    ],
    events: [],
    ...(frame === 0 && options.domains !== undefined ? { domains: options.domains } : {}),
  }));
}

/** The same frames as bytes. Every timestamp is the same label: nothing may depend on it. */
export function virtualFrames(
  physics: Physics,
  options: VirtualMeterOptions & { readonly machine?: Machine },
): VirtualFrame[] {
  const encoder = new TextEncoder();
  return virtualReadings(physics, options).map((reading, frame) => {
    const text = frameText({
      ...reading,
      endedAt: '2026-01-01T00:00:00Z',
      boottime_s: 1_767_000_000,
      machine: options.machine ?? DEFAULT_MACHINE,
      samplers: METER_SAMPLERS,
    });
    return { arrival_s: reading.arrival_s, bytes: encoder.encode(frame === 0 ? text : `\0${text}`) };
  });
}

function samplesOf({ arrival_s, elapsed_ns, energy_mJ }: VirtualReading): Sample[] {
  const start_s = arrival_s - elapsed_ns * S_PER_NS;
  const sampleOf = (domain: DomainId, whole_mJ: number): Sample => ({
    domain,
    start_s,
    end_s: arrival_s,
    energy_J: whole_mJ * J_PER_mJ,
    kind: 'mean',
  });
  const soc_mJ = RAILS.reduce((sum_mJ, rail) => sum_mJ + energy_mJ[rail], 0);
  return [...RAILS.map((rail) => sampleOf(rail, energy_mJ[rail])), sampleOf('soc', soc_mJ)];
}
