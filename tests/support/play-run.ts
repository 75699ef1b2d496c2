import { setMaxListeners } from 'node:events';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Phase } from '../../src/core/run.ts';
import { type PlanOptions, planRun } from '../../src/orchestrator/plan.ts';
import type { ProgressEvent } from '../../src/orchestrator/progress.ts';
import { executeRun, type RunOutcome } from '../../src/orchestrator/run.ts';
import type { HalfWidthRatio } from '../../src/orchestrator/stop-rule.ts';
import type { Surroundings } from '../../src/orchestrator/surroundings.ts';
import { manualClock } from './manual-clock.ts';
import {
  type BackendScript,
  type RecorderScript,
  type ScriptedBackend,
  type ScriptedSink,
  scriptedBackend,
  scriptedModel,
  scriptedRecorder,
  scriptedSink,
  scriptedWorkload,
} from './scripted-run.ts';

export interface Scene {
  readonly plan?: Partial<PlanOptions>;
  readonly backend?: BackendScript;
  readonly recorder?: RecorderScript;
  readonly sinkError?: LmpowerError;
  readonly abortAt_s?: number;
  readonly halfWidthRatio?: HalfWidthRatio;
  /** Given the time on the manual clock. */
  readonly surroundings?: (now_s: () => number) => Surroundings;
  readonly runId?: string;
  readonly session?: number;
  readonly done?: ReadonlySet<number>;
}

export interface Played {
  readonly outcome: RunOutcome;
  readonly log: readonly string[];
  readonly sink: ScriptedSink;
  readonly backend: ScriptedBackend;
  readonly events: readonly ProgressEvent[];
  readonly ended_s: number;
}

export const LOADED: BackendScript = { loaded: [scriptedModel('m')] };

/** Runs a whole plan on the manual clock: baseline 2 s, answers 4 s, cooldown 1 s, readings each 0.5 s. */
export async function play(scene: Scene): Promise<Played> {
  const log: string[] = [];
  const events: ProgressEvent[] = [];
  const clock = manualClock();
  const abort = new AbortController();
  // The manual clock keeps its listeners.
  setMaxListeners(0, abort.signal);
  const backend = scriptedBackend(log, clock, scene.backend ?? LOADED);
  const sink = scriptedSink(log, clock, scene.sinkError);
  const plan = planRun({
    workload: scriptedWorkload(2),
    backend: 'scripted',
    baseline_s: 2,
    cooldown_s: 1,
    interval_ms: 500,
    ...scene.plan,
  });
  if (scene.abortAt_s !== undefined) {
    void clock.sleep(scene.abortAt_s).then(() => abort.abort(new LmpowerError('INTERRUPTED', 'interrupted')));
  }
  const outcome = await clock.runUntil(
    executeRun({
      plan,
      backend,
      sink,
      clock,
      runId: scene.runId ?? 'run-1',
      ...(scene.session === undefined ? {} : { session: scene.session }),
      ...(scene.done === undefined ? {} : { done: scene.done }),
      recorder: scriptedRecorder(log, clock, scene.recorder),
      signal: abort.signal,
      ...(scene.surroundings === undefined ? {} : { surroundings: scene.surroundings(clock.now_s) }),
      ...(scene.halfWidthRatio === undefined ? {} : { halfWidthRatio: scene.halfWidthRatio }),
      progress: (event) => {
        events.push(event);
        if (event.kind === 'phase') log.push(`${event.phase}${event.trial ? ` #${event.trial.index}` : ''}`);
      },
    }),
  );
  return { outcome, log, sink, backend, events, ended_s: clock.now_s() };
}

/** Phases of the run itself. */
export function runPhases({ sink }: Pick<Played, 'sink'>): Phase[] {
  return sink.parts.flatMap(({ phases }) => phases ?? []);
}

/** Codes of the events that were recorded. */
export function codes({ sink }: Pick<Played, 'sink'>): string[] {
  return sink.parts.flatMap(({ events }) => events ?? []).map(({ code }) => code);
}
