import { fixed, significant } from '../core/number-text.ts';
import type { Plan } from '../core/run.ts';
import { labelOf } from '../orchestrator/arms.ts';
import { trialGroups } from '../orchestrator/order.ts';
import type { RunStore, StoredResult } from '../storage/store.ts';
import { shortId } from './short-id.ts';
import { type Column, safeText, textTable } from './text-table.ts';

/** A result that was known before the run, as what this plan calls its model. */
export interface KnownResult extends StoredResult {
  readonly index: number;
  readonly label: string;
}

/** Results of the trials that a plan leaves out because they are known, in the plan's order. */
export function knownResults(plan: Plan, store: Pick<RunStore, 'resultsOfRun'>): KnownResult[] {
  const places = new Map(
    trialGroups(plan).flatMap(({ trials }) => trials.map(({ index, model }) => [index, model])),
  );
  const runs = new Map<string, ReadonlyMap<number, StoredResult>>();
  return (plan.known ?? []).flatMap(({ index, run: id, trial }) => {
    const own = runs.get(id) ?? new Map(store.resultsOfRun(id).map((result) => [result.trial, result]));
    runs.set(id, own);
    const result = own.get(trial);
    return result === undefined ? [] : [{ ...result, index, label: labelOf(plan, places.get(index) ?? 0) }];
  });
}

interface KnownModel {
  readonly label: string;
  readonly results: readonly KnownResult[];
}

const COLUMNS: readonly Column<KnownModel>[] = [
  { heading: 'known already', align: 'left', expendable: 0, cell: ({ label }) => safeText(label) },
  {
    heading: 'net J/tok',
    align: 'right',
    expendable: 0,
    cell: ({ results }) => significant(perToken(results, ({ net_J }) => net_J)),
  },
  {
    heading: 'gross J/tok',
    align: 'right',
    expendable: 1,
    cell: ({ results }) => significant(perToken(results, ({ gross_J }) => gross_J)),
  },
  {
    heading: 'tok/s',
    align: 'right',
    expendable: 1,
    cell: ({ results }) => fixed(reciprocal(perToken(results, ({ duration_s }) => duration_s)), 1),
  },
  { heading: 'grade', align: 'left', expendable: 2, cell: ({ results }) => worstGrade(results) },
  { heading: 'n', align: 'right', expendable: 2, cell: ({ results }) => String(results.length) },
  {
    heading: 'run',
    align: 'left',
    expendable: 2,
    cell: ({ results }) => [...new Set(results.map(({ run }) => shortId(run)))].join(' '),
  },
];

/** One line a model, the least J/token first; those without a figure last. */
export function knownLines(results: readonly KnownResult[], width: number): string[] {
  const models = new Map<string, KnownResult[]>();
  for (const result of results) {
    const own = models.get(result.label);
    if (own === undefined) models.set(result.label, [result]);
    else own.push(result);
  }
  const lines = [...models].map(([label, own]) => ({ label, results: own, value: netOf(own) }));
  return textTable(
    lines.toSorted((a, b) => a.value - b.value),
    COLUMNS,
    width,
  );
}

/** Of several the one that tells most doubt. */
function worstGrade(results: readonly KnownResult[]): string {
  const grades = results.flatMap(({ grade }) => grade ?? []);
  return grades.toSorted().at(-1) ?? '–';
}

function netOf(results: readonly KnownResult[]): number {
  return perToken(results, ({ net_J }) => net_J) ?? Number.MAX_VALUE;
}

/** Σ over Σ tokens, of the results that have both; null where none has. Source: METHOD §1. */
function perToken(
  results: readonly KnownResult[],
  over: (result: KnownResult) => number | null,
): number | null {
  let sum = 0;
  let tokens = 0;
  for (const result of results) {
    const value = over(result);
    if (value === null || result.output_tok === null) continue;
    sum += value;
    tokens += result.output_tok;
  }
  return tokens > 0 ? sum / tokens : null;
}

function reciprocal(value: number | null): number | null {
  return value === null || value === 0 ? null : 1 / value;
}

/** Whether nothing of the plan is left to do. */
export function isAllKnown(plan: Plan): boolean {
  const { known = [] } = plan;
  return known.length > 0 && known.length === trialGroups(plan).flatMap(({ trials }) => trials).length;
}
