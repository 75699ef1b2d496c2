import { isVoid, severityOf } from '../core/codes.ts';
import type { ExitCode } from '../core/errors.ts';
import type { RunDocument } from '../core/result.ts';

/**
 * Exit code of a finished document: 130 interrupted, 4 where a headline energy is void (with `strict` also where it is
 * doubtful), else 0. A run without any meter is no failure unless power was required. Source: DESIGN §6.
 */
export function exitCodeOf(document: RunDocument, strict: boolean): ExitCode {
  if (document.run.state === 'interrupted') return 130;
  if (document.run.state === 'failed') return 3;
  const headlines = document.trials.flatMap((trial) =>
    trial.energy.filter((row) => row.domain === document.headline),
  );
  if (headlines.some((row) => isVoid(row.codes))) return 4;
  const doubtful = headlines.some((row) => row.codes.some((code) => severityOf(code) === 'doubt'));
  return strict && doubtful ? 4 : 0;
}
