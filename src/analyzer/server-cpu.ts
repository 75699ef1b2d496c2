import { ENVIRONMENT, OBSERVED } from '../core/environment-names.ts';
import type { ServerCpu } from '../core/result.ts';
import type { Completion } from '../core/run.ts';
import type { Observation } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { ratio } from './latency.ts';
import { tokenCounts } from './token-counts.ts';

/** A reading this far from the end of the request that it is meant for is another request's. */
const NEAR_S = 1;
const ROUNDING_S = 1e-6;

/** Processor time of the server's processes from request to end; null where it was not read at both. Source: METHOD §4. */
export function serverCpuOf(observations: readonly Observation[], completion: Completion): ServerCpu | null {
  const readings = observations.filter(
    ({ name, source }) => source === ENVIRONMENT && name === OBSERVED.serverCpu,
  );
  const { ended_s, requested_s } = completion;
  const before = readings.findLast(({ at_s }) => at_s <= requested_s + ROUNDING_S);
  const after = readings.find(({ at_s }) => at_s >= ended_s - ROUNDING_S);
  if (!isNear(before, requested_s) || !isNear(after, ended_s)) return null;
  const cpu_s = Number(after.value) - Number(before.value);
  // Processes that ended unwaited for took their time with them.
  if (!(cpu_s >= 0)) return null;
  return { cpu_s, cpu_sPerTok: ratio(cpu_s, tokenCounts(completion).output_tok) };
}

function isNear(reading: Observation | undefined, at_s: Seconds): reading is Observation {
  return reading !== undefined && Math.abs(reading.at_s - at_s) <= NEAR_S;
}
