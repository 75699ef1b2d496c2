import { KernelFiles } from '../../samplers/environment/kernel-files.ts';
import {
  hasTool,
  type OtherMeter,
  otherMeters,
  programsOfProc,
  programsOfPs,
  type RunningProgram,
} from '../../samplers/environment/other-meters.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import type { Clock } from '../core/clock.ts';
import type { RecordedEvent } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { S_PER_MS } from '../core/units.ts';
import { thisHost } from '../orchestrator/host.ts';
import { INVENTED } from './invented.ts';

const PROC_PATH = '/proc';
const PS = '/bin/ps';
/** A single query, or the last breath of our own meter, is over by then. */
const LEAST_STAY_s: Seconds = 0.5;
const STAY_INTERVALS = 2;

export interface SecondSamplerOptions {
  readonly samplers: readonly Pick<Sampler, 'id' | 'finite'>[];
  readonly clock: Clock;
  readonly interval_ms: number;
  /** All processes of the machine; null: they cannot be listed. */
  readonly running?: () => Promise<readonly RunningProgram[] | null>;
  readonly self?: number;
}

/**
 * SECOND_SAMPLER for each process of a source's own tool that is not ours and stays. Looks at the process table, so
 * before the meters start and after they have ended only. Nothing where the energy is a recording's or invented.
 */
export async function secondSamplers(options: SecondSamplerOptions): Promise<RecordedEvent[]> {
  const { samplers, clock, interval_ms, running = runningPrograms, self = process.pid } = options;
  const sources = samplers.map(({ id }) => id).filter(hasTool);
  const isReal = samplers.every(({ finite, id }) => finite !== true && id !== INVENTED);
  if (!isReal || sources.length === 0) return [];
  const look = async (): Promise<OtherMeter[]> => otherMeters((await running()) ?? [], { sources, self });
  const first = await look();
  if (first.length === 0) return [];
  await clock.sleep(Math.max(LEAST_STAY_s, STAY_INTERVALS * interval_ms * S_PER_MS));
  const known = new Set(first.map(({ pid }) => pid));
  const at_s = clock.now_s();
  return (await look())
    .filter(({ pid }) => known.has(pid))
    .map(({ source, pid, name }) => ({
      code: 'SECOND_SAMPLER',
      source,
      at_s,
      domain: null,
      detail: `another ${name} runs (process ${pid})`,
    }));
}

/** Windows tells no such thing without a query that costs seconds. */
async function runningPrograms(): Promise<readonly RunningProgram[] | null> {
  const proc = new KernelFiles(PROC_PATH);
  if (proc.text('stat') !== null) return programsOfProc(proc);
  const text = await thisHost.run(PS, '-axo', 'pid=,ppid=,comm=');
  return text === null ? null : programsOfPs(text);
}
