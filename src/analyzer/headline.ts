import { type CodeId, severityOf, sortCodes } from '../core/codes.ts';
import type { EnergyRow, PassedOver } from '../core/result.ts';
import type { Domain, DomainId } from '../core/sample.ts';

/** Whatever energy is stated for: a domain that was read, or a sum of such. */
export interface Measured {
  readonly domain: Domain;
}

/** Rank from which on a domain is the whole machine: `system`, `wall`. */
export const WHOLE_MACHINE_RANK = 3;

/** What one domain answered for one window: a request, or a phase of a run without requests. */
export type Answer = Pick<EnergyRow, 'domain' | 'gross_J'> & Partial<Pick<EnergyRow, 'net_J' | 'codes'>>;

export interface Headline {
  /** Null without power. */
  readonly headline: Measured | null;
  /** Wider ones that were measured, but answered too seldom; widest first. */
  readonly passedOver: readonly PassedOver[];
}

/** A domain that answers at least this part of the windows that the best one answers is usable. A declared choice. */
const USABLE_RATIO = 0.5;

/**
 * The widest usable domain: the number that is quoted, one for the whole run so that its rows can be compared. Of
 * several equally wide ones the first; where nothing is usable the widest.
 */
export function headlineOf(measured: readonly Measured[], windows: readonly (readonly Answer[])[]): Headline {
  const widestFirst = measured.toSorted((a, b) => b.domain.rank - a.domain.rank);
  const answered = answersByDomain(windows);
  const answeredBy = ({ domain }: Measured): number => answered.get(domain.id) ?? 0;
  const best = Math.max(0, ...measured.map(answeredBy));
  const headline = widestFirst.find((one) => answeredBy(one) >= USABLE_RATIO * best) ?? null;
  const passedOver = widestFirst
    .filter((one) => headline !== null && one.domain.rank > headline.domain.rank)
    .map((one) => ({
      domain: one.domain.id,
      n: answeredBy(one),
      count: windows.length,
      codes: reasons(windows, one.domain.id),
    }));
  return { headline, passedOver };
}

/** By domain, in how many windows it has a joule, and a net one where any domain has one. */
function answersByDomain(windows: readonly (readonly Answer[])[]): Map<DomainId, number> {
  const counts = new Map<DomainId, number>();
  for (const answers of windows) {
    const hasNet = answers.some(isNet);
    for (const answer of answers) {
      if (answer.gross_J === null || (hasNet && !isNet(answer))) continue;
      counts.set(answer.domain, (counts.get(answer.domain) ?? 0) + 1);
    }
  }
  return counts;
}

function isNet({ net_J }: Answer): boolean {
  return net_J !== null && net_J !== undefined;
}

/** What kept its joules back. */
function reasons(windows: readonly (readonly Answer[])[], domain: DomainId): CodeId[] {
  const codes = windows.flat().flatMap((answer) => (answer.domain === domain ? (answer.codes ?? []) : []));
  return sortCodes(codes.filter((code) => severityOf(code) === 'void' || code === 'BASELINE_MISSING'));
}
