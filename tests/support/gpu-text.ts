/** Lines as nvidia-smi prints them, for what the fixtures do not hold. */
export interface NvidiaRow {
  readonly second?: number;
  readonly count?: number;
  readonly index?: number;
  readonly name?: string;
  readonly power?: string;
  readonly limit?: string;
  readonly load?: string;
  readonly reasons?: string;
}

export const NVIDIA_HEADER =
  'timestamp, count, index, name, power.draw.instant [W], power.limit [W], utilization.gpu [%], clocks_event_reasons.active\n';

export function nvidiaRow(row: NvidiaRow = {}): string {
  const { second = 0, count = 1, index = 0, name = 'NVIDIA Board', power = '100.00', limit = '300.00' } = row;
  const { load = '50', reasons = '0x0000000000000000' } = row;
  const minutes = String(Math.floor(second / 60)).padStart(2, '0');
  const stamp = `2026/11/22 10:${minutes}:${(second % 60).toFixed(3).padStart(6, '0')}`;
  return `${[stamp, count, index, name, power, limit, load, reasons].join(', ')}\n`;
}

/** A table of one board, its rows `every_s` apart. */
export function nvidiaTable(rows: readonly NvidiaRow[], every_s = 1): string {
  return NVIDIA_HEADER + rows.map((row, i) => nvidiaRow({ second: i * every_s, ...row })).join('');
}
