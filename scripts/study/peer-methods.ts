import { S_PER_MS, S_PER_NS } from '../../src/core/units.ts';
import { type Physics, RAILS, socEnergy_J } from '../../src/simulator/physics.ts';
import { type VirtualReading, virtualReadings } from '../../src/simulator/virtual-meter.ts';

/** One request with what came before it, and what a meter saw of both. */
export interface PeerTrace {
  readonly physics: Physics;
  readonly interval_ms: number;
  readonly readings: readonly VirtualReading[];
  /** When the stream of the meter began, the model was loaded, and the last answer before this one ended. */
  readonly streamStart_s: number;
  readonly load: Span;
  readonly previousEnd_s: number;
  readonly request: Span;
}

export interface Span {
  readonly start_s: number;
  readonly end_s: number;
}

export interface PeerMethod {
  readonly name: string;
  /** Tools whose published code computes so. */
  readonly tools: string;
  /** What the result is held against. */
  readonly against: 'gross' | 'net';
  energy_J(trace: PeerTrace): number;
}

/** Written from descriptions of what each tool computes; no code of theirs is used. */
export const PEER_METHODS: readonly PeerMethod[] = [
  {
    name: 'nominal width: energy ÷ interval asked for',
    tools: 'asitop',
    against: 'gross',
    energy_J: nominalWidth_J,
  },
  {
    name: 'samples counted off at the nominal interval',
    tools: 'yardstick',
    against: 'gross',
    energy_J: countedOff_J,
  },
  { name: 'power × gap between arrivals', tools: 'IPW', against: 'gross', energy_J: arrivalGap_J },
  { name: 'everything since the previous answer', tools: 'IPW', against: 'gross', energy_J: sincePrevious_J },
  {
    name: 'only samples strictly inside the window',
    tools: 'Zeus, LLenergyMeasure',
    against: 'gross',
    energy_J: strictlyInside_J,
  },
  {
    name: 'de-duplicated readings, trapezoid',
    tools: 'Zeus',
    against: 'gross',
    energy_J: deduplicated_J,
  },
  {
    name: '1 s of each 15 s: 7 % duty cycle',
    tools: 'CodeCarbon on a Mac',
    against: 'gross',
    energy_J: dutyCycle_J,
  },
  {
    name: 'mean of the whole process, load included',
    tools: 'yardstick',
    against: 'gross',
    energy_J: wholeProcess_J,
  },
  {
    name: 'window shifted by 2.5 s',
    tools: 'clocks of meter and client not aligned',
    against: 'gross',
    energy_J: shifted_J,
  },
  { name: '50 W + 2 W × CPU %', tools: 'EnviroLLM', against: 'gross', energy_J: cpuFormula_J },
  { name: 'no baseline', tools: 'most of them', against: 'net', energy_J: noBaseline_J },
];

function width_s(reading: VirtualReading): number {
  return reading.elapsed_ns * S_PER_NS;
}

function energyOf_J(reading: VirtualReading): number {
  return RAILS.reduce((sum_mJ, rail) => sum_mJ + reading.energy_mJ[rail], 0) / 1000;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function arrivedIn({ readings }: PeerTrace, { start_s, end_s }: Span): VirtualReading[] {
  return readings.filter(({ arrival_s }) => arrival_s >= start_s && arrival_s < end_s);
}

/** Watts are millijoules per frame over the interval asked for, whatever the frame's own width. */
function nominalWidth_J(trace: PeerTrace): number {
  const powers_W = arrivedIn(trace, trace.request).map(
    (one) => energyOf_J(one) / (trace.interval_ms * S_PER_MS),
  );
  return powers_W.length === 0 ? Number.NaN : mean(powers_W) * (trace.request.end_s - trace.request.start_s);
}

/** The n-th sample is taken to lie n intervals after the stream began. */
function countedOff_J({ readings, interval_ms, streamStart_s, request }: PeerTrace): number {
  const place = (at_s: number): number => Math.floor((at_s - streamStart_s) / (interval_ms * S_PER_MS));
  const own = readings.slice(place(request.start_s), place(request.end_s));
  return mean(own.map((one) => energyOf_J(one) / width_s(one))) * (request.end_s - request.start_s);
}

function arrivalGap_J(trace: PeerTrace): number {
  return gaps_J(trace, trace.request);
}

function sincePrevious_J(trace: PeerTrace): number {
  return gaps_J(trace, { start_s: trace.previousEnd_s, end_s: trace.request.end_s });
}

function gaps_J({ readings }: PeerTrace, { start_s, end_s }: Span): number {
  let sum_J = 0;
  readings.forEach((one, i) => {
    const before_s = readings[i - 1]?.arrival_s ?? one.start_s;
    if (one.arrival_s < start_s || one.arrival_s >= end_s) return;
    sum_J += (energyOf_J(one) / width_s(one)) * (one.arrival_s - before_s);
  });
  return sum_J;
}

/** Trapezoid over instants inside the window; what lies before the first and after the last is left out. */
function strictlyInside_J(trace: PeerTrace): number {
  return trapezoid_J(
    arrivedIn(trace, trace.request).map((one) => [one.arrival_s, energyOf_J(one) / width_s(one)]),
  );
}

const POLL_s = 0.1;
const UPDATE_s = 0.5;

/** A board's power that is new twice a second, polled ten times; repeated values are dropped, so that steps become ramps. */
function deduplicated_J({ physics, request }: PeerTrace): number {
  const points: [number, number][] = [];
  for (let at_s = request.start_s + POLL_s; at_s < request.end_s; at_s += POLL_s) {
    const updated_s = Math.floor(at_s / UPDATE_s) * UPDATE_s;
    const power_W = RAILS.reduce((sum_W, rail) => sum_W + physics.power_W(rail, updated_s), 0);
    if (points.at(-1)?.[1] !== power_W) points.push([at_s, power_W]);
  }
  return trapezoid_J(points);
}

function trapezoid_J(points: readonly (readonly [number, number])[]): number {
  let sum_J = 0;
  for (const [i, [at_s, power_W]] of points.entries()) {
    const before = points[i - 1];
    if (before !== undefined) sum_J += ((before[1] + power_W) / 2) * (at_s - before[0]);
  }
  return sum_J;
}

const TICK_s = 15;
const MEASURED_s = 1;

/** Each 15 s one second is measured and stands for all time since the tick before; so does the last, at the stop. */
function dutyCycle_J({ physics, request }: PeerTrace): number {
  let sum_J = 0;
  let since_s = request.start_s;
  for (let tick_s = request.start_s + TICK_s; since_s < request.end_s; tick_s += TICK_s) {
    const at_s = Math.min(tick_s, request.end_s);
    sum_J += (socEnergy_J(physics, at_s, at_s + MEASURED_s) / MEASURED_s) * (at_s - since_s);
    since_s = at_s;
  }
  return sum_J;
}

/** Mean power of load and generation times their length, all of it put down to the answer. */
function wholeProcess_J({ physics, load, request }: PeerTrace): number {
  return (
    socEnergy_J(physics, load.start_s, load.end_s) + socEnergy_J(physics, request.start_s, request.end_s)
  );
}

function shifted_J({ physics, request }: PeerTrace): number {
  return socEnergy_J(physics, request.start_s + 2.5, request.end_s + 2.5);
}

/** Read after the answer: the machine is idle again. */
const CPU_AFTER_PERCENT = 3;

function cpuFormula_J({ request }: PeerTrace): number {
  return (50 + 2 * CPU_AFTER_PERCENT) * (request.end_s - request.start_s);
}

/** Even an exact gross energy, taken for what the answer added. */
function noBaseline_J({ physics, request }: PeerTrace): number {
  return socEnergy_J(physics, request.start_s, request.end_s);
}

/** What the virtual meter makes of a machine's power between two times. */
export function readingsBetween(physics: Physics, interval_ms: number, span: Span): VirtualReading[] {
  return virtualReadings(physics, { interval_ms, from_s: span.start_s, to_s: span.end_s });
}
