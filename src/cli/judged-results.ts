import { type CodeId, isVoid } from '../core/codes.ts';
import { asLmpowerError } from '../core/errors.ts';
import { type EnergyRow, METHOD_VERSION, type RunDocument, type TrialResult } from '../core/result.ts';
import type { RunRecord } from '../core/run.ts';
import { configurationsOf } from '../orchestrator/configuration.ts';
import type { NewResult, RunStore } from '../storage/store.ts';
import { say } from './output.ts';
import { shortId } from './short-id.ts';

/** What came out of each trial, under its configuration; nothing for a run that does not say which models it asked. */
export function resultsOf(run: RunRecord, document: RunDocument): NewResult[] {
  if (run.plan.identities === undefined) return [];
  const configurations = configurationsOf(run);
  return document.trials.flatMap((trial) => {
    const configuration = configurations.get(trial.index);
    if (configuration === undefined) return [];
    return [resultOf(run, trial, { configuration, headline: document.headline })];
  });
}

/**
 * Judges runs that were killed before they could be, and those of another method. One that cannot be read is told: nothing
 * of it is known.
 */
export async function judgeLeftOver(
  store: Pick<RunStore, 'runsToJudge' | 'load' | 'saveResults'>,
): Promise<void> {
  const left = store.runsToJudge(METHOD_VERSION);
  if (left.length === 0) return;
  const { analyze } = await import('../analyzer/analyze.ts');
  for (const id of left) {
    try {
      const recording = store.load(id);
      store.saveResults(id, resultsOf(recording.run, analyze(recording)));
    } catch (thrown) {
      const { code, message } = asLmpowerError(thrown);
      if (code !== 'STORE_CORRUPT') throw thrown;
      say(`run ${shortId(id)} does not count as known: ${message}`);
    }
  }
}

interface Judged {
  readonly configuration: string;
  readonly headline: string | null;
}

function resultOf(run: RunRecord, trial: TrialResult, { configuration, headline }: Judged): NewResult {
  const { completion } = trial;
  const row = trial.energy.find(({ domain }) => domain === headline);
  return {
    trial: trial.index,
    configuration,
    methodVersion: METHOD_VERSION,
    isUsable: isAnswered(trial) && isMetered(run, row),
    domain: headline,
    gross_J: row?.gross_J ?? null,
    net_J: row?.net_J ?? null,
    output_tok: completion?.output_tok ?? null,
    duration_s: completion?.latency.duration_s ?? null,
    grade: row?.grade ?? null,
  };
}

/** Whole: what was interrupted after its answer lacks what came after it. */
function isAnswered({ completion, phases }: TrialResult): boolean {
  if (completion === null || completion.error !== null || completion.stopReason === 'cancelled') return false;
  return phases.some(({ kind }) => kind === 'cooldown');
}

/** A run that had meters knows nothing without their joules; one that had none knows the speed. */
function isMetered({ environment, plan }: RunRecord, row: EnergyRow | undefined): boolean {
  if (row === undefined) return (plan.sources ?? []).length === 0;
  return (
    row.gross_J !== null && !isVoid(row.codes) && !row.codes.some((code) => isPassing(code, environment))
  );
}

/** Tells of that trial alone, so that another one is no repetition of it. */
function isPassing(code: CodeId, { powerSource }: RunRecord['environment']): boolean {
  // On a machine that was begun on battery that is part of the configuration.
  return (
    code === 'REPLAYED' || code === 'FOREIGN_LOAD' || (code === 'ON_BATTERY' && powerSource !== 'battery')
  );
}
