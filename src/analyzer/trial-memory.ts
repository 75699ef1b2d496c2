import { ENVIRONMENT, GPU_MEMORY, OBSERVED } from '../core/environment-names.ts';
import type { TrialMemory } from '../core/result.ts';
import type { Completion, Recording } from '../core/run.ts';
import type { Observation } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { at, countUpTo } from './search.ts';

/** As for processor time: a reading this far from the end of the request that it is meant for is another request's. */
const NEAR_S = 1;
const ROUNDING_S = 1e-6;

/** Memory in use by time, ascending; NaN: not known from here on. */
interface Course {
  readonly at_s: Float64Array;
  readonly memory_B: Float64Array;
}

type Times = Pick<Completion, 'requested_s' | 'ended_s'>;

/** Reads the most memory in use during a request, ends included; null where none was read. */
export function memoryReader(recording: Recording): (times: Times) => TrialMemory | null {
  const server = courseOf(serverReadings(recording));
  const boards = courseOf(isServerElsewhere(recording) ? [] : boardReadings(recording));
  return ({ ended_s, requested_s }) => {
    const server_B = peakOf(server, nearEnds(server, { requested_s, ended_s }));
    // What a board states holds until it states something else.
    const from = countUpTo(boards.at_s, requested_s + ROUNDING_S) - 1;
    const gpu_B = peakOf(boards, [from, countUpTo(boards.at_s, ended_s + ROUNDING_S)]);
    return server_B === null && gpu_B === null ? null : { server_B, gpu_B };
  };
}

type Reading = readonly [at_s: Seconds, memory_B: number];

function serverReadings({ observations }: Recording): Reading[] {
  return observations
    .filter(({ name, source }) => source === ENVIRONMENT && name === OBSERVED.serverMemory)
    .map(({ at_s, value }): Reading => [at_s, Number(value)])
    .sort(([a], [b]) => a - b);
}

/** Where all load is foreign the server works on another machine: boards here do not hold its model. */
function isServerElsewhere({ observations }: Recording): boolean {
  const loads = new Set(observations.map(({ name, source }) => (source === ENVIRONMENT ? name : '')));
  return loads.has(OBSERVED.otherCores) && !loads.has(OBSERVED.serverCores);
}

/**
 * Sum over all boards whenever one of them states something new. Sources state what has changed only, so a value holds
 * until the next one of its name or the end of its source. Two sources that read one board use one name.
 */
function boardReadings({ events, observations }: Recording): Reading[] {
  const stated = observations.flatMap((one) => {
    const unit_B = unitOf(one.name);
    return unit_B === null ? [] : [{ ...one, memory_B: Number(one.value) * unit_B }];
  });
  if (stated.length === 0) return [];
  const ended = events
    .filter(({ code }) => code === 'SAMPLER_DIED')
    .map(({ at_s, source }) => ({ at_s, source, name: null }));
  const known = new Map<string, { readonly source: string; readonly memory_B: number }>();
  return [...stated, ...ended]
    .sort((a, b) => a.at_s - b.at_s)
    .map((one): Reading => {
      if (one.name !== null) known.set(one.name, one);
      else for (const [name, { source }] of known) if (source === one.source) known.delete(name);
      const sum_B = [...known.values()].reduce((sum, { memory_B }) => sum + memory_B, 0);
      return [one.at_s, known.size === 0 ? Number.NaN : sum_B];
    });
}

const UNITS: ReadonlyMap<string, number> = new Map(Object.entries(GPU_MEMORY));

/** Bytes of one unit of `gpu:0 memory_MiB`; null for what is no board's memory. */
function unitOf(name: Observation['name']): number | null {
  const space = name.lastIndexOf(' ');
  return space > 0 ? (UNITS.get(name.slice(space + 1)) ?? null) : null;
}

/** Of several readings at one time the last holds: boards of one tick are told one by one. */
function courseOf(readings: readonly Reading[]): Course {
  const kept = readings.filter(([at_s], i) => readings[i + 1]?.[0] !== at_s);
  return {
    at_s: Float64Array.from(kept, ([at_s]) => at_s),
    memory_B: Float64Array.from(kept, ([, memory_B]) => memory_B),
  };
}

/** Readings inside, and those taken for both ends. */
function nearEnds({ at_s }: Course, { ended_s, requested_s }: Times): readonly [number, number] {
  const before = countUpTo(at_s, requested_s + ROUNDING_S) - 1;
  const after = countUpTo(at_s, ended_s - ROUNDING_S);
  return [
    at(at_s, before) >= requested_s - NEAR_S ? before : before + 1,
    at(at_s, after) <= ended_s + NEAR_S ? after + 1 : after,
  ];
}

/** The greatest from one index up to before another; null where nothing is known there. */
function peakOf({ memory_B }: Course, [from, to]: readonly [number, number]): number | null {
  let peak_B = -1;
  for (let i = Math.max(0, from); i < to; i++) peak_B = at(memory_B, i) > peak_B ? at(memory_B, i) : peak_B;
  return peak_B < 0 ? null : peak_B;
}
