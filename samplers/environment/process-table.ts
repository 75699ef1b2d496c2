import { B_PER_KiB, type Seconds } from '../../src/core/units.ts';
import type { KernelFiles } from './kernel-files.ts';

/** Unit of processor time in /proc: USER_HZ, 100 on every processor that Node runs on under Linux. Source: proc(5), time(7). */
const TICKS_PER_S = 100;

interface ProcessRow {
  readonly parent: number;
  /** Of the process and of its children that have ended and were waited for. */
  readonly cpu_ticks: number;
  /** Tells a process from a later one of the same number. */
  readonly started_ticks: number;
}

/**
 * Fields of /proc/<pid>/stat behind the name, which may hold anything; null for what is none. Source: proc(5).
 */
export function parseProcess(text: string): ProcessRow | null {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent, user, system, childUser, childSystem, started_ticks] = [1, 11, 12, 13, 14, 19].map(
    (place) => fields[place] ?? Number.NaN,
  );
  const cpu_ticks = (user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0);
  if (parent === undefined || started_ticks === undefined) return null;
  return Number.isFinite(parent + cpu_ticks + started_ticks) ? { parent, cpu_ticks, started_ticks } : null;
}

/** Resident memory as /proc/<pid>/status states it; null: not stated, as of a kernel thread. Source: proc_pid_status(5). */
export function parseResident_B(text: string): number | null {
  const size = /^VmRSS:\s*(\d+) kB$/m.exec(text)?.[1];
  return size === undefined ? null : Number(size) * B_PER_KiB;
}

/** Seconds that all processors together worked since the boot, waiting and stolen time not counted; null: not stated. */
export function busyTime_s(text: string | null): Seconds | null {
  const line = /^cpu +([\d ]+)$/m.exec(text ?? '')?.[1];
  if (line === undefined) return null;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_S;
}

/** Who descends from whom. Only processes that are new since the last look are read, so that a look stays cheap. */
export class ProcessTable {
  readonly #proc: KernelFiles;
  #parents = new Map<number, number>();

  constructor(proc: KernelFiles) {
    this.#proc = proc;
  }

  /** Looks for processes that came or went. */
  refresh(): void {
    const parents = new Map<number, number>();
    for (const name of this.#proc.unsorted('.')) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const parent = this.#parents.get(pid) ?? this.read(pid)?.parent;
      if (parent !== undefined) parents.set(pid, parent);
    }
    this.#parents = parents;
  }

  read(pid: number): ProcessRow | null {
    const text = this.#proc.text(`${pid}/stat`);
    return text === null ? null : parseProcess(text);
  }

  /** The process and all that descend from it; without `except` and what descends from that. */
  tree(root: number, except: number | null = null): number[] {
    return [...this.#parents.keys()].filter((pid) => this.#descends(pid, root, except));
  }

  /** Processor time of these processes; what has ended in between was added to its parent's. */
  cpu_s(pids: readonly number[]): Seconds {
    let ticks = 0;
    for (const pid of pids) ticks += this.read(pid)?.cpu_ticks ?? 0;
    return ticks / TICKS_PER_S;
  }

  /** Memory that these processes hold, pages that several share counted in each; null where none of them says. */
  resident_B(pids: readonly number[]): number | null {
    let sum_B: number | null = null;
    for (const pid of pids) {
      const own_B = parseResident_B(this.#proc.text(`${pid}/status`) ?? '');
      if (own_B !== null) sum_B = (sum_B ?? 0) + own_B;
    }
    return sum_B;
  }

  #descends(pid: number, root: number, except: number | null): boolean {
    const seen = new Set<number>();
    for (
      let one: number | undefined = pid;
      one !== undefined && !seen.has(one);
      one = this.#parents.get(one)
    ) {
      if (one === except) return false;
      if (one === root) return true;
      seen.add(one);
    }
    return false;
  }
}
