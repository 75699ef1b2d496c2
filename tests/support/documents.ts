import { analyze } from '../../src/analyzer/analyze.ts';
import type { RunDocument } from '../../src/core/result.ts';
import type { Recording } from '../../src/core/run.ts';
import { courseThrough, edgesBetween, meanSeries } from './power-course.ts';
import { domainOf, recordingOf, trialOf } from './recording.ts';

/** Times of the one trial in `documentOf`. */
const TIMES = { baseline_s: 1, requested_s: 11, ended_s: 25, cooledDown_s: 35 } as const;

/** A recording of 40 s: 5 W but for the request, which takes the SoC to 25 W and its CPU to 15 W. */
export function measuredRecording(part: Partial<Recording> = {}): Recording {
  const series = (domain: string, work_W: number) =>
    meanSeries(
      courseThrough([
        [0, 5],
        [11, 5],
        [11, work_W],
        [25, work_W],
        [25, 5],
        [40, 5],
      ]),
      { domain, edges_s: edgesBetween({ from_s: 0, to_s: 40 }, 0.5) },
    );
  return recordingOf({
    domains: [
      domainOf(),
      domainOf({ id: 'cpu', label: 'CPU', parent: 'soc', rank: 0, scope: 'CPU estimate' }),
    ],
    series: [series('soc', 25), series('cpu', 15)],
    trials: [trialOf(TIMES)],
    ...part,
  });
}

/** What the analyzer makes of `measuredRecording`. */
export function documentOf(part: Partial<Recording> = {}): RunDocument {
  return analyze(measuredRecording(part));
}
