import type { Completion, Phase, Recording } from '../../src/core/run.ts';
import type { Domain, SampleSeries } from '../../src/core/sample.ts';
import { edgesBetween, meanSeries, type PowerCourse, stepsThrough } from './power-course.ts';
import { completionOf, domainOf, recordingOf, trialOf } from './recording.ts';

/** One request from 11 s to 25 s at 30 W; 5 W of idle before and after; a closing baseline from 36 s to 46 s. */
export const PLAIN = {
  idle_W: 5,
  busy_W: 30,
  baseline_s: 1,
  requested_s: 11,
  ended_s: 25,
  cooledDown_s: 35,
  end_s: 50,
} as const;

const CLOSING: Phase = { kind: 'baseline', start_s: 36, end_s: 46 };

export interface PlainSession {
  readonly course?: PowerCourse;
  readonly series?: readonly SampleSeries[];
  readonly domain?: Partial<Domain>;
  readonly completion?: Partial<Completion>;
  readonly recording?: Partial<Recording>;
}

export function plainCourse(idleAfter_W: number = PLAIN.idle_W): PowerCourse {
  return stepsThrough(
    [
      [0, PLAIN.idle_W],
      [PLAIN.requested_s, PLAIN.busy_W],
      [PLAIN.ended_s, idleAfter_W],
    ],
    PLAIN.end_s,
  );
}

/** Readings of the session every 0.5 s, no edge of which is an edge of a phase. */
export function plainSeries(course: PowerCourse = plainCourse(), domain = 'soc'): SampleSeries {
  return meanSeries(course, { domain, edges_s: edgesBetween({ from_s: 0.2, to_s: PLAIN.end_s - 1 }, 0.5) });
}

/** A recording in which nothing is wrong, but for what is given. */
export function plainSession(change: PlainSession = {}): Recording {
  return recordingOf({
    domains: [domainOf(change.domain)],
    series: change.series ?? [plainSeries(change.course)],
    trials: [trialOf(PLAIN, { completions: [completionOf(PLAIN, change.completion)] })],
    phases: [CLOSING],
    ...change.recording,
  });
}
