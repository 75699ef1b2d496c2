import { isVoid, severityOf } from '../core/codes.ts';
import type { ExitCode } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';

/** Exit code of a run that has just ended: 130 interrupted, 3 where it failed, else as its numbers say. Source: DESIGN §6. */
export function exitCodeOf(document: RunDocument, strict: boolean): ExitCode {
  if (document.run.state === 'interrupted') return 130;
  if (document.run.state === 'failed') return 3;
  return exitCodeOfNumbers(document, strict);
}

/**
 * 4 where a headline energy is void or a prompt got no answer (with `strict` also where an energy is doubtful), else 0.
 * A run without any meter is no failure unless power was required.
 */
export function exitCodeOfNumbers({ headline, trials }: RunDocument, strict: boolean): ExitCode {
  if (trials.some(({ completion }) => completion === null || completion.error !== null)) return 4;
  const rows = trials.flatMap(({ energy }) => energy.filter((row) => row.domain === headline));
  if (rows.some((row) => isVoid(row.codes))) return 4;
  const isDoubtful = rows.some((row) => row.codes.some((code) => severityOf(code) === 'doubt'));
  return strict && isDoubtful ? 4 : 0;
}
