import type { CodeId } from '../core/codes.ts';
import type { DomainId } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { gradeOf } from './grade.ts';
import { COVERAGE_LEAST, hasImplausible, touching } from './phases.ts';
import { at, countUpTo } from './search.ts';
import { coveredUpTo_s, hasAnyOf, publicationsIn, type Timeline } from './timeline.ts';
import type { WindowEnergy } from './window-energy.ts';

interface Span {
  readonly start_s: Seconds;
  readonly end_s: Seconds;
}

/** More repeated readings than this part of all: the meter is slower than it is asked. */
const REPEATED_RATIO = 0.3;
/** A processor that works reads zero no longer than this. Source: reference, powermetrics of macOS 27 betas. */
const ZERO_MOST_S = 2;

/** What the readings of one window say about themselves. `siblings`: all timelines of the run. */
export function powerCodes(
  timeline: Timeline,
  siblings: readonly Timeline[],
  judged: Span & { readonly energy: WindowEnergy },
): CodeId[] {
  const { energy } = judged;
  const codes: CodeId[] = [];
  if (!energy.bracketed) codes.push('NOT_BRACKETED');
  if (energy.coverage < 1) codes.push('GAP');
  if (energy.coverage < COVERAGE_LEAST && timeline.domain.kind !== 'counter') codes.push('COVERAGE_LOW');
  if (energy.coverage < 1 && isRailMissing(timeline, siblings, judged)) codes.push('RAIL_MISSING');
  if (gradeOf(energy.publications) === 'D') codes.push('FEW_SAMPLES');
  if (hasImplausible(timeline, judged))
    codes.push(isUnitSuspect(timeline, judged) ? 'UNIT_SUSPECT' : 'IMPLAUSIBLE_POWER');
  if (timeline.alignmentPoor) codes.push('ALIGNMENT_POOR');
  if (timeline.mismatches.some((one) => one.end_s > judged.start_s && one.start_s < judged.end_s)) {
    codes.push('DURATION_MISMATCH');
  }
  if (isRepeated(timeline, judged) && !isConstantRail(timeline, siblings, judged)) {
    codes.push(isGauge(timeline) ? 'STALE_READING' : 'BATCHED_COUNTER');
  }
  if (isZeroUnderLoad(timeline, siblings, judged)) codes.push('ZERO_UNDER_LOAD');
  return codes;
}

/** Another domain of the same source was read where this one was not. */
function isRailMissing(timeline: Timeline, siblings: readonly Timeline[], span: Span): boolean {
  const covered_s = (one: Timeline): Seconds =>
    coveredUpTo_s(one, span.end_s) - coveredUpTo_s(one, span.start_s);
  const own_s = covered_s(timeline);
  const width_s = (span.end_s - span.start_s) / 1000;
  return siblings.some(
    (one) => one.domain.source === timeline.domain.source && covered_s(one) > own_s + width_s,
  );
}

function isUnitSuspect(timeline: Timeline, span: Span): boolean {
  const { from, to } = touching(timeline, span);
  return hasAnyOf(timeline.unitSuspect, from, to);
}

function isRepeated(timeline: Timeline, span: Span): boolean {
  const readings =
    countUpTo(timeline.readingEnd_s, span.end_s) - countUpTo(timeline.readingEnd_s, span.start_s);
  const publications = publicationsIn(timeline, span.start_s, span.end_s);
  return readings - publications > REPEATED_RATIO * readings;
}

/**
 * One rail of several that one chip reads together: where another of them changes from reading to reading, the meter is
 * as quick as it is asked, and this rail holds its power.
 */
function isConstantRail(timeline: Timeline, siblings: readonly Timeline[], span: Span): boolean {
  const { rank, source } = timeline.domain;
  return (
    rank === 0 &&
    isGauge(timeline) &&
    siblings.some((one) => one.domain.source === source && isFresh(one, span))
  );
}

function isFresh(timeline: Timeline, span: Span): boolean {
  return publicationsIn(timeline, span.start_s, span.end_s) > 0 && !isRepeated(timeline, span);
}

function isGauge({ domain }: Timeline): boolean {
  return domain.kind === 'gauge' || domain.kind === 'averaged';
}

/** The processor, or a sum that holds one, stayed at zero while the machine answered. */
function isZeroUnderLoad(timeline: Timeline, siblings: readonly Timeline[], span: Span): boolean {
  const { domain } = timeline;
  const cores = siblings.filter((one) => isProcessor(one.domain.id) && one.domain.parent === domain.id);
  const suspects = domain.rank > 0 || isProcessor(domain.id) ? [timeline, ...cores] : [];
  return suspects.some(
    (one) => longestZero_s(one, span) > Math.min(ZERO_MOST_S, span.end_s - span.start_s - 1e-9),
  );
}

function isProcessor(id: DomainId): boolean {
  return id === 'cpu' || id.startsWith('cpu@') || id.startsWith('cpu:') || id.startsWith('package');
}

/** Longest unbroken time inside the span whose samples hold no energy. */
function longestZero_s(timeline: Timeline, span: Span): Seconds {
  const { from, to } = touching(timeline, span);
  let longest_s = 0;
  let since_s = Number.NaN;
  for (let k = from; k < to; k++) {
    if (at(timeline.energy_J, k) > 0) {
      since_s = Number.NaN;
      continue;
    }
    if (Number.isNaN(since_s)) since_s = Math.max(span.start_s, at(timeline.start_s, k));
    longest_s = Math.max(longest_s, Math.min(span.end_s, at(timeline.end_s, k)) - since_s);
  }
  return longest_s;
}
