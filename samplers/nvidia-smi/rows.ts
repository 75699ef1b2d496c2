import { PERCENT_PER_RATIO } from '../../src/core/units.ts';
import type { GpuReading, PowerField } from '../gpu/reading.ts';
import { numberOrNull, statedNumber } from '../stated-number.ts';
import { canonicalField } from './fields.ts';
import { type BoardFacts, computeCapOfName, type PowerLabel, sensorOf } from './sensors.ts';
import { slowdownsOf, throttleReasons } from './throttle.ts';

/** A row of the table by field name. */
export type Row = ReadonlyMap<string, string>;

const POWER_LABELS: readonly PowerLabel[] = ['power.draw.instant', 'power.draw.average', 'power.draw'];

/** The names of a header line, `power.draw [W]` without its unit; null for any other line. */
export function headerFields(text: string): string[] | null {
  const names = text.split(',').map((cell) => cell.replace(/\s*\[[^\]]*\]\s*$/, '').trim());
  const isHeader = names.includes('index') && names.every((name) => /^[a-z][a-z0-9_.]*$/i.test(name));
  return isHeader ? names.map(canonicalField) : null;
}

/** A line as a row; null where it does not have the table's number of cells. A comma without a space is a decimal one. */
export function rowOf(text: string, fields: readonly string[]): Row | null {
  for (const separator of [/,\s+/, /\s*,\s*/]) {
    const cells = text.split(separator);
    if (cells.length !== fields.length) continue;
    const row = new Map(fields.map((field, i) => [canonicalField(field), (cells[i] ?? '').trim()]));
    if (indexOf(row) !== null) return row;
  }
  return null;
}

export function indexOf(row: Row): number | null {
  const text = row.get('index') ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** How many boards a tick has, where the row says it. */
export function countOf(row: Row): number | null {
  const count = numberOrNull(row.get('count'));
  return count !== null && Number.isInteger(count) && count > 0 ? count : null;
}

/** `2026/11/22 04:04:53.123` in ISO form; only the steps from one to the next are ever used, so its zone does not matter. */
export function stampedAt(row: Row): string | null {
  const parts = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?)$/.exec(row.get('timestamp') ?? '');
  if (parts === null) return null;
  const [, year, month, day, time] = parts;
  return `${year}-${month}-${day}T${time}Z`;
}

export function readingOf(row: Row): GpuReading {
  const board = boardOf(row);
  const reasons = throttleReasons(row.get('clocks_event_reasons.active') ?? '');
  const load = numberOrNull(row.get('utilization.gpu'));
  const limit_W = numberOrNull(row.get('power.limit'));
  return {
    index: indexOf(row) ?? -1,
    name: wordOf(row, 'name'),
    powers: POWER_LABELS.filter((label) => row.has(label)).map((label) => powerField(label, row, board)),
    energy_J: null,
    limit_W,
    loadRatio: load === null ? null : load / PERCENT_PER_RATIO,
    slowedBy: slowdownsOf(reasons ?? []),
    facts: {
      uuid: wordOf(row, 'uuid'),
      driver: wordOf(row, 'driver_version'),
      mig: wordOf(row, 'mig.mode.current'),
      load_ratio: load === null ? null : load / PERCENT_PER_RATIO,
      memory_MiB: numberOrNull(row.get('memory.used')),
      temperature_C: numberOrNull(row.get('temperature.gpu')),
      clock_MHz: numberOrNull(row.get('clocks.sm')),
      throttle_reasons: reasons === null ? null : reasons.join('+') || 'none',
      limit_W,
    },
  };
}

function powerField(label: PowerLabel, row: Row, board: BoardFacts): PowerField {
  const { kind, averaging_s, update_s, partial } = sensorOf(label, board);
  const stated = statedNumber(row.get(label) ?? '');
  const seen = partial ? ', which sees part of the time' : '';
  const whole = wordOf(row, 'mig.mode.current') === 'Enabled' ? ', all MIG instances together' : '';
  return {
    label,
    power_W: 'value' in stated ? stated.value : null,
    word: 'missing' in stated ? stated.missing : null,
    kind,
    averaging_s,
    update_s,
    scope: `GPU board incl. memory, NVIDIA sensor (${label})${whole}${seen}`,
  };
}

function boardOf(row: Row): BoardFacts {
  return {
    computeCap: numberOrNull(row.get('compute_cap')) ?? computeCapOfName(row.get('name') ?? ''),
    driver: numberOrNull((row.get('driver_version') ?? '').split('.')[0]),
  };
}

/** Text of a cell, or null for what the tool writes where it has none. */
function wordOf(row: Row, field: string): string | null {
  const word = row.get(field) ?? '';
  return word === '' || /^(?:\[.*\]|N\/A|ERR!)$/.test(word) ? null : word;
}
