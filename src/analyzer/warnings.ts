import { CODES, type CodeId, sortCodes } from '../core/codes.ts';
import type { PhaseResult, Summary, TrialResult, Warning } from '../core/result.ts';
import type { Trial } from '../core/run.ts';
import type { RecordedEvent } from '../core/sample.ts';
import { isOfBatch } from './code-spans.ts';
import { completionCodes } from './completion-codes.ts';
import type { RunContext } from './context.ts';
import { COVERAGE_LEAST } from './phases.ts';

/** Doubts about the size of a number. A rail that does little has them all; only the headline's are worth a warning. */
const OF_HEADLINE_ONLY: ReadonlySet<CodeId> = new Set([
  'BOUND_LARGE',
  'NET_NEGATIVE',
  'BASELINE_NOISY',
  'BASELINE_DRIFT',
  'OUTLIER',
  'STALE_READING',
] as const);

/** What only a whole workload can have; all else stands with its categories. */
const OF_WHOLE_ONLY: ReadonlySet<CodeId> = new Set(['CI_NOT_REACHED', 'LENGTHS_COLLINEAR'] as const);

interface Results {
  readonly phases: readonly PhaseResult[];
  readonly trials: readonly TrialResult[];
  readonly summary: readonly Summary[];
}

/** Each code once with its texts. `count`: trials that carry it; for what no trial carries, groups, phases or events. */
export function warningsOf(context: RunContext, results: Results): Warning[] {
  const headline = context.headline?.domain.id;
  const counts = new Map<CodeId, number>();
  const add = (codes: Iterable<CodeId>): void => {
    for (const code of new Set(codes)) counts.set(code, (counts.get(code) ?? 0) + 1);
  };
  for (const trial of results.trials) {
    add(
      trial.energy.flatMap(({ domain, codes }) =>
        domain === headline ? codes : codes.filter((code) => !OF_HEADLINE_ONLY.has(code)),
      ),
    );
  }
  for (const trial of unmetered(context, results))
    add(completionCodes(context.recording.run, trial, context.sharedPrompt));
  addUnseen(counts, [
    ...results.summary.filter((one) => one.headline).map(codesOfGroup),
    ...phasesOf(results)
      .filter(hasHole)
      .map(() => ['COVERAGE_LOW'] as const),
    ...context.recording.events
      .filter((event: RecordedEvent) => !isOfBatch(event, context.timelines))
      .map((event: RecordedEvent) => [event.code]),
    ...(headline === undefined ? [['POWER_UNAVAILABLE'] as const] : []),
    ...(context.recording.run.simulated ? [['SIMULATED'] as const] : []),
  ]);
  return sortCodes(counts.keys()).map((code) => ({ code, ...CODES[code], count: counts.get(code) ?? 0 }));
}

/** Trials without any power: only the answer itself can be judged. */
function unmetered({ recording }: RunContext, { trials }: Results): readonly Trial[] {
  return trials.some((trial) => trial.energy.length > 0) ? [] : recording.trials;
}

/** Counts each code over the lists, unless the trials have counted it already. */
function addUnseen(counts: Map<CodeId, number>, lists: readonly (readonly CodeId[])[]): void {
  const seen = new Set(counts.keys());
  for (const codes of lists) {
    for (const code of codes) if (!seen.has(code)) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
}

function codesOfGroup({ category, codes }: Summary): readonly CodeId[] {
  return category === 'all' ? codes.filter((code) => OF_WHOLE_ONLY.has(code)) : codes;
}

function phasesOf(results: Results): PhaseResult[] {
  return [...results.phases, ...results.trials.flatMap((trial) => trial.phases)];
}

function hasHole(phase: PhaseResult): boolean {
  return (
    phase.end_s > phase.start_s &&
    phase.energy.some((energy) => energy.gross_J === null && energy.coverage < COVERAGE_LEAST)
  );
}
