import { fixed, percent, significant, spanText } from '../../core/number-text.ts';
import type { Observation } from '../../core/sample.ts';
import { B_PER_GiB, type Seconds } from '../../core/units.ts';
import { cutToWidth, displayWidth } from '../display-width.ts';
import { glanceLine } from '../live/glance-text.ts';
import type { RunGlance } from '../live/run-state.ts';
import { safeText, textTable } from '../text-table.ts';
import type { HostLoad } from './host-load.ts';
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
  /** A run of the same user that is on; null: none. */
  readonly run: RunGlance | null;
  /** The machine's load; null where what is shown is another machine's. */
  readonly host: HostLoad | null;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const END = 'Ctrl-C ends';
const GAP = 2;
/** `run  ` */
const RUN_INDENT = 5;
const PLAIN_RUN = 100;
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
  const run = view.run === null ? [] : ['', `run  ${glanceLine(view.run, size.columns - RUN_INDENT)}`];
  const host = view.host === null ? [] : ['', hostLine(view.host)];
  const room = size.rows - head.length - power.length - run.length - host.length - 1;
  const states =
    room < 1 ? [] : ['', ...stateLines(view.observations, { columns: size.columns, rows: room })];
  return [...head, ...power, ...run, ...host, ...states]
    .slice(0, size.rows)
    .map((line) => cutToWidth(line, size.columns));
}

/** One line of a log, for where there is no screen. */
export function plainLine({ elapsed_s, domains, run, trouble }: WatchView): string {
  const power = domains.map(
    ({ domain, power_W, energy_J }) =>
      `${safeText(domain)} ${significant(power_W)} W ${significant(energy_J, 4)} J`,
  );
  const parts = power.length === 0 ? ['waiting for the first reading …'] : power;
  return [
    `${elapsed_s.toFixed(0)} s`,
    ...parts,
    ...(run === null ? [] : [`run ${glanceLine(run, PLAIN_RUN)}`]),
    ...(trouble === null ? [] : [`! ${safeText(trouble)}`]),
  ].join(' · ');
}

function hostLine({ cpuRatio, memoryUsed_B, memory_B }: HostLoad): string {
  const memory = `${fixed(memoryUsed_B / B_PER_GiB, 1)} of ${fixed(memory_B / B_PER_GiB, 1)} GiB`;
  return `processors ${percent(cpuRatio, 0)}  memory ${memory}`;
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
