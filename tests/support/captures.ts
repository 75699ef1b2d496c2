import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { SAMPLERS } from '../../samplers/index.ts';

/** Recorded output of real meters, beside the checkout where there is any; its folders are named by format. */
export const CAPTURES = resolve(import.meta.dirname, '../../../shared/captures');

export interface Capture {
  /** The sampler whose output it is. */
  readonly format: string;
  readonly file: string;
  /** True joules by domain, from the columns `<domain>_J` of INDEX.md; empty where it states none. */
  readonly true_J: Readonly<Record<string, number>>;
}

/** Every capture below `root`; none where the folder is absent. */
export function capturesIn(root: string = CAPTURES): Capture[] {
  const formats = SAMPLERS.map(({ id }) => id).filter((id) => existsSync(join(root, id)));
  return formats.flatMap((format) => {
    const folder = join(root, format);
    const indexes = [join(folder, 'INDEX.md'), join(root, 'INDEX.md')].filter((file) => existsSync(file));
    const stated = indexes.flatMap((file) => statedIn(readFileSync(file, 'utf8')));
    const names = readdirSync(folder).filter((name) => !name.endsWith('.md') && !name.startsWith('.'));
    return names.map((name) => ({
      format,
      file: join(folder, name),
      true_J: stated.find((row) => row.name === name || row.name === `${format}/${name}`)?.true_J ?? {},
    }));
  });
}

export const nameOf = ({ format, file }: Capture): string => `${format}/${basename(file)}`;

interface StatedRow {
  readonly name: string;
  readonly true_J: Readonly<Record<string, number>>;
}

/** Rows of the tables whose header has columns such as `cpu_J`; the first column names the file. */
function statedIn(markdown: string): StatedRow[] {
  let header: readonly string[] = [];
  return markdown.split('\n').flatMap((line) => {
    const cells = cellsOf(line);
    if (cells === null) {
      header = [];
      return [];
    }
    if (header.length === 0) {
      header = cells;
      return [];
    }
    const energies = header.flatMap((title, i): [string, number][] => {
      const joules = Number(cells[i] || Number.NaN);
      return title.endsWith('_J') && Number.isFinite(joules) ? [[title.slice(0, -'_J'.length), joules]] : [];
    });
    return energies.length === 0 ? [] : [{ name: cells[0] ?? '', true_J: Object.fromEntries(energies) }];
  });
}

function cellsOf(line: string): string[] | null {
  if (!line.trim().startsWith('|')) return null;
  return line
    .trim()
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim().replaceAll('`', ''));
}
