import { significant, spanText } from '../../core/number-text.ts';
import type { Observation } from '../../core/sample.ts';
import type { Seconds } from '../../core/units.ts';
import { cutToWidth, displayWidth } from '../display-width.ts';
import { safeText, textTable } from '../text-table.ts';
import { inOrderOfInterest, observationText } from './observation-text.ts';
import { sparkline } from './sparkline.ts';
import type { WatchedDomain } from './watched-power.ts';

/** Everything that a frame shows. */
export interface WatchView {
  /** Where the readings come from. */
  readonly title: string;
  readonly elapsed_s: Seconds;
  readonly domains: readonly WatchedDomain[];
  readonly observations: readonly Observation[];
  /** What is wrong with a source; null: nothing. */
  readonly trouble: string | null;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const END = 'Ctrl-C ends';
const GAP = 2;
/** Below this a sparkline says nothing. */
const LEAST_COURSE = 8;

/** The lines of one frame: never more than the screen has rows, none wider than it. */
export function frameLines(view: WatchView, size: ScreenSize): string[] {
  const head = [
    headLine(view, size.columns),
    ...(view.trouble === null ? [] : [`! ${safeText(view.trouble)}`]),
    '',
  ];
  const power =
    view.domains.length === 0 ? ['waiting for the first reading …'] : powerLines(view.domains, size);
  const room = size.rows - head.length - power.length - 1;
  const states =
    room < 1 ? [] : ['', ...stateLines(view.observations, { columns: size.columns, rows: room })];
  return [...head, ...power, ...states].slice(0, size.rows).map((line) => cutToWidth(line, size.columns));
}

/** One line of a log, for where there is no screen. */
export function plainLine({ elapsed_s, domains, trouble }: WatchView): string {
  const power = domains.map(
    ({ domain, power_W, energy_J }) =>
      `${safeText(domain)} ${significant(power_W)} W ${significant(energy_J, 4)} J`,
  );
  const parts = power.length === 0 ? ['waiting for the first reading …'] : power;
  return [
    `${elapsed_s.toFixed(0)} s`,
    ...parts,
    ...(trouble === null ? [] : [`! ${safeText(trouble)}`]),
  ].join(' · ');
}

function headLine({ title, elapsed_s }: WatchView, columns: number): string {
  const left = `lmpower watch · ${safeText(title)} · ${spanText(elapsed_s)}`;
  const blank = columns - displayWidth(left) - END.length;
  return blank < GAP ? left : `${left}${' '.repeat(blank)}${END}`;
}

/** A table, and beside it the course of each domain as far as there is room. */
function powerLines(domains: readonly WatchedDomain[], { columns }: ScreenSize): string[] {
  const table = textTable(
    domains,
    [
      { heading: 'domain', align: 'left', expendable: 0, cell: ({ domain }) => domain },
      { heading: 'W', align: 'right', expendable: 0, cell: ({ power_W }) => significant(power_W) },
      { heading: 'mean W', align: 'right', expendable: 1, cell: ({ mean_W }) => significant(mean_W) },
      { heading: 'max W', align: 'right', expendable: 2, cell: ({ max_W }) => significant(max_W) },
      { heading: 'J', align: 'right', expendable: 0, cell: ({ energy_J }) => significant(energy_J, 4) },
    ],
    columns,
  );
  const width = Math.max(...table.map(displayWidth));
  const room = columns - width - GAP;
  if (room < LEAST_COURSE) return table;
  return table.map((line, i) => {
    const course = sparkline(domains[i - 1]?.course_W ?? [], room);
    return course === '' ? line : `${line}${' '.repeat(width - displayWidth(line) + GAP)}${course}`;
  });
}

/** As many columns of equal width as fit; where rows are short, the last line says how many are not shown. */
function stateLines(observations: readonly Observation[], { columns, rows }: ScreenSize): string[] {
  const texts = inOrderOfInterest(observations).map(observationText);
  const width = Math.max(1, ...texts.map(displayWidth)) + GAP;
  const across = Math.max(1, Math.floor((columns + GAP) / width));
  const lines = Array.from({ length: Math.ceil(texts.length / across) }, (_, row) =>
    texts
      .slice(row * across, (row + 1) * across)
      .map((text) => text + ' '.repeat(width - displayWidth(text)))
      .join('')
      .trimEnd(),
  );
  if (lines.length <= rows) return lines;
  return [...lines.slice(0, rows - 1), `… ${texts.length - (rows - 1) * across} more`];
}
