import {
  configurationKey,
  type HistoryChange,
  type HistoryCourse,
  type HistoryPoint,
} from '../core/history.ts';
import type { RunDocument, Summary } from '../core/result.ts';
import { type ChangeRule, changePoints } from './change-points.ts';

/** Fewer runs are a comparison, not a history. */
const RUNS = 3;

/**
 * About two histories in a hundred without a change show one; a level has three runs at least; a step under 3 % is none, as in
 * comparisons (METHOD §6). The test needs about ten runs before it can say anything.
 */
const RULE: ChangeRule = { p: 0.01, least: 3, step: Math.log(1.03) };

/** Each configuration measured at least three times, in order of first appearance, with the changes of its level. */
export function historyOf(documents: readonly RunDocument[]): HistoryCourse[] {
  const courses = new Map<string, HistoryCourse>();
  for (const document of [...documents].sort((a, b) => compareTexts(a.run.startedAt, b.run.startedAt))) {
    for (const summary of document.summary) {
      const point = pointOf(document, summary);
      if (point === null) continue;
      const key = configurationKey(document, summary);
      const { model, workload, domain } = summary;
      const { machine } = document.environment;
      const course = courses.get(key) ?? { model, workload, machine, domain, points: [], changes: [] };
      courses.set(key, { ...course, points: [...course.points, point] });
    }
  }
  return [...courses.values()]
    .filter(({ points }) => points.length >= RUNS)
    .map((course) => ({ ...course, changes: changesOf(course.points) }));
}

function pointOf({ run }: RunDocument, summary: Summary): HistoryPoint | null {
  const { value, ci95 } = summary.net_JPerTok;
  // One that was cut off asked another mix of prompts.
  if (run.state === 'interrupted' || run.state === 'running') return null;
  if (!summary.headline || summary.category !== 'all' || value === null) return null;
  return { run: run.id, startedAt: run.startedAt, net_JPerTok: value, ci95 };
}

/** Of logarithms: what is looked for is a change in percent. A figure that is not positive has none. */
function changesOf(points: readonly HistoryPoint[]): HistoryChange[] {
  const logs = points.map(({ net_JPerTok }) => Math.log(net_JPerTok));
  if (!logs.every(Number.isFinite)) return [];
  const found = changePoints(logs, RULE);
  return found.map(({ at, p }, i) => ({
    at,
    before_JPerTok: level(logs.slice(found[i - 1]?.at ?? 0, at)),
    after_JPerTok: level(logs.slice(at, found[i + 1]?.at ?? logs.length)),
    p,
  }));
}

function level(logs: readonly number[]): number {
  return Math.exp(logs.reduce((sum, one) => sum + one, 0) / logs.length);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
