import { spanText } from '../core/number-text.ts';
import type { Plan } from '../core/run.ts';
import { Agenda } from '../orchestrator/agenda.ts';
import { labelOf, sidesOf } from '../orchestrator/arms.ts';
import { describePlan } from '../orchestrator/describe-plan.ts';
import { trialGroups } from '../orchestrator/order.ts';
import { type Column, safeText, textTable } from './text-table.ts';

interface PlannedModel {
  readonly name: string;
  readonly trials: number;
  readonly known: number;
  readonly span_s: number;
}

const columnsFor = ({ word }: LeftOut): readonly Column<PlannedModel>[] => [
  { heading: 'model', align: 'left', expendable: 0, cell: ({ name }) => safeText(name) },
  { heading: 'trials', align: 'right', expendable: 1, cell: ({ trials }) => String(trials) },
  { heading: word, align: 'right', expendable: 1, cell: ({ known }) => String(known) },
  { heading: 'new', align: 'right', expendable: 0, cell: ({ known, trials }) => String(trials - known) },
  {
    heading: 'takes about',
    align: 'right',
    expendable: 0,
    cell: ({ known, span_s, trials }) => (known === trials ? word : spanText(span_s)),
  },
];

/** Trials that are not run (again), and the word for why. */
export interface LeftOut {
  readonly indexes: ReadonlySet<number>;
  readonly word: 'known' | 'done';
}

/** Everything that a run of this plan would do, model by model where there are several. */
export function planLines(plan: Plan, width: number, leftOut: LeftOut = knownOf(plan)): string[] {
  const models = plannedModels(plan, leftOut.indexes);
  const table = models.length > 1 ? ['', ...textTable(models, columnsFor(leftOut), width)] : [];
  return [...describePlan(plan, leftOut.indexes).map(safeText), ...table, ...countLines(models, leftOut)];
}

function knownOf({ known = [] }: Plan): LeftOut {
  return { indexes: new Set(known.map(({ index }) => index)), word: 'known' };
}

function plannedModels(plan: Plan, done: ReadonlySet<number>): PlannedModel[] {
  if (plan.workload.kind === 'idle') return [];
  const spans_s = new Agenda(plan, done).remainingByModel_s();
  const counts = sidesOf(plan).map(() => ({ trials: 0, known: 0 }));
  for (const { index, model } of trialGroups(plan).flatMap(({ trials }) => trials)) {
    const count = counts[model];
    if (count === undefined) continue;
    count.trials += 1;
    if (done.has(index)) count.known += 1;
  }
  return counts.map((count, place) => ({
    name: labelOf(plan, place),
    ...count,
    span_s: spans_s.get(place) ?? 0,
  }));
}

/** `X of Y known`. */
function countLines(models: readonly PlannedModel[], { word }: LeftOut): string[] {
  const trials = models.reduce((sum, model) => sum + model.trials, 0);
  const known = models.reduce((sum, model) => sum + model.known, 0);
  return known === 0 ? [] : ['', `${known} of ${trials} ${word}`];
}
