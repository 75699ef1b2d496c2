import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

export interface ProcessFacts {
  readonly parent: number;
  /** Processor time of its own, in hundredths of a second. */
  readonly cpu_ticks?: number;
  /** Of its children that have ended. */
  readonly childCpu_ticks?: number;
  readonly name?: string;
  readonly exe?: string;
  /** Inodes of sockets that it holds open. */
  readonly sockets?: readonly number[];
  readonly started_ticks?: number;
  /** Resident memory; not given: not stated, as of a kernel thread. */
  readonly memory_kiB?: number;
}

/** A stand-in /proc, gone when the test ends. */
export interface ProcTree {
  readonly root: string;
  /** Adds a process, or makes it anew. */
  process(pid: number, facts: ProcessFacts): void;
  end(pid: number): void;
  /** All processors together since the boot, in hundredths of a second. */
  busy(busy_ticks: number): void;
  /** Sockets that wait for connections: port and inode. */
  listening(...sockets: readonly (readonly [number, number])[]): void;
}

export function procTree(): ProcTree {
  const root = temporaryFolder();
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  mkdirSync(join(root, 'net'));
  write('uptime', '1000.0 2000.0\n');
  return {
    root,
    process: (pid, facts) => {
      const { parent, cpu_ticks = 0, childCpu_ticks = 0, name = 'some program', started_ticks = 7 } = facts;
      rmSync(join(root, `${pid}`), { recursive: true, force: true });
      mkdirSync(join(root, `${pid}/fd`), { recursive: true });
      const times = `${cpu_ticks} 0 ${childCpu_ticks} 0`;
      write(
        `${pid}/stat`,
        `${pid} (${name}) S ${parent} 1 1 0 -1 4194304 9 9 0 0 ${times} 20 0 1 0 ${started_ticks} 0 0 0\n`,
      );
      const resident =
        facts.memory_kiB === undefined ? '' : `VmRSS:\t${facts.memory_kiB} kB\nRssAnon:\t9 kB\n`;
      write(`${pid}/status`, `Name:\t${name}\nState:\tS (sleeping)\n${resident}Threads:\t1\n`);
      if (facts.exe !== undefined) symlinkSync(facts.exe, join(root, `${pid}/exe`));
      facts.sockets?.forEach((inode, i) => {
        symlinkSync(`socket:[${inode}]`, join(root, `${pid}/fd/${i + 3}`));
      });
    },
    end: (pid) => rmSync(join(root, `${pid}`), { recursive: true, force: true }),
    busy: (ticks) =>
      write('stat', `cpu  ${ticks - 3} 1 1 99999 500 0 1 70 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\nbtime 1\n`),
    listening: (...sockets) => {
      const lines = sockets.map(([port, inode], i) => {
        const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
        return `   ${i}: ${local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0 0 10 0`;
      });
      write('net/tcp', ['  sl  local_address rem_address   st', ...lines, ''].join('\n'));
    },
  };
}
