import { wallSpan_s } from '../core/clock.ts';
import type { CodeId } from '../core/codes.ts';
import { OBSERVED } from '../core/environment-names.ts';
import type { ClockMark, Recording } from '../core/run.ts';
import type { Observation } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { foreignSpans, overlaps } from './foreign-spans.ts';

/**
 * State of the machine as a code with the time it held; concerns every meter. `net`: what makes a baseline doubtful makes
 * so what rests on it.
 */
export interface MachineSpan {
  readonly code: CodeId;
  readonly judges: 'window' | 'net';
  readonly source: null;
  readonly domain: null;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
}

/** Wall time may be disciplined this much against monotonic time without having been set. */
const WALL_SLACK_S = 0.5;
const WALL_SLEW_RATIO = 1e-3;
/** Wall time that ran ahead by more than this: the machine slept while its monotonic clock stood still. */
const SLEEP_LEAST_S = 5;

/** Thermal pressure, power source, low-power mode, other work, sleep and clock steps. */
export function machineSpans(recording: Recording): MachineSpan[] {
  const { environment } = recording.run;
  return [
    ...stateSpans(recording.observations, OBSERVED.thermal, 'THROTTLED', (value) => value !== 'nominal'),
    ...stateSpans(recording.observations, OBSERVED.powerSource, 'ON_BATTERY', (value) => value === 'battery'),
    ...stateSpans(recording.observations, OBSERVED.lowPower, 'LOW_POWER_MODE', isOn),
    ...[...foreignSpans(recording), ...overlaps(recording)].map((busy) => ({
      ...span('FOREIGN_LOAD', busy.start_s, busy.end_s),
      judges: 'net' as const,
    })),
    ...(environment.powerSource === 'battery' ? [always('ON_BATTERY')] : []),
    ...(environment.lowPowerMode === true ? [always('LOW_POWER_MODE')] : []),
    ...markSpans(recording.marks),
  ];
}

/**
 * Stretches in which a source's latest observation of a name is a bad one; each holds until its next observation. Some
 * sources put the domain before the name: `battery power_source`.
 */
function stateSpans(
  observations: readonly Observation[],
  name: string,
  code: CodeId,
  isBad: (value: string) => boolean,
): MachineSpan[] {
  const named = observations.filter((one) => one.name === name || one.name.endsWith(` ${name}`));
  const channels = new Map<string, Observation[]>();
  for (const one of named) {
    const key = `${one.source}\0${one.name}`;
    const channel = channels.get(key);
    if (channel === undefined) channels.set(key, [one]);
    else channel.push(one);
  }
  return [...channels.values()].flatMap((channel) => spansOfChannel(channel, code, isBad));
}

function spansOfChannel(
  channel: readonly Observation[],
  code: CodeId,
  isBad: (value: string) => boolean,
): MachineSpan[] {
  const spans: MachineSpan[] = [];
  const named = [...channel].sort((a, b) => a.at_s - b.at_s);
  let since_s: Seconds | null = null;
  for (const observation of named) {
    const bad = isBad(String(observation.value).toLowerCase());
    if (bad && since_s === null) since_s = observation.at_s;
    if (!bad && since_s !== null) {
      spans.push(span(code, since_s, observation.at_s));
      since_s = null;
    }
  }
  if (since_s !== null) spans.push(span(code, since_s, Number.POSITIVE_INFINITY));
  return spans;
}

function isOn(value: string): boolean {
  return value === '1' || value === 'on' || value === 'true';
}

/** Wall and monotonic time that went apart between two marks: ahead by seconds is sleep, anything else a clock set. */
function markSpans(marks: readonly ClockMark[]): MachineSpan[] {
  return marks.flatMap((mark, i) => {
    const previous = marks[i - 1];
    if (previous === undefined) return [];
    const passed_s = mark.monotonic_s - previous.monotonic_s;
    const ahead_s = wallSpan_s(previous.wallAt, mark.wallAt) - passed_s;
    if (!(Math.abs(ahead_s) > WALL_SLACK_S + WALL_SLEW_RATIO * passed_s)) return [];
    const code = ahead_s > SLEEP_LEAST_S ? 'MACHINE_SLEPT' : 'CLOCK_STEP';
    return [span(code, previous.monotonic_s, mark.monotonic_s)];
  });
}

function always(code: CodeId): MachineSpan {
  return span(code, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
}

function span(code: CodeId, start_s: Seconds, end_s: Seconds): MachineSpan {
  return { code, judges: 'window', source: null, domain: null, start_s, end_s };
}
