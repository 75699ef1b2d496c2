import type { ServerReading } from '../../src/core/environment-names.ts';
import type { KernelFiles } from './kernel-files.ts';
import { listenerOf, localPort } from './listening.ts';
import { ProcessTable } from './process-table.ts';

const INIT = 1;

/**
 * Where the server's work shows: in the processes below `pid`, on another machine (so that all load here is foreign),
 * or nobody knows where.
 */
export type ServerPlace =
  | { readonly sort: 'local'; readonly pid: number }
  | { readonly sort: 'remote' }
  | { readonly sort: 'unknown' };

/** The server's processes on this machine, found by the port that it listens on. */
export class ServerProcess {
  readonly #proc: KernelFiles;
  readonly #url: string | null;
  readonly #self: number;
  readonly #table: ProcessTable;
  #place: ServerPlace = { sort: 'unknown' };
  #started_ticks: number | null = null;

  /** `self`: the process that is no server: ours. */
  constructor(proc: KernelFiles, url: string | null, self: number) {
    this.#proc = proc;
    this.#url = url;
    this.#self = self;
    this.#table = new ProcessTable(proc);
  }

  /** Looks for the server unless it is known and alive: a walk over all open files, so between phases only. */
  locate(): ServerPlace {
    if (this.#place.sort === 'local' && this.#isAlive(this.#place.pid)) return this.#place;
    this.#place = this.#search();
    this.#started_ticks =
      this.#place.sort === 'local' ? (this.#table.read(this.#place.pid)?.started_ticks ?? null) : null;
    return this.#place;
  }

  /** As last located. */
  get place(): ServerPlace {
    return this.#place;
  }

  /** Of all its processes; null: not here, gone, or not to be told from ours. */
  read(): ServerReading | null {
    if (this.#place.sort !== 'local' || !this.#isAlive(this.#place.pid)) return null;
    this.#table.refresh();
    const members = this.#table.tree(this.#place.pid, this.#self);
    return { cpu_s: this.#table.cpu_s(members), memory_B: this.#table.resident_B(members) };
  }

  #isAlive(pid: number): boolean {
    const row = this.#table.read(pid);
    return row !== null && row.started_ticks === this.#started_ticks;
  }

  #search(): ServerPlace {
    if (this.#url === null) return { sort: 'unknown' };
    const port = localPort(this.#url);
    if (port === null) return { sort: 'remote' };
    const listener = listenerOf(this.#proc, port);
    if (listener === null || listener === this.#self) return { sort: 'unknown' };
    return { sort: 'local', pid: this.#top(listener) };
  }

  /** A server that works in sibling processes has a parent of the same program: the one above them all is meant. */
  #top(pid: number): number {
    const program = this.#proc.link(`${pid}/exe`);
    for (let one = pid; ; ) {
      const parent = this.#table.read(one)?.parent ?? INIT;
      const isSame = program !== null && this.#proc.link(`${parent}/exe`) === program;
      if (parent <= INIT || parent === this.#self || !isSame) return one;
      one = parent;
    }
  }
}
