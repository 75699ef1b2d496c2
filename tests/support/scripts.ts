import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MeterBehaviour, standInMeter } from './stand-in-meter.ts';

/** A folder of small shell scripts, for what is named by a path alone. */
export interface ScriptFolder {
  readonly path: string;
  add(name: string, ...lines: readonly string[]): string;
  /** A meter that is a single file. */
  addMeter(behaviour: MeterBehaviour, argument?: string): string;
  remove(): void;
}

export function scriptFolder(): ScriptFolder {
  const path = mkdtempSync(join(tmpdir(), 'lmpower-test-'));
  const add = (name: string, ...lines: readonly string[]): string => {
    const file = join(path, name);
    writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
    return file;
  };
  return {
    path,
    add,
    addMeter: (behaviour, argument) => {
      const { file, leading } = standInMeter(behaviour, argument);
      return add(`meter-${behaviour}`, `exec "${file}" ${leading.map((word) => `"${word}"`).join(' ')} "$@"`);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
