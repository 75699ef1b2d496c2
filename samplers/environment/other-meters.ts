import { basename } from 'node:path';
import type { KernelFiles } from './kernel-files.ts';

/** A process and the names that it may be known by: its program, and the script that an interpreter runs. */
export interface RunningProgram {
  readonly pid: number;
  readonly parent: number;
  readonly names: readonly string[];
}

/** Somebody else's process of a meter's own tool. */
export interface OtherMeter {
  /** Id of the source that reads the same. */
  readonly source: string;
  readonly pid: number;
  readonly name: string;
}

/** Programs by which a source's meter is read, by the source's id; sources of files need none. */
const TOOLS: Readonly<Record<string, readonly string[]>> = {
  powermetrics: ['powermetrics'],
  macmon: ['macmon'],
  'nvidia-smi': ['nvidia-smi'],
  'amd-smi': ['amd-smi', 'amdsmi_cli.py'],
  'rocm-smi': ['rocm-smi', 'rocm_smi.py'],
  'intel-gpu-top': ['intel_gpu_top'],
  'xpu-smi': ['xpu-smi'],
  tegrastats: ['tegrastats'],
};
/** A program that runs another's text: its first word names it. */
const INTERPRETER = /^(?:python|node|perl|ruby|sh|bash|dash|zsh)[\d.]*$/;

/** Processes of the sources' own tools that do not descend from `self`: our meters, and those of our guard, do. */
export function otherMeters(
  running: readonly RunningProgram[],
  { sources, self }: { readonly sources: readonly string[]; readonly self: number },
): OtherMeter[] {
  const parents = new Map(running.map(({ pid, parent }) => [pid, parent]));
  return sources.flatMap((source) =>
    running.flatMap(({ pid, names }) => {
      const name = names.find((one) => TOOLS[source]?.includes(one));
      return name === undefined || descends(parents, pid, self) ? [] : [{ source, pid, name }];
    }),
  );
}

/** Whether another reader of this source could be told at all. */
export function hasTool(source: string): boolean {
  return TOOLS[source] !== undefined;
}

/** Of /proc; a process that ends meanwhile is left out. Source: proc(5). */
export function programsOfProc(proc: KernelFiles): RunningProgram[] {
  return proc.unsorted('.').flatMap((name) => {
    const pid = Number(name);
    const text = Number.isInteger(pid) ? proc.text(`${pid}/stat`) : null;
    // The name stands in brackets and may hold any.
    const [, program = '', rest = ''] = /^\d+ \((.*)\) \S+ (\d+) /s.exec(text ?? '') ?? [];
    if (text === null || rest === '') return [];
    return [{ pid, parent: Number(rest), names: [program, ...scriptOf(proc, pid, program)] }];
  });
}

function scriptOf(proc: KernelFiles, pid: number, program: string): string[] {
  if (!INTERPRETER.test(program)) return [];
  const script = proc
    .text(`${pid}/cmdline`)
    ?.split('\0')
    .slice(1)
    .find((word) => word !== '' && !word.startsWith('-'));
  return script === undefined ? [] : [basename(script)];
}

/** Lines of `ps -axo pid=,ppid=,comm=`: on a Mac `comm` is the whole path. */
export function programsOfPs(text: string): RunningProgram[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, program = ''] = /^\s*(\d+)\s+(\d+)\s+(\S.*?)\s*$/.exec(line) ?? [];
    return pid === undefined
      ? []
      : [{ pid: Number(pid), parent: Number(parent), names: [basename(program)] }];
  });
}

function descends(parents: ReadonlyMap<number, number>, pid: number, ancestor: number): boolean {
  const seen = new Set<number>();
  for (let one: number | undefined = pid; one !== undefined && !seen.has(one); one = parents.get(one)) {
    if (one === ancestor) return true;
    seen.add(one);
  }
  return false;
}
