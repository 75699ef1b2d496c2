import type { TrialMemory } from '../core/result.ts';
import type { Completion, Phase, Recording } from '../core/run.ts';
import { type BaselinePlan, baselinePlan, type IdlePower, idlePower } from './baseline.ts';
import { type CodeSpan, codeSpans } from './code-spans.ts';
import { type Composite, compositesOf } from './composites.ts';
import { type PhaseStarts, phaseStarts } from './edges.ts';
import type { Headline } from './headline.ts';
import { sharedPromptTokens } from './shared-prompt.ts';
import type { Timeline } from './timeline.ts';
import { timelinesOf } from './timelines.ts';
import { memoryReader } from './trial-memory.ts';

/** What every row of a run is computed from, prepared once. */
export interface RowContext {
  readonly recording: Recording;
  readonly timelines: readonly Timeline[];
  /** Sums of the timelines' domains. */
  readonly composites: readonly Composite[];
  readonly starts: PhaseStarts;
  readonly baselines: BaselinePlan;
  readonly spans: readonly CodeSpan[];
  /** By model; see `sharedPromptTokens`. */
  readonly sharedPrompt: ReadonlyMap<string, number>;
  /** `idlePower`, computed once: a baseline serves the trial before it and the one after. */
  readonly idlePowerOf: (timeline: Timeline, phase: Phase) => IdlePower | null;
  /** Most memory in use during a request. */
  readonly memoryOf: (completion: Completion) => TrialMemory | null;
}

/** With the domain that is quoted, which the rows decide. */
export interface RunContext extends RowContext, Headline {}

export function rowContext(recording: Recording): RowContext {
  const timelines = timelinesOf(recording);
  const composites = compositesOf(timelines.map(({ domain }) => domain));
  return {
    recording,
    timelines,
    composites,
    starts: phaseStarts(stretches(recording)),
    baselines: baselinePlan(recording),
    spans: codeSpans(recording, timelines),
    sharedPrompt: sharedPromptTokens(recording),
    idlePowerOf: remembered(idlePower),
    memoryOf: memoryReader(recording),
  };
}

/** All phases, and attempts before the last one, which are work as well. */
function stretches(recording: Recording): Pick<Phase, 'start_s'>[] {
  const attempts = recording.trials.flatMap((trial) =>
    trial.completions.map((completion) => ({ start_s: completion.requested_s })),
  );
  return [...recording.phases, ...recording.trials.flatMap((trial) => trial.phases), ...attempts];
}

function remembered<T>(
  compute: (timeline: Timeline, phase: Phase) => T,
): (timeline: Timeline, phase: Phase) => T {
  const known = new Map<Timeline, Map<Phase, { readonly value: T }>>();
  return (timeline, phase) => {
    const ofTimeline = known.get(timeline) ?? new Map<Phase, { readonly value: T }>();
    known.set(timeline, ofTimeline);
    const entry = ofTimeline.get(phase) ?? { value: compute(timeline, phase) };
    ofTimeline.set(phase, entry);
    return entry.value;
  };
}
