import type { RunDocument } from '../core/result.ts';
import { type Cell, type Column, RUN_COLUMN, type Table } from './columns.ts';

const COLUMNS: readonly Column[] = [
  RUN_COLUMN,
  { name: 'trial', type: 'whole', unit: null, meaning: 'index of the trial', whenEmpty: null },
  { name: 'promptId', type: 'text', unit: null, meaning: 'id of the prompt', whenEmpty: null },
  {
    name: 'index',
    type: 'whole',
    unit: null,
    meaning: 'place of the delta in its answer, from 0',
    whenEmpty: null,
  },
  {
    name: 'arrival_s',
    type: 'number',
    unit: 's',
    meaning: "arrival here, since the run's origin",
    whenEmpty: null,
  },
  {
    name: 'count_tok',
    type: 'number',
    unit: 'tokens',
    meaning: 'tokens that the delta carries',
    whenEmpty: 'the server does not say how many tokens a delta carries',
  },
  {
    name: 'sort',
    type: 'text',
    unit: null,
    meaning: 'content, reasoning or tool (arguments of a call)',
    whenEmpty: null,
  },
];

/** One row per delta as it arrived: the raw token times behind every rate. */
export function tokensTable(document: RunDocument): Table {
  return { what: 'tokens', run: document.run.id, columns: COLUMNS, rows: () => rowsOf(document) };
}

function* rowsOf(document: RunDocument): Generator<readonly Cell[]> {
  for (const { completion, index: trial, promptId } of document.trials) {
    for (const [index, { arrival_s, count_tok, sort }] of (completion?.tokens ?? []).entries())
      yield [document.run.id, trial, promptId, index, arrival_s, count_tok, sort];
  }
}
