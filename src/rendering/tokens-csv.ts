import type { RunDocument } from '../core/result.ts';
import { csvLine } from './csv.ts';

/** One line per delta as it arrived: the raw token times behind every rate. */
export function* tokensCsv(document: RunDocument): Generator<string> {
  yield csvLine(['run', 'trial', 'promptId', 'index', 'arrival_s', 'count_tok', 'sort']);
  for (const trial of document.trials) {
    const tokens = trial.completion?.tokens ?? [];
    for (const [index, delta] of tokens.entries()) {
      yield csvLine([
        document.run.id,
        trial.index,
        trial.promptId,
        index,
        delta.arrival_s,
        delta.count_tok,
        delta.sort,
      ]);
    }
  }
}
