import type { RunDocument } from '../core/result.ts';
import type { Recording } from '../core/run.ts';
import { labelledReport } from './simulated-label.ts';

/** The report of the first LM Studio power scripts. @throws {LmpowerError} USAGE for a run of several models */
export async function classicText(document: RunDocument): Promise<string> {
  const { classicJson } = await import('../rendering/classic-json.ts');
  const report = labelledReport(classicJson(document), document.simulated === true);
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** One JSON object a line, one line a delta as it arrived. */
export function* tokenJsonLines(document: RunDocument): Generator<string> {
  const label = document.simulated === true ? { simulated: true } : {};
  for (const { completion, index, promptId } of document.trials) {
    for (const delta of completion?.tokens ?? []) {
      yield `${JSON.stringify({ run: document.run.id, ...label, trial: index, promptId, ...delta })}\n`;
    }
  }
}

/** One JSON object a line, one line a power sample, moved to its true place. */
export async function sampleJsonLines(recording: Recording): Promise<Iterable<string>> {
  const { aligned } = await import('../analyzer/analyze.ts');
  return samplesAsLines(aligned(recording));
}

function* samplesAsLines(recording: Recording): Generator<string> {
  const label = recording.run.simulated ? { simulated: true } : {};
  for (const { domain, kind, start_s, end_s, energy_J } of recording.series) {
    for (const [i, joules] of energy_J.entries()) {
      const sample = { domain, start_s: start_s[i], end_s: end_s[i], energy_J: joules, kind };
      yield `${JSON.stringify({ run: recording.run.id, ...label, ...sample })}\n`;
    }
  }
}

/** One JSON object a line, one line a trial. */
export function trialJsonLines(document: RunDocument): string[] {
  const label = document.simulated === true ? { simulated: true } : {};
  return document.trials.map((trial) => `${JSON.stringify({ run: document.run.id, ...label, ...trial })}\n`);
}
