import { OBSERVED } from '../../src/core/environment-names.ts';
import type { Seconds } from '../../src/core/units.ts';
import type { KernelFiles } from './kernel-files.ts';
import { busyTime_s, ProcessTable } from './process-table.ts';
import type { ServerProcess } from './server-process.ts';

interface Reading {
  readonly at_s: Seconds;
  readonly busy_s: Seconds;
  readonly own_s: Seconds;
  /** Null: its processes are not known. */
  readonly server_s: Seconds | null;
  readonly server: number | null;
  readonly serverMemory_B: number | null;
}

const DIGITS = 1000;

/**
 * Processors kept busy by the server, by lmpower with its meters, and by everything else, from one look to the next; and
 * the memory that the server's processes hold at each look.
 */
export class CpuLoad {
  readonly #proc: KernelFiles;
  readonly #server: ServerProcess;
  readonly #self: number;
  readonly #table: ProcessTable;
  #before: Reading | null = null;

  constructor(proc: KernelFiles, server: ServerProcess, self: number) {
    this.#proc = proc;
    this.#server = server;
    this.#self = self;
    this.#table = new ProcessTable(proc);
  }

  /** No load at the first look; nothing where the kernel does not tell. */
  take(at_s: Seconds): Readonly<Record<string, number>> {
    const now = this.#read(at_s);
    const before = this.#before;
    this.#before = now;
    const memory_B = now?.serverMemory_B ?? null;
    return {
      ...this.#load(now, before),
      ...(memory_B === null ? {} : { [OBSERVED.serverMemory]: memory_B }),
    };
  }

  #load(now: Reading | null, before: Reading | null): Readonly<Record<string, number>> {
    if (now === null || before === null || !(now.at_s > before.at_s)) return {};
    const cores = (to_s: Seconds, from_s: Seconds): number => (to_s - from_s) / (now.at_s - before.at_s);
    const own = cores(now.own_s, before.own_s);
    const rest = cores(now.busy_s, before.busy_s) - own;
    // A process that changed trees, or another server: the difference says nothing.
    if (own < 0) return {};
    const { place } = this.#server;
    if (place.sort === 'remote') return rounded({ [OBSERVED.otherCores]: rest, lmpower_cores: own });
    if (now.server_s === null || before.server_s === null || now.server !== before.server) {
      return rounded({ [OBSERVED.restCores]: rest, lmpower_cores: own });
    }
    const server = cores(now.server_s, before.server_s);
    if (server < 0) return {};
    return rounded({
      [OBSERVED.serverCores]: server,
      [OBSERVED.otherCores]: rest - server,
      lmpower_cores: own,
    });
  }

  #read(at_s: Seconds): Reading | null {
    const busy_s = busyTime_s(this.#proc.text('stat'));
    if (busy_s === null) return null;
    const { place } = this.#server;
    const server = place.sort === 'local' ? place.pid : null;
    this.#table.refresh();
    const members = server === null ? [] : this.#table.tree(server, this.#self);
    return {
      at_s,
      busy_s,
      own_s: this.#table.cpu_s(this.#table.tree(this.#self, server)),
      server_s: members.length === 0 ? null : this.#table.cpu_s(members),
      server,
      serverMemory_B: this.#table.resident_B(members),
    };
  }
}

/** Ticks of the one count and of the other do not meet: what is below nothing is nothing. */
function rounded(cores: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(cores).map(([name, value]) => [name, Math.max(0, Math.round(value * DIGITS) / DIGITS)]),
  );
}
