import type { DomainId, Sample } from '../../core/sample.ts';
import type { Watts } from '../../core/units.ts';
import { type PowerRow, PowerSummary } from '../power-summary.ts';

/** Power of one domain since the start, and its course lately. */
export interface WatchedDomain extends PowerRow {
  /** Of the newest reading. */
  readonly power_W: Watts;
  /** Of the newest readings, the oldest first. */
  readonly course_W: readonly Watts[];
}

/** More than the widest screen shows. */
const KEPT = 512;

/** What `lmpower watch` knows of the meters; its memory does not grow with time. */
export class WatchedPower {
  readonly summary = new PowerSummary();
  private readonly courses = new Map<DomainId, Watts[]>();
  private readonly ranks = new Map<DomainId, number>();

  /** Wider domains have the higher rank. */
  rank(domain: DomainId, rank: number): void {
    this.ranks.set(domain, rank);
  }

  add(sample: Sample): void {
    this.summary.add(sample);
    const course = this.courses.get(sample.domain) ?? [];
    course.push(sample.energy_J / (sample.end_s - sample.start_s));
    if (course.length > KEPT) course.shift();
    this.courses.set(sample.domain, course);
  }

  /** The widest first; of equal ones in order of appearance. */
  widestFirst(): WatchedDomain[] {
    const rankOf = ({ domain }: WatchedDomain): number => this.ranks.get(domain) ?? 0;
    return this.domains().sort((a, b) => rankOf(b) - rankOf(a));
  }

  domains(): WatchedDomain[] {
    return this.summary.rows().map((row) => {
      const course_W = this.courses.get(row.domain) ?? [];
      return { ...row, course_W, power_W: course_W.at(-1) ?? row.mean_W };
    });
  }
}
