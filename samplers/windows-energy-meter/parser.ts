import type { Batch } from '../../src/core/sample.ts';
import type { Joules, Seconds, Watts } from '../../src/core/units.ts';
import { W_PER_mW } from '../../src/core/units.ts';
import type { ChannelNews } from '../channel.ts';
import { Channels } from '../channels.ts';
import { csvCells } from '../csv-cells.ts';
import { createLineParser } from '../line-parser.ts';
import type { Parser } from '../sampler.ts';
import { SourceClock } from '../source-clock.ts';
import { numberOrNull } from '../stated-number.ts';
import { type Column, columnsOf, domainOfMeter, energyOf_J, placeOf, SOURCE } from './columns.ts';

const EXCERPT = 80;
/** A processor always draws: a package's counter that stands still so long is not read from the hardware. */
const STALE_s: Seconds = 5;
/** typeperf's own words at its start and end are no loss. */
const CHATTER = /^(?:Exiting, please wait|The command completed successfully|Error: No valid counters)/i;

/** `typeperf` of the Energy Meter counters in any chunking → one batch a row. Decimal commas are read as points. */
export function createWindowsEnergyMeterParser(): Parser {
  const table = new MeterTable();
  return createLineParser({
    line: (text, arrival_s) => table.take(text, arrival_s),
    dropped: (bytes, arrival_s) => table.garbage(arrival_s, `a line of ${bytes} bytes`),
  });
}

interface MeterRow {
  energy_J: Joules | null;
  power_W: Watts | null;
}

class MeterTable {
  readonly #channels = new Channels(SOURCE);
  readonly #clock = new SourceClock();
  #columns: readonly (Column | null)[] = [];

  take(text: string, arrival_s: Seconds): Batch[] {
    const line = text.trim();
    const cells = csvCells(line);
    if (/^"?\(PDH-CSV/i.test(line)) {
      this.#columns = columnsOf(cells);
      return [];
    }
    if (!line.startsWith('"') || cells.length !== this.#columns.length) {
      if (CHATTER.test(line)) return [];
      return [this.garbage(arrival_s, `no reading: ${line.slice(0, EXCERPT)}`)];
    }
    const at_s = this.#clock.at_s(arrival_s, timeOfDay_s(cells[0] ?? ''));
    const news = [...this.#rows(cells)].flatMap(([meter, row]) => this.#read(meter, row, at_s));
    return [this.#channels.batch(news, { at_s })];
  }

  garbage(at_s: Seconds, detail: string): Batch {
    return this.#channels.trouble('GARBAGE', at_s, detail);
  }

  #rows(cells: readonly string[]): Map<string, MeterRow> {
    const rows = new Map<string, MeterRow>();
    for (const [index, column] of this.#columns.entries()) {
      if (column === null) continue;
      const row = rows.get(column.meter) ?? { energy_J: null, power_W: null };
      const value = stated(cells[index] ?? '');
      if (column.figure === 'energy') row.energy_J = value === null ? null : energyOf_J(value);
      else row.power_W = value === null ? null : value * W_PER_mW;
      rows.set(column.meter, row);
    }
    return rows;
  }

  /** Energy where Windows counts it; a meter keeps the figure it began with, and one that states neither is left out. */
  #read(meter: string, row: MeterRow, at_s: Seconds): ChannelNews[] {
    const found = placeOf(meter);
    if (found === null) return [];
    const counts = row.energy_J !== null && row.energy_J > 0;
    const known = this.#channels.known(found.id);
    if (known === null && !counts && row.power_W === null) return [];
    const channel = this.#channels.of(found.id, () => ({
      domain: domainOfMeter(found, counts ? 'counter' : 'averaged'),
      options: { stale_s: counts && found.rank > 0 ? STALE_s : null },
    }));
    return [
      channel.domain.kind === 'counter'
        ? channel.energy(at_s, row.energy_J)
        : channel.power(at_s, row.power_W),
    ];
  }
}

/** An empty cell is a counter that could not be read; −1 is typeperf's own word for that. */
function stated(cell: string): number | null {
  const value = numberOrNull(cell);
  return value === null || value < 0 ? null : value;
}

/** The date's order differs by language, the time's does not. */
function timeOfDay_s(text: string): Seconds | null {
  const [, hours, minutes, seconds] = /(\d{1,2})[:.](\d\d)[:.](\d\d(?:[.,]\d+)?)$/.exec(text.trim()) ?? [];
  if (seconds === undefined) return null;
  return (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds.replace(',', '.'));
}
