import { significant } from '../core/number-text.ts';
import type { DomainId, Sample } from '../core/sample.ts';
import type { Joules, Seconds, Watts } from '../core/units.ts';
import { textTable } from './text-table.ts';

/** Power of one domain over everything that was sampled. `mean_W` is energy over covered time, not a mean of readings. */
export interface PowerRow {
  readonly domain: DomainId;
  readonly samples: number;
  readonly min_W: Watts;
  readonly mean_W: Watts;
  readonly max_W: Watts;
  readonly energy_J: Joules;
  readonly covered_s: Seconds;
}

/** Running least, mean and greatest power per domain. */
export class PowerSummary {
  private readonly byDomain = new Map<DomainId, PowerRow>();

  add({ domain, start_s, end_s, energy_J: sample_J }: Sample): void {
    const width_s = end_s - start_s;
    const power_W = sample_J / width_s;
    const before = this.byDomain.get(domain) ?? {
      domain,
      samples: 0,
      min_W: power_W,
      mean_W: 0,
      max_W: power_W,
      energy_J: 0,
      covered_s: 0,
    };
    const energy_J = before.energy_J + sample_J;
    const covered_s = before.covered_s + width_s;
    this.byDomain.set(domain, {
      domain,
      samples: before.samples + 1,
      min_W: Math.min(before.min_W, power_W),
      mean_W: energy_J / covered_s,
      max_W: Math.max(before.max_W, power_W),
      energy_J,
      covered_s,
    });
  }

  isEmpty(): boolean {
    return this.byDomain.size === 0;
  }

  rows(): PowerRow[] {
    return [...this.byDomain.values()];
  }
}

export function summaryLines(rows: readonly PowerRow[], width: number): string[] {
  if (rows.length === 0) return ['No reading.'];
  return textTable(
    rows,
    [
      { heading: 'domain', align: 'left', expendable: 0, cell: (row) => row.domain },
      { heading: 'samples', align: 'right', expendable: 2, cell: (row) => String(row.samples) },
      { heading: 'min W', align: 'right', expendable: 0, cell: (row) => significant(row.min_W) },
      { heading: 'mean W', align: 'right', expendable: 0, cell: (row) => significant(row.mean_W) },
      { heading: 'max W', align: 'right', expendable: 0, cell: (row) => significant(row.max_W) },
      { heading: 'energy J', align: 'right', expendable: 0, cell: (row) => significant(row.energy_J, 4) },
      { heading: 'over s', align: 'right', expendable: 1, cell: (row) => significant(row.covered_s, 4) },
    ],
    width,
  );
}
