import { sampleStandardDeviation } from 'simple-statistics';
import { type CodeId, severityOf, sortCodes } from '../core/codes.ts';
import { grouped } from '../core/grouped.ts';
import type { EnergyRow, Estimate, Grade, Summary, TrialResult } from '../core/result.ts';
import type { Plan } from '../core/run.ts';
import type { DomainId } from '../core/sample.ts';
import { bootstrapInterval } from './bootstrap.ts';
import { lowerGrade } from './grade.ts';
import { NO_ERROR } from './half-width.ts';
import { partsOfGroup } from './parts-summary.ts';
import { type Interval, type RatioItem, ratioInterval, ratioOf, sumOf } from './ratio-interval.ts';
import { referenceCodes } from './reference-values.ts';
import { sharedError } from './shared-baseline.ts';
import { tokenCounts } from './token-counts.ts';
import { areCorrelated } from './trial-correlation.ts';

/** One trial's row with what the ratios need. */
interface Entry {
  readonly trial: TrialResult;
  readonly row: EnergyRow;
  readonly output_tok: number;
  readonly duration_s: number;
}

/** What of the run itself its summaries depend on. */
export interface RunFacts {
  readonly headline: DomainId | null;
  readonly plan: Pick<Plan, 'until' | 'workload'>;
}

/** One summary per model × workload × category (and 'all') × domain, in order of appearance. Source: METHOD §1, §5. */
export function summaries(trials: readonly TrialResult[], run: RunFacts): Summary[] {
  const groups = grouped(trials, ({ model, workload }) => JSON.stringify([model, workload]));
  return [...groups.values()].flatMap((group) => {
    const categories = [...new Set(group.map((trial) => trial.category))];
    const parts = categories.map((category) => ({
      category,
      members: group.filter((trial) => trial.category === category),
    }));
    return [...parts, { category: 'all', members: group }].flatMap(({ category, members }) =>
      domainsOf(members).map((domain) => summaryOf({ category, members, domain, run })),
    );
  });
}

interface Group {
  readonly category: string;
  readonly members: readonly TrialResult[];
  readonly domain: DomainId;
  readonly run: RunFacts;
}

function summaryOf(group: Group): Summary {
  const { category, members, domain, run } = group;
  const entries = entriesOf(members, domain);
  const usable = entries.filter((entry) => entry.row.gross_J !== null);
  const gross = itemsOf(usable, (entry) => entry.row.gross_J);
  const net = itemsOf(usable, (entry) => entry.row.net_J);
  const speed = entries.map(({ trial, output_tok, duration_s }) => ({
    over: output_tok,
    under: duration_s,
    stratum: trial.promptId,
  }));
  const grossEstimate = estimateOf(gross);
  const shared = sharedError(usable);
  const isHeadline = domain === run.headline;
  const netEstimate = withBootstrap(
    estimateOf(net, shared),
    isHeadline ? bootstrapInterval(net, shared.halfWidth) : null,
  );
  const { isCollinear, parts } = partsOfGroup(members, domain, category === 'all');
  const ci95 = netEstimate.ci95 ?? grossEstimate.ci95;
  return {
    model: members[0]?.model ?? '',
    workload: members[0]?.workload ?? '',
    category,
    domain,
    scope: rowsOf(members, domain)[0]?.scope ?? '',
    headline: isHeadline,
    n: usable.length,
    output_tok: sumOf(usable.map((entry) => entry.output_tok)),
    net_JPerTok: netEstimate,
    gross_JPerTok: grossEstimate,
    tokPerS: estimateOf(speed),
    tokPerSPerW: inverted(grossEstimate, gross),
    bound_J: usable.length === 0 ? null : sumOf(usable.map((entry) => entry.row.uncertainty.bound_J ?? 0)),
    ...(parts === undefined ? {} : { parts }),
    grade: usable.map((entry) => entry.row.grade).reduce(lowerGrade, usable[0]?.row.grade ?? LOWEST),
    codes: sortCodes([
      ...codesOf(rowsOf(members, domain), ci95, net),
      ...(isCollinear && run.plan.workload.identity !== 'text' ? (['LENGTHS_COLLINEAR'] as const) : []),
      ...(isHeadline && isGenerated(group)
        ? referenceCodes(members[0]?.model ?? '', grossEstimate.value)
        : []),
      ...(isHeadline && isTooWide(group, netEstimate, ci95) ? (['CI_NOT_REACHED'] as const) : []),
    ]),
  };
}

const LOWEST: Grade = 'D';

function withBootstrap(estimate: Estimate, interval: Interval | null): Estimate {
  return interval === null ? estimate : { ...estimate, bootstrap95: interval };
}

/** Published energies are of answers that take most of the work: not of blocks, nor of long prompts with short answers. */
function isGenerated({ members }: Group): boolean {
  let input_tok = 0;
  let output_tok = 0;
  for (const { completion, requests } of members) {
    if (requests !== undefined) return false;
    input_tok += completion?.input_tok ?? 0;
    output_tok += completion?.output_tok ?? 0;
  }
  return input_tok <= PROMPT_MOST * output_tok;
}

/** Prompt tokens per output token up to which the answer is taken for most of the work. A heuristic. */
const PROMPT_MOST = 4;

/** Of a whole workload that was to be repeated until its interval is narrow. */
function isTooWide({ category, run }: Group, { value }: Estimate, ci95: Interval | null): boolean {
  const { until } = run.plan;
  if (until === undefined || category !== 'all') return false;
  return ci95 === null || value === null || ci95[1] - ci95[0] > 2 * until.ciRatio * Math.abs(value);
}

/** Void codes of single trials stay with the trials unless no trial was usable: the sum does not hold them. */
function codesOf(
  rows: readonly EnergyRow[],
  interval: Interval | null,
  items: readonly RatioItem[],
): CodeId[] {
  const someUsable = rows.some((row) => row.gross_J !== null);
  const inherited = rows
    .flatMap((row) => row.codes)
    .filter((code) => !someUsable || severityOf(code) !== 'void');
  return sortCodes([
    ...inherited,
    ...(interval === null ? (['FEW_TRIALS'] as const) : []),
    ...(areCorrelated(items) ? (['TRIALS_CORRELATED'] as const) : []),
  ]);
}

/** A block answers with one token a request: beside answers of some length it is no part of J/token. */
function entriesOf(members: readonly TrialResult[], domain: DomainId): Entry[] {
  const answers = members.filter((trial) => trial.requests === undefined);
  return (answers.length > 0 ? answers : members).flatMap((trial) => entryOf(trial, domain) ?? []);
}

function entryOf(trial: TrialResult, domain: DomainId): Entry | null {
  const row = trial.energy.find((one) => one.domain === domain);
  const { completion } = trial;
  if (row === undefined || completion === null || completion.error !== null) return null;
  const { output_tok } = tokenCounts(completion);
  return output_tok === null || output_tok === 0
    ? null
    : { trial, row, output_tok, duration_s: completion.latency.duration_s };
}

function itemsOf(entries: readonly Entry[], energyOf: (entry: Entry) => number | null): RatioItem[] {
  return entries.flatMap((entry) => {
    const over = energyOf(entry);
    return over === null ? [] : [{ over, under: entry.output_tok, stratum: entry.trial.promptId }];
  });
}

function estimateOf(items: readonly RatioItem[], shared = NO_ERROR): Estimate {
  return {
    value: ratioOf(items),
    ci95: ratioInterval(items, shared),
    spread: spreadOf(items.map((item) => item.over / item.under)),
  };
}

/** Tokens per joule over the same trials; its interval is that of joules per token with the ends inverted. METHOD §4. */
function inverted(estimate: Estimate, items: readonly RatioItem[]): Estimate {
  const { value, ci95 } = estimate;
  return {
    value: value === null || !(value > 0) ? null : 1 / value,
    ci95: ci95 === null || !(ci95[0] > 0) ? null : [1 / ci95[1], 1 / ci95[0]],
    spread: items.every((item) => item.over > 0)
      ? spreadOf(items.map((item) => item.under / item.over))
      : null,
  };
}

function spreadOf(values: readonly number[]): number | null {
  return values.length < 2 ? null : sampleStandardDeviation([...values]);
}

function rowsOf(trials: readonly TrialResult[], domain: DomainId): EnergyRow[] {
  return trials.flatMap((trial) => trial.energy.filter((row) => row.domain === domain));
}

function domainsOf(trials: readonly TrialResult[]): DomainId[] {
  return [...new Set(trials.flatMap((trial) => trial.energy.map((row) => row.domain)))];
}
