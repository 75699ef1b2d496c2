import { analyze } from '../../src/analyzer/analyze.ts';
import type { RunDocument } from '../../src/core/result.ts';

import type { Recording } from '../../src/core/run.ts';
import { SAMPLE_MODELS, sampleRecording } from './report-rows.ts';

export interface Day {
  /** Of the decode power of the model. */
  readonly factor?: number;
  readonly machine?: string;
}

/** One model under one workload, once a day. */
export function dailyRecordings(days: readonly Day[]): Recording[] {
  const [model] = SAMPLE_MODELS;
  return days.map(({ factor = 1, machine }, i) => {
    const recording = sampleRecording({
      startedAt: new Date(Date.UTC(2026, 2, 1 + i, 9, 30)).toISOString(),
      id: `019a1c40-7a11-7000-8000-${String(i + 1).padStart(12, '0')}`,
      seed: i + 1,
      repetitions: 2,
      models: model === undefined ? [] : [{ ...model, decode_W: model.decode_W * factor }],
    });
    const { environment, ...run } = recording.run;
    return machine === undefined
      ? recording
      : { ...recording, run: { ...run, environment: { ...environment, machine } } };
  });
}

export function dailyDocuments(days: readonly Day[]): RunDocument[] {
  return dailyRecordings(days).map(analyze);
}

/** So many days alike. */
export function days(count: number, day: Day = {}): Day[] {
  return Array.from({ length: count }, () => day);
}
