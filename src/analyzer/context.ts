import type { Phase, Recording } from '../core/run.ts';
import { type BaselinePlan, baselinePlan } from './baseline.ts';
import { type CodeSpan, codeSpans } from './code-spans.ts';
import { type PhaseStarts, phaseStarts } from './edges.ts';
import { headlineOf } from './headline.ts';
import type { Timeline } from './timeline.ts';
import { timelinesOf } from './timelines.ts';

/** What every row of a run is computed from, prepared once. */
export interface RunContext {
  readonly recording: Recording;
  readonly timelines: readonly Timeline[];
  readonly headline: Timeline | null;
  readonly starts: PhaseStarts;
  readonly baselines: BaselinePlan;
  readonly spans: readonly CodeSpan[];
}

export function runContext(recording: Recording): RunContext {
  const timelines = timelinesOf(recording);
  return {
    recording,
    timelines,
    headline: headlineOf(timelines),
    starts: phaseStarts(stretches(recording)),
    baselines: baselinePlan(recording),
    spans: codeSpans(recording, timelines),
  };
}

/** All phases, and attempts before the last one, which are work as well. */
function stretches(recording: Recording): Pick<Phase, 'start_s'>[] {
  const attempts = recording.trials.flatMap((trial) =>
    trial.completions.map((completion) => ({ start_s: completion.requested_s })),
  );
  return [...recording.phases, ...recording.trials.flatMap((trial) => trial.phases), ...attempts];
}
