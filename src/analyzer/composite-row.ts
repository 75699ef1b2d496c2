import { type CodeId, isVoid, sortCodes } from '../core/codes.ts';
import type { BaselineResult, EnergyRow, PartEnergy, PhaseEnergy, SharedPart } from '../core/result.ts';
import type { Phase, Trial } from '../core/run.ts';
import { baselinesAround } from './baseline.ts';
import type { Composite } from './composites.ts';
import type { RowContext, RunContext } from './context.ts';
import { lowerGrade } from './grade.ts';
import { ratio } from './latency.ts';
import { netCodes } from './net.ts';
import { sumOf } from './ratio-interval.ts';

/** Doubts about the size of one part's number: what is large beside one part may be small beside the sum. */
const OF_ONE_PART: ReadonlySet<CodeId> = new Set([
  'BOUND_LARGE',
  'NET_NEGATIVE',
  'BASELINE_NOISY',
  'BASELINE_DRIFT',
  'BASELINE_MISSING',
  'BASELINE_ONE_SIDED',
] as const);

/**
 * The sum of its parts' window energies, each from its own readings: nothing is resampled. Bounds are added, coverage,
 * grade and publications are those of the weakest part, and a part without a joule withholds the sum's.
 */
export function compositeRow(
  context: RowContext,
  composite: Composite,
  of: { readonly trial: Trial; readonly rows: readonly EnergyRow[] },
): EnergyRow | null {
  const parts = composite.parts.flatMap(({ id }) => of.rows.find((row) => row.domain === id) ?? []);
  const [first] = parts;
  if (first === undefined || parts.length < composite.parts.length) return null;
  const gross_J = total(parts, (row) => row.gross_J);
  const net_J = total(parts, (row) => row.net_J);
  const gross_JPerTok = total(parts, (row) => row.gross_JPerTok);
  const row: Omit<EnergyRow, 'codes'> = {
    domain: composite.domain.id,
    scope: composite.domain.scope,
    kind: composite.domain.kind,
    gross_J,
    net_J,
    prefill: summedPart(parts.map((one) => one.prefill)),
    decode: summedPart(parts.map((one) => one.decode)),
    remainder_J: total(parts, (one) => one.remainder_J),
    tail_J: total(parts, (one) => one.tail_J),
    proRated: {
      gross_J: total(parts, (one) => one.proRated.gross_J),
      net_J: total(parts, (one) => one.proRated.net_J),
    },
    method: parts.every(({ method }) => method === first.method) ? first.method : 'none',
    baseline: summedBaseline(parts.map((one) => one.baseline)),
    closure: null,
    gross_JPerTok,
    net_JPerTok: total(parts, (one) => one.net_JPerTok),
    tokPerS: first.tokPerS,
    tokPerSPerW: ratio(1, gross_JPerTok),
    uncertainty: {
      bound_J: total(parts, (one) => one.uncertainty.bound_J),
      ...(parts.some(({ uncertainty }) => uncertainty.limits_J !== undefined)
        ? { limits_J: total(parts, ({ uncertainty: { bound_J, limits_J = bound_J } }) => limits_J) }
        : {}),
      baseline_J: total(parts, (one) => one.uncertainty.baseline_J),
      systematicRatio: composite.domain.systematicRatio,
    },
    publications: Math.min(...parts.map((one) => one.publications)),
    coverage: Math.min(...parts.map((one) => one.coverage)),
    grade: parts.map((one) => one.grade).reduce(lowerGrade, first.grade),
  };
  return { ...row, codes: codesOf(context, { row, parts, trial: of.trial }) };
}

interface Summed {
  readonly row: Omit<EnergyRow, 'codes'>;
  readonly parts: readonly EnergyRow[];
  readonly trial: Trial;
}

function codesOf(context: RowContext, { row, parts, trial }: Summed): CodeId[] {
  const inherited = parts.flatMap(({ codes }) => codes).filter((code) => !OF_ONE_PART.has(code));
  return sortCodes([...inherited, ...(isVoid(inherited) ? [] : ownCodes(context, row, trial))]);
}

function ownCodes(context: RowContext, row: Omit<EnergyRow, 'codes'>, trial: Trial): CodeId[] {
  const completion = trial.completions.at(-1);
  const { gross_J, net_J, baseline, coverage, uncertainty } = row;
  if (completion === undefined || gross_J === null) return [];
  const request = { start_s: completion.requested_s, end_s: completion.ended_s };
  const covered_s = (request.end_s - request.start_s) * coverage;
  const around = baselinesAround(context.baselines, request, trial.phases);
  return netCodes({ gross_J, net_J, bound_J: uncertainty.bound_J ?? 0, covered_s, baseline }, around);
}

/** Null where one part has none. */
function total<T>(parts: readonly T[], of: (part: T) => number | null): number | null {
  const values = parts.flatMap((part) => of(part) ?? []);
  return values.length < parts.length ? null : sumOf(values);
}

/** Null where one part is not resolved. */
function summedPart(given: readonly (PartEnergy | null)[]): PartEnergy | null {
  const parts = given.filter((part) => part !== null);
  const [first] = parts;
  if (first === undefined || parts.length < given.length) return null;
  return {
    ...first,
    gross_J: sumOf(parts.map((part) => part.gross_J)),
    net_J: total(parts, (part) => part.net_J),
    bound_J: sumOf(parts.map((part) => part.bound_J)),
    gross_JPerTok: total(parts, (part) => part.gross_JPerTok),
    net_JPerTok: total(parts, (part) => part.net_JPerTok),
    publications: Math.min(...parts.map((part) => part.publications)),
    grade: parts.map((part) => part.grade).reduce(lowerGrade, first.grade),
  };
}

/** Half-widths are added: the parts idle, and stir, together. */
function summedBaseline(given: readonly (BaselineResult | null)[]): BaselineResult | null {
  const parts = given.filter((part) => part !== null);
  const [first] = parts;
  if (first === undefined || parts.length < given.length) return null;
  return {
    ...first,
    power_W: sumOf(parts.map((part) => part.power_W)),
    halfWidth_W: sumOf(parts.map((part) => part.halfWidth_W)),
    before_W: total(parts, (part) => part.before_W),
    after_W: total(parts, (part) => part.after_W),
    ...(first.shared === undefined ? {} : { shared: first.shared.map((one) => summedShare(one, parts)) }),
  };
}

function summedShare(one: SharedPart, parts: readonly BaselineResult[]): SharedPart {
  const same = parts.flatMap((part) => part.shared ?? []).filter(({ start_s }) => start_s === one.start_s);
  return {
    ...one,
    halfWidth_W: sumOf(same.map(({ halfWidth_W }) => halfWidth_W)),
    df: Math.min(...same.map(({ df }) => df)),
  };
}

/** The parts are not read at the same instants, so of least and greatest power the sum knows nothing. */
export function compositeOfPhase(composite: Composite, energies: readonly PhaseEnergy[]): PhaseEnergy | null {
  const parts = composite.parts.flatMap(({ id }) => energies.find((one) => one.domain === id) ?? []);
  if (parts.length < composite.parts.length) return null;
  return {
    domain: composite.domain.id,
    gross_J: total(parts, (part) => part.gross_J),
    meanPower_W: total(parts, (part) => part.meanPower_W),
    minPower_W: null,
    maxPower_W: null,
    publications: Math.min(...parts.map((part) => part.publications)),
    coverage: Math.min(...parts.map((part) => part.coverage)),
  };
}

/** Energies of a phase with those of the composites, and the part that each narrower whole has of the headline's. */
export function withComposites<T extends Phase & { readonly energy: readonly PhaseEnergy[] }>(
  context: RunContext,
  phase: T,
): T {
  const sums = context.composites.flatMap((composite) => compositeOfPhase(composite, phase.energy) ?? []);
  const energy = [...phase.energy, ...sums];
  const widest = context.headline?.domain;
  const widest_J = energy.find((one) => one.domain === widest?.id)?.gross_J ?? null;
  const wholes = new Map(
    [...context.timelines, ...context.composites].map(({ domain }) => [domain.id, domain.rank]),
  );
  const hasClosure = (id: string): boolean =>
    (wholes.get(id) ?? 0) >= 1 && (wholes.get(id) ?? 0) < (widest?.rank ?? 0);
  return {
    ...phase,
    energy: energy.map((one) =>
      hasClosure(one.domain) ? { ...one, closure: ratio(one.gross_J, widest_J) } : one,
    ),
  };
}
