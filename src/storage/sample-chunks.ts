import type { DomainId, Sample, SampleKind, SampleSeries } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { bytesOf, copyColumn, FLOAT_B } from './float-columns.ts';

/** One row of `chunk`: the samples of one domain in one flush. */
export interface SampleChunk {
  readonly domain: DomainId;
  readonly kind: SampleKind;
  readonly count: number;
  readonly hasPower: 0 | 1;
  readonly first_s: Seconds;
  readonly last_s: Seconds;
  readonly columns: Buffer;
}

/** Size of a series over all its chunks. */
export interface SeriesExtent {
  readonly domain: DomainId;
  readonly kind: SampleKind;
  readonly count: number;
  readonly hasPower: 0 | 1;
}

const COLUMNS = 3;
const COLUMNS_WITH_POWER = 5;

/** Samples by domain and kind, in order of first appearance; each chunk keeps the order of its samples. */
export function chunksOf(samples: readonly Sample[]): SampleChunk[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = `${sample.kind}\0${sample.domain}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sample]);
    else group.push(sample);
  }
  return [...groups.values()].map(chunkOf);
}

function chunkOf(samples: readonly Sample[]): SampleChunk {
  const hasPower = samples.some((s) => s.startPower_W !== undefined || s.endPower_W !== undefined);
  const column = (value: (sample: Sample) => number): Float64Array => Float64Array.from(samples, value);
  const columns = [column((s) => s.start_s), column((s) => s.end_s), column((s) => s.energy_J)];
  if (hasPower) {
    columns.push(
      column((s) => s.startPower_W ?? Number.NaN),
      column((s) => s.endPower_W ?? Number.NaN),
    );
  }
  const first = samples[0];
  return {
    domain: first?.domain ?? '',
    kind: first?.kind ?? 'mean',
    count: samples.length,
    hasPower: hasPower ? 1 : 0,
    first_s: first?.start_s ?? 0,
    last_s: samples.at(-1)?.end_s ?? 0,
    columns: bytesOf(columns),
  };
}

/** True when the blob holds as many columns of as many numbers as the row says. */
export function isWhole({ count, hasPower, columns }: SampleChunk): boolean {
  return columns.byteLength === count * FLOAT_B * (hasPower ? COLUMNS_WITH_POWER : COLUMNS);
}

/** Puts the chunks of one series together. Power columns are NaN where a sample had none, empty where none had. */
export class SeriesBuilder {
  private readonly series: SampleSeries;
  private filled = 0;

  constructor({ domain, kind, count, hasPower }: SeriesExtent) {
    const column = (): Float64Array => new Float64Array(count);
    const power = (): Float64Array => new Float64Array(hasPower ? count : 0).fill(Number.NaN);
    this.series = {
      domain,
      kind,
      start_s: column(),
      end_s: column(),
      energy_J: column(),
      startPower_W: power(),
      endPower_W: power(),
    };
  }

  add({ count, hasPower, columns }: SampleChunk): void {
    const { start_s, end_s, energy_J, startPower_W, endPower_W } = this.series;
    const targets = hasPower
      ? [start_s, end_s, energy_J, startPower_W, endPower_W]
      : [start_s, end_s, energy_J];
    targets.forEach((target, index) => {
      copyColumn(columns, { index, count }, { target, at: this.filled });
    });
    this.filled += count;
  }

  /** Sorted by `end_s`; samples that end together keep the order in which they were appended. */
  sorted(): SampleSeries {
    const { end_s } = this.series;
    if (isAscending(end_s)) return this.series;
    const order = Array.from(end_s, (_, index) => index).sort((a, b) => (end_s[a] ?? 0) - (end_s[b] ?? 0));
    const inOrder = (column: Float64Array): Float64Array =>
      column.length === 0 ? column : Float64Array.from(order, (index) => column[index] ?? 0);
    return {
      domain: this.series.domain,
      kind: this.series.kind,
      start_s: inOrder(this.series.start_s),
      end_s: inOrder(end_s),
      energy_J: inOrder(this.series.energy_J),
      startPower_W: inOrder(this.series.startPower_W),
      endPower_W: inOrder(this.series.endPower_W),
    };
  }
}

function isAscending(column: Float64Array): boolean {
  for (let index = 1; index < column.length; index++) {
    if ((column[index] ?? 0) < (column[index - 1] ?? 0)) return false;
  }
  return true;
}
