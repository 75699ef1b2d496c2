import type { Completion, Phase, Recording, Trial } from '../core/run.ts';
import type { SampleSeries } from '../core/sample.ts';

/** Something in a recording that lmpower cannot have recorded: which fact, and where. */
export interface RecordingFault {
  readonly what: string;
  readonly where: string;
}

/** Phases and requests meet to rounding. */
const SLACK_s = 1e-6;

/** Facts that contradict each other or themselves; empty: sound. Pure; no number is judged, only whether it can be one. */
export function recordingFaults(recording: Recording): RecordingFault[] {
  return [
    ...recording.series.flatMap((series) => seriesFaults(recording, series)),
    ...recording.phases.flatMap((phase, place) => phaseFaults(phase, `phase ${place} of the run`)),
    ...recording.trials.flatMap(trialFaults),
    ...orderFaults(recording),
    ...countFaults(recording),
    ...markFaults(recording),
  ];
}

function seriesFaults({ domains }: Recording, series: SampleSeries): RecordingFault[] {
  const { domain, start_s, end_s, energy_J } = series;
  const bad = { place: 0, width: 0, energy: 0, order: 0 };
  for (const [index, end] of end_s.entries()) {
    const start = start_s[index] ?? Number.NaN;
    const energy = energy_J[index] ?? Number.NaN;
    if (!Number.isFinite(start) || !Number.isFinite(end)) bad.place++;
    if (start > end) bad.width++;
    if (!Number.isFinite(energy) || energy < 0) bad.energy++;
    if (index > 0 && end < (end_s[index - 1] ?? Number.NEGATIVE_INFINITY)) bad.order++;
  }
  const where = `${domain} (${series.kind})`;
  const faults: readonly (readonly [boolean, string])[] = [
    [!domains.some(({ id }) => id === domain), 'samples of a domain that was never declared'],
    [start_s.length !== end_s.length || energy_J.length !== end_s.length, 'columns of different lengths'],
    [bad.place > 0, `${bad.place} samples at no time`],
    [bad.width > 0, `${bad.width} samples that end before they begin`],
    [bad.energy > 0, `${bad.energy} samples whose energy is no energy`],
    [bad.order > 0, `${bad.order} samples out of order`],
  ];
  return faults.flatMap(([isFault, what]) => (isFault ? [{ what, where }] : []));
}

function trialFaults(trial: Trial): RecordingFault[] {
  const where = `trial ${trial.index}`;
  const answer = trial.completions.at(-1);
  const requested_s = (trial.block === true ? trial.completions[0] : answer)?.requested_s;
  const inference = trial.phases.find(({ kind }) => kind === 'inference');
  const isApart =
    answer !== undefined &&
    inference !== undefined &&
    (inference.start_s !== requested_s || inference.end_s !== answer.ended_s);
  return [
    ...trial.phases.flatMap((phase) => phaseFaults(phase, where)),
    ...trial.phases.flatMap((phase, place) =>
      phase.start_s < (trial.phases[place - 1]?.end_s ?? Number.NEGATIVE_INFINITY) - SLACK_s
        ? [{ what: `${phase.kind} begins before the phase before it ends`, where }]
        : [],
    ),
    ...(isApart ? [{ what: 'the inference phase is not the time of the answer', where }] : []),
    ...trial.completions.flatMap((completion) => completionFaults(completion, where)),
  ];
}

function phaseFaults({ kind, start_s, end_s }: Phase, where: string): RecordingFault[] {
  return start_s <= end_s ? [] : [{ what: `${kind} ends before it begins`, where }];
}

function completionFaults(completion: Completion, where: string): RecordingFault[] {
  const { requested_s, promptStart_s, promptEnd_s, firstToken_s, lastToken_s, ended_s, tokens } = completion;
  const told = [promptStart_s, promptEnd_s].filter((time_s) => time_s !== null);
  const met = [requested_s, firstToken_s, lastToken_s, ended_s].filter((time_s) => time_s !== null);
  const arrivals = [requested_s, ...tokens.map(({ arrival_s }) => arrival_s), ended_s];
  const counts = [
    completion.input_tok,
    completion.cached_tok,
    completion.output_tok,
    completion.reasoning_tok,
  ];
  const faults: readonly (readonly [boolean, string])[] = [
    [!isOrdered(met), 'request, first token, last token and end are out of order'],
    [!isOrdered(told), 'prompt processing ends before it begins'],
    [!isOrdered(arrivals), 'tokens arrive out of order, or outside the request'],
    [
      counts.some((count) => count !== null && !(Number.isInteger(count) && count >= 0)),
      'a count that is none',
    ],
  ];
  return faults.flatMap(([isFault, what]) => (isFault ? [{ what, where }] : []));
}

/** False for anything that is not a number, too. */
function isOrdered(times_s: readonly number[]): boolean {
  return times_s.every(
    (time_s, place) =>
      Number.isFinite(time_s) && time_s >= (times_s[place - 1] ?? Number.NEGATIVE_INFINITY) - SLACK_s,
  );
}

/**
 * Trials follow each other: numbers without a hole, times without an overlap. Holes are left by models that could not be
 * had and by repetitions that were not needed any more.
 */
function orderFaults({ run, trials }: Recording): RecordingFault[] {
  const isWhole = run.state === 'finished' && run.plan.until === undefined;
  const isMisplaced = (index: number, place: number): boolean =>
    isWhole ? index !== place : index <= (trials[place - 1]?.index ?? -1);
  const spans = trials.flatMap(({ index, phases }) => {
    const [first] = phases;
    const last = phases.at(-1);
    return first === undefined || last === undefined
      ? []
      : [{ index, start_s: first.start_s, end_s: last.end_s }];
  });
  return [
    ...trials.flatMap(({ index }, place) =>
      isMisplaced(index, place)
        ? [{ what: `trial ${place} is missing, or out of order`, where: `trial ${index}` }]
        : [],
    ),
    ...spans.flatMap(({ index, start_s }, place) =>
      start_s < (spans[place - 1]?.end_s ?? Number.NEGATIVE_INFINITY) - SLACK_s
        ? [{ what: 'begins before the trial before it ends', where: `trial ${index}` }]
        : [],
    ),
  ];
}

/** A run that finished has asked everything that it planned; one that repeats until it knows enough, at least once. */
function countFaults({ run, trials }: Recording): RecordingFault[] {
  const { models, trials: repetitions, until, workload } = run.plan;
  const planned =
    Math.max(1, models.length) * workload.prompts.length * (until === undefined ? repetitions : 1);
  return run.state !== 'finished' || trials.length >= planned
    ? []
    : [{ what: `${trials.length} trials, ${planned} were planned`, where: 'run' }];
}

function markFaults({ marks }: Recording): RecordingFault[] {
  return isOrdered(marks.map(({ monotonic_s }) => monotonic_s))
    ? []
    : [{ what: 'the monotonic clock ran backwards', where: 'marks' }];
}
