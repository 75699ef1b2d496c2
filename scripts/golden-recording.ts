import { readFile } from 'node:fs/promises';
import type { Recording } from '../src/core/run.ts';
import type { SampleSeries } from '../src/core/sample.ts';

type SeriesText = Omit<SampleSeries, 'start_s' | 'end_s' | 'energy_J' | 'startPower_W' | 'endPower_W'> & {
  readonly start_s: readonly number[];
  readonly end_s: readonly number[];
  readonly energy_J: readonly number[];
  readonly startPower_W: readonly number[];
  readonly endPower_W: readonly number[];
};

type RecordingText = Omit<Recording, 'series'> & { readonly series: readonly SeriesText[] };

/** A whole recording as JSON text; columns become arrays. */
export function recordingText(recording: Recording): string {
  const series = recording.series.map(
    (one): SeriesText => ({
      ...one,
      start_s: [...one.start_s],
      end_s: [...one.end_s],
      energy_J: [...one.energy_J],
      startPower_W: [...one.startPower_W],
      endPower_W: [...one.endPower_W],
    }),
  );
  return `${JSON.stringify({ ...recording, series } satisfies RecordingText)}\n`;
}

/** The inverse. Trusts the file: it is the project's own. */
export async function readRecording(path: string | URL): Promise<Recording> {
  const text = JSON.parse(await readFile(path, 'utf8')) as RecordingText;
  const series = text.series.map(
    (one): SampleSeries => ({
      ...one,
      start_s: Float64Array.from(one.start_s),
      end_s: Float64Array.from(one.end_s),
      energy_J: Float64Array.from(one.energy_J),
      startPower_W: Float64Array.from(one.startPower_W),
      endPower_W: Float64Array.from(one.endPower_W),
    }),
  );
  return { ...text, series };
}
