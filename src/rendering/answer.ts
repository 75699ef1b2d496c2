import { type Configuration, machineOf, standing } from '../../reports/configuration.ts';
import { CODES, severityOf } from '../core/codes.ts';
import { significant } from '../core/number-text.ts';
import type { Estimate, RunDocument } from '../core/result.ts';
import { PERCENT_PER_RATIO } from '../core/units.ts';
import { areComparable } from './ranking.ts';

/** What costs least, by how much, how sure: the head of every rendering. */
export interface Answer {
  readonly sentence: string;
  /** One sentence a line: how sure, over what scope, what was not compared. */
  readonly sureness: readonly string[];
  readonly best: Configuration | null;
}

export function answerOf(documents: readonly RunDocument[]): Answer {
  const ranked = standing(documents);
  const best = ranked[0];
  if (best === undefined || best.summary.gross_JPerTok.value === null) return noFigure(best, ranked);
  const { net_JPerTok, gross_JPerTok } = best.summary;
  if (net_JPerTok.value === null) {
    return {
      sentence: `${best.label} uses ${significant(gross_JPerTok.value)} J per output token, idle power included.`,
      sureness: ['Idle power is not known, so net energy is not given.', scopeText(best)],
      best,
    };
  }
  const rivals = ranked.slice(1).filter((other) => areComparable(best, other));
  const second = rivals.find((other) => other.summary.net_JPerTok.value !== null);
  const figure = `${significant(net_JPerTok.value)} J per output token, net of idle`;
  if (second === undefined) {
    const sentence = `${best.label} uses ${figure}.`;
    return { sentence, sureness: [sureAlone(best), scopeText(best), ...apart(ranked, rivals)], best };
  }
  const sentence = `${best.label} costs least: ${figure}${lessText(best, second)}.`;
  const sureness = [
    sureOf(best, second),
    ...machinesText(best, second),
    scopeText(best),
    ...apart(ranked, rivals),
  ];
  return { sentence, sureness, best };
}

function noFigure(best: Configuration | undefined, ranked: readonly Configuration[]): Answer {
  if (best === undefined) {
    return {
      sentence: 'No energy was measured: no power source could be read.',
      sureness: ['Speed only; lmpower doctor says what is missing.'],
      best: null,
    };
  }
  const reasons = [...new Set(ranked.flatMap(({ summary }) => summary.codes))]
    .filter((code) => severityOf(code) === 'void')
    .map((code) => `${code}: ${CODES[code].message}.`);
  return { sentence: 'No joule can be given for any configuration.', sureness: reasons, best };
}

function lessText(best: Configuration, second: Configuration): string {
  const least = best.summary.net_JPerTok.value ?? 0;
  const next = second.summary.net_JPerTok.value ?? 0;
  if (!(least > 0 && next > 0)) return '';
  const less = (1 - least / next) * PERCENT_PER_RATIO;
  return less < 0.5 ? `, level with ${second.label}` : `, ${less.toFixed(0)} % less than ${second.label}`;
}

function sureAlone({ summary }: Configuration): string {
  const { ci95 } = summary.net_JPerTok;
  return ci95 === null
    ? `${trialsText(summary.n)}: too few repetitions for an interval.`
    : `95 % interval ${significant(ci95[0])} to ${significant(ci95[1])} J over ${trialsText(summary.n)}.`;
}

/** Intervals that do not touch tell two means apart; touching ones leave the order open. */
function sureOf(best: Configuration, second: Configuration): string {
  const a = best.summary.net_JPerTok;
  const b = second.summary.net_JPerTok;
  if (a.ci95 === null || b.ci95 === null)
    return 'Too few repetitions for intervals: the order may be chance.';
  const words = `95 % intervals ${intervalText(a)} and ${intervalText(b)} J`;
  return a.ci95[1] < b.ci95[0]
    ? `${words} do not overlap: the order is sure as far as repetition can tell.`
    : `${words} overlap: the order is not certain; lmpower compare tests it.`;
}

/** Between machines the sensor's own error does not cancel. Source: METHOD §5, §6. */
function machinesText(best: Configuration, second: Configuration): string[] {
  const [a, b] = [best, second].map(({ document }) => machineOf(document.environment));
  return a === b
    ? []
    : [
        `They are of two machines, ${a} and ${b}: what a vendor estimates is not for comparison between devices.`,
      ];
}

function intervalText({ ci95 }: Estimate): string {
  return ci95 === null ? '–' : `${significant(ci95[0])}–${significant(ci95[1])}`;
}

function scopeText({ summary }: Configuration): string {
  return `Energy of ${summary.domain} (${summary.scope}), grade ${summary.grade}.`;
}

function trialsText(n: number): string {
  return n === 1 ? '1 trial' : `${n} trials`;
}

function apart(ranked: readonly Configuration[], rivals: readonly Configuration[]): string[] {
  const others = ranked.length - 1 - rivals.length;
  return others === 0
    ? []
    : [
        `${others} more stand in the ranking under another workload, domain, scope or idle state: these figures are not to be compared.`,
      ];
}
