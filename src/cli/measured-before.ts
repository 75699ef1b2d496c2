import { analyze } from '../analyzer/analyze.ts';
import type { RunStore } from '../storage/store.ts';
import type { Measured } from './measure.ts';

/** A recorded run as if it had just ended. @throws {LmpowerError} RUN_NOT_FOUND, STORE_* */
export function measuredBefore(store: RunStore, runId: string): Measured {
  const recording = store.load(runId);
  return { recording, document: analyze(recording), error: null };
}
