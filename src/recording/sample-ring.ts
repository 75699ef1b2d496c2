import { type DomainId, SAMPLE_KINDS, type Sample } from '../core/sample.ts';
import type { Seconds, Watts } from '../core/units.ts';

/** What the ring had to overwrite before it was drained; the lost span is [first_s, last_s). */
export interface DroppedSamples {
  readonly domain: DomainId;
  readonly count: number;
  readonly first_s: Seconds;
  readonly last_s: Seconds;
}

export interface DrainedSamples {
  /** In the order of `push`. */
  readonly samples: readonly Sample[];
  readonly dropped: readonly DroppedSamples[];
}

/** Mean over the part of a window that samples cover; `covered_s` > 0. */
export interface CoveredPower {
  readonly power_W: Watts;
  readonly covered_s: Seconds;
}

/** NaN stands for 'not given' in the power columns: no sampler gives a NaN power. */
const ABSENT = Number.NaN;

/**
 * Samples on their way from the meters to the store: typed columns of a fixed capacity, so that a long phase costs
 * no memory. Full, it drops the oldest and counts them. Drained samples stay readable until they are overwritten.
 *
 *     oldest readable          drained up to            newest
 *          │ ···· drained ····· │ ······ pending ······ │
 */
export class SampleRing {
  readonly capacity: number;
  private readonly domainIndex: Uint16Array;
  private readonly kindIndex: Uint8Array;
  private readonly start_s: Float64Array;
  private readonly end_s: Float64Array;
  private readonly energy_J: Float64Array;
  private readonly startPower_W: Float64Array;
  private readonly endPower_W: Float64Array;
  private readonly domains: DomainId[] = [];
  private readonly indexOfDomain = new Map<DomainId, number>();
  /** Ordinal of the newest sample of each domain. */
  private readonly newest: number[] = [];
  private dropped = new Map<DomainId, DroppedSamples>();
  /** Ordinals count pushes since the beginning; a slot is an ordinal modulo capacity. */
  private pushed = 0;
  private drained = 0;

  constructor(capacity: number) {
    this.capacity = Math.max(1, Math.floor(capacity));
    this.domainIndex = new Uint16Array(this.capacity);
    this.kindIndex = new Uint8Array(this.capacity);
    this.start_s = new Float64Array(this.capacity);
    this.end_s = new Float64Array(this.capacity);
    this.energy_J = new Float64Array(this.capacity);
    this.startPower_W = new Float64Array(this.capacity);
    this.endPower_W = new Float64Array(this.capacity);
  }

  /** Samples not yet drained. */
  get pending(): number {
    return this.pushed - this.drained;
  }

  push(sample: Sample): void {
    if (this.pending === this.capacity) this.dropOldest();
    const slot = this.pushed % this.capacity;
    const domain = this.indexOf(sample.domain);
    this.domainIndex[slot] = domain;
    this.kindIndex[slot] = SAMPLE_KINDS.indexOf(sample.kind);
    this.start_s[slot] = sample.start_s;
    this.end_s[slot] = sample.end_s;
    this.energy_J[slot] = sample.energy_J;
    this.startPower_W[slot] = sample.startPower_W ?? ABSENT;
    this.endPower_W[slot] = sample.endPower_W ?? ABSENT;
    this.newest[domain] = this.pushed;
    this.pushed += 1;
  }

  /** Everything pushed since the last call that was not dropped, and what was. */
  drain(): DrainedSamples {
    const samples: Sample[] = [];
    for (; this.drained < this.pushed; this.drained++) samples.push(this.at(this.drained));
    const dropped = [...this.dropped.values()];
    this.dropped = new Map();
    return { samples, dropped };
  }

  /** The last sample of each domain that is still in the ring, drained or not. */
  latest(): readonly Sample[] {
    return this.newest.filter((ordinal) => ordinal >= this.oldestReadable()).map((o) => this.at(o));
  }

  /** The last sample of one domain; null where none is in the ring. */
  latestOf(domain: DomainId): Sample | null {
    const ordinal = this.newest[this.indexOfDomain.get(domain) ?? -1];
    return ordinal === undefined || ordinal < this.oldestReadable() ? null : this.at(ordinal);
  }

  /**
   * Mean power of a domain over [from_s, to_s), samples at the edges shared by overlap, without draining. Null where
   * no sample overlaps. Relies on a domain's samples being pushed in order of time.
   */
  meanPower_W(domain: DomainId, from_s: Seconds, to_s: Seconds): CoveredPower | null {
    const wanted = this.indexOfDomain.get(domain);
    if (wanted === undefined) return null;
    let energy_J = 0;
    let covered_s = 0;
    for (let ordinal = this.pushed - 1; ordinal >= this.oldestReadable(); ordinal--) {
      const slot = ordinal % this.capacity;
      if (this.domainIndex[slot] !== wanted) continue;
      const start_s = this.start_s[slot] ?? 0;
      const end_s = this.end_s[slot] ?? 0;
      if (end_s <= from_s) break;
      const overlap_s = Math.min(end_s, to_s) - Math.max(start_s, from_s);
      if (overlap_s <= 0) continue;
      energy_J += ((this.energy_J[slot] ?? 0) * overlap_s) / (end_s - start_s);
      covered_s += overlap_s;
    }
    return covered_s > 0 ? { power_W: energy_J / covered_s, covered_s } : null;
  }

  private oldestReadable(): number {
    return Math.max(0, this.pushed - this.capacity);
  }

  private dropOldest(): void {
    const { domain, start_s, end_s } = this.at(this.drained);
    const before = this.dropped.get(domain);
    this.dropped.set(domain, {
      domain,
      count: (before?.count ?? 0) + 1,
      first_s: before?.first_s ?? start_s,
      last_s: end_s,
    });
    this.drained += 1;
  }

  private indexOf(domain: DomainId): number {
    const known = this.indexOfDomain.get(domain);
    if (known !== undefined) return known;
    this.indexOfDomain.set(domain, this.domains.length);
    return this.domains.push(domain) - 1;
  }

  private at(ordinal: number): Sample {
    const slot = ordinal % this.capacity;
    const startPower_W = this.startPower_W[slot] ?? ABSENT;
    const endPower_W = this.endPower_W[slot] ?? ABSENT;
    return {
      domain: this.domains[this.domainIndex[slot] ?? 0] ?? '',
      start_s: this.start_s[slot] ?? 0,
      end_s: this.end_s[slot] ?? 0,
      energy_J: this.energy_J[slot] ?? 0,
      kind: SAMPLE_KINDS[this.kindIndex[slot] ?? 0] ?? 'mean',
      ...(Number.isNaN(startPower_W) ? {} : { startPower_W }),
      ...(Number.isNaN(endPower_W) ? {} : { endPower_W }),
    };
  }
}
