import type { ReportRows } from '../../reports/report.ts';
import { CODES, type CodeId } from '../../src/core/codes.ts';
import type { RunDocument } from '../../src/core/result.ts';
import { plainSeries, plainSession } from './plain-session.ts';
import { recordingOf } from './recording.ts';
import { rowsOf, sampleRecording } from './report-rows.ts';

export const EMOJI_NAME = '🦙'.repeat(500);
export const HOSTILE_NAME = '</script><img src=x onerror=alert(1)>"\'&\u0007\u202e|`\ud800';

/** Rows at the edge of what a page may be asked to draw. */
export const ODD_ROWS: readonly (readonly [string, () => ReportRows])[] = [
  ['no run at all', () => rowsOf()],
  ['a run without trials', () => rowsOf(recordingOf())],
  ['a run without energy', () => rowsOf(plainSession({ series: [] }))],
  ['a run with one sample', () => rowsOf(plainSession({ series: [oneSample()] }))],
  ['every code on every row', everyCode],
  ['a name of 500 emoji', () => renamed(EMOJI_NAME)],
  ['a name that is markup, controls and half a letter', () => renamed(HOSTILE_NAME)],
];

/** The sample run with its first model renamed. */
export function renamed(key: string): ReportRows {
  return rowsOf(
    sampleRecording({ models: [{ key, tokPerS: 40, decode_W: 20, prefill_W: 30 }], repetitions: 2 }),
  );
}

function oneSample(): ReturnType<typeof plainSeries> {
  const whole = plainSeries();
  const [start_s, end_s, energy_J] = [whole.start_s, whole.end_s, whole.energy_J].map((column) =>
    column.slice(0, 1),
  );
  return {
    ...whole,
    start_s: start_s ?? whole.start_s,
    end_s: end_s ?? whole.end_s,
    energy_J: energy_J ?? whole.energy_J,
  };
}

function everyCode(): ReportRows {
  const rows = rowsOf(sampleRecording({ repetitions: 2 }));
  const codes = Object.keys(CODES).filter((code): code is CodeId => code in CODES);
  return { ...rows, documents: rows.documents.map((document) => withCodes(document, codes)) };
}

function withCodes(document: RunDocument, codes: readonly CodeId[]): RunDocument {
  return {
    ...document,
    trials: document.trials.map((trial) => ({
      ...trial,
      energy: trial.energy.map((row) => ({ ...row, codes })),
    })),
    summary: document.summary.map((summary) => ({ ...summary, codes })),
    warnings: codes.map((code) => ({ code, ...CODES[code], count: 1 })),
  };
}
