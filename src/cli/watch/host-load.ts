import { cpus, freemem, totalmem } from 'node:os';

/** What the whole machine is at. */
export interface HostLoad {
  /** 0–1, all processors since the last look; null at the first one. */
  readonly cpuRatio: number | null;
  readonly memoryUsed_B: number;
  readonly memory_B: number;
}

interface CpuTimes {
  readonly idle: number;
  readonly all: number;
}

/** Looks at processors and memory through Node; each look tells of the time since the one before. */
export class HostWatch {
  private last: CpuTimes | null = null;

  look(): HostLoad {
    const now = cpuTimes();
    const last = this.last;
    this.last = now;
    const span = last === null ? 0 : now.all - last.all;
    return {
      cpuRatio: last === null || span <= 0 ? null : 1 - (now.idle - last.idle) / span,
      memoryUsed_B: totalmem() - freemem(),
      memory_B: totalmem(),
    };
  }
}

function cpuTimes(): CpuTimes {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return { idle, all };
}
