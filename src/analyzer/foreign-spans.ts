import { ENVIRONMENT, OBSERVED } from '../core/environment-names.ts';
import type { Recording } from '../core/run.ts';
import type { Observation } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';

/** Other work than the server's may keep this part of one processor busy. */
const OTHERS_MOST = 0.1;
/** The two counts of processor time behind the difference agree to about this part of what the server did. */
const COUNT_SLACK = 0.02;
/** Where the server's idle share cannot be told from other work. */
const REST_MOST = 0.5;

export interface BusySpan {
  readonly start_s: Seconds;
  readonly end_s: Seconds;
}

/**
 * Baselines and requests in which the machine worked for somebody else: by more than 10 % of one processor beside the
 * server's processes, or, where those are not known, by more than 50 % while the server should idle. An observation is
 * a mean since the one before it and speaks for a phase that holds half of that time.
 */
export function foreignSpans(recording: Recording): BusySpan[] {
  const phases = [...recording.phases, ...recording.trials.flatMap((trial) => trial.phases)];
  const idle = phases.filter(({ kind }) => kind === 'baseline');
  const judged = phases.filter(({ kind }) => kind === 'baseline' || kind === 'inference');
  const own = recording.observations.filter(({ source }) => source === ENVIRONMENT);
  return [
    ...busy(means(own, OBSERVED.otherCores), limitBeside(own)).flatMap((mean) => withinMost(mean, judged)),
    ...busy(means(own, OBSERVED.restCores), () => REST_MOST).flatMap((mean) => withinMost(mean, idle)),
  ];
}

/** Times at which the server worked on requests of several trials: the energy of such a time is in each of them. */
export function overlaps({ trials }: Pick<Recording, 'trials'>): BusySpan[] {
  const requests = trials
    .flatMap(({ completions, index }) =>
      completions.map(({ ended_s, requested_s }) => ({ index, start_s: requested_s, end_s: ended_s })),
    )
    .sort((a, b) => a.start_s - b.start_s);
  let [longest] = requests;
  const spans: BusySpan[] = [];
  for (const one of requests.slice(1)) {
    if (longest === undefined) break;
    const end_s = Math.min(one.end_s, longest.end_s);
    if (one.index !== longest.index && end_s > one.start_s) spans.push({ start_s: one.start_s, end_s });
    if (one.end_s > longest.end_s) longest = one;
  }
  return spans;
}

interface Mean extends BusySpan {
  readonly cores: number;
}

/** Each observation with the time it is the mean of: since the last of the same look. */
function means(own: readonly Observation[], name: string): Mean[] {
  const looks_s = [...new Set(own.filter(isLoad).map(({ at_s }) => at_s))].sort((a, b) => a - b);
  const since = new Map(looks_s.map((at_s, i) => [at_s, looks_s[i - 1]]));
  return own
    .filter((one) => one.name === name)
    .flatMap(({ at_s, value }) => {
      const start_s = since.get(at_s);
      return start_s === undefined ? [] : [{ start_s, end_s: at_s, cores: Number(value) }];
    });
}

function isLoad({ name }: Observation): boolean {
  return name === OBSERVED.otherCores || name === OBSERVED.restCores;
}

function limitBeside(own: readonly Observation[]): (mean: Mean) => number {
  const server = new Map(
    own.filter(({ name }) => name === OBSERVED.serverCores).map(({ at_s, value }) => [at_s, Number(value)]),
  );
  return ({ end_s }) => OTHERS_MOST + COUNT_SLACK * (server.get(end_s) ?? 0);
}

function busy(all: readonly Mean[], limit: (mean: Mean) => number): Mean[] {
  return all.filter((mean) => mean.cores > limit(mean));
}

function withinMost(mean: BusySpan, phases: readonly BusySpan[]): BusySpan[] {
  const half_s = (mean.end_s - mean.start_s) / 2;
  return phases.flatMap((phase) => {
    const start_s = Math.max(mean.start_s, phase.start_s);
    const end_s = Math.min(mean.end_s, phase.end_s);
    return end_s - start_s >= half_s ? [{ start_s, end_s }] : [];
  });
}
