import { randomBytes } from 'node:crypto';
import type { Composition } from '../../samplers/compose.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import { analyze } from '../analyzer/analyze.ts';
import { halfWidthRatio } from '../analyzer/half-width-ratio.ts';
import type { Backend } from '../backends/backend.ts';
import { type Clock, clockSince, systemClock } from '../core/clock.ts';
import type { LmpowerError } from '../core/errors.ts';
import { METHOD_VERSION, type RunDocument } from '../core/result.ts';
import type { Plan, Recording, RunRecord, Truth } from '../core/run.ts';
import type { Observation } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { uuidv7 } from '../core/uuid.ts';
import { probeEnvironment } from '../orchestrator/environment.ts';
import { executeRun } from '../orchestrator/run.ts';
import type { RunSink } from '../orchestrator/sink.ts';
import { createRecorder } from '../recording/recorder.ts';
import type { RunStore } from '../storage/store.ts';
import { INVENTED } from './invented.ts';
import { startProgress } from './progress.ts';
import { runText } from './run-text.ts';
import type { Watched } from './surroundings.ts';

/** The instant that all times of a run count from, read on both clocks at once. */
export interface RunOrigin {
  readonly origin_s: Seconds;
  readonly startedAt: string;
  /** Given to whatever stamps times for this run: the backend, the meters, the orchestrator. */
  readonly clock: Clock;
}

export function runOrigin(): RunOrigin {
  const origin_s = systemClock.now_s();
  return { origin_s, startedAt: systemClock.wallAt(), clock: clockSince(origin_s) };
}

export interface MeasureOptions {
  readonly origin: RunOrigin;
  readonly plan: Plan;
  readonly backend: Backend;
  readonly backendVersion: string | null;
  readonly samplers: readonly Sampler[];
  /** Why these samplers; recorded with the run. */
  readonly composition?: Composition;
  /** The environment channel; null: none. */
  readonly watched?: Watched | null;
  readonly store: RunStore;
  readonly toolVersion: string;
  readonly elevated: boolean;
  readonly requirePower: boolean;
  readonly quiet: boolean;
  readonly signal: AbortSignal;
  /** Some source reads a folder in place of /sys: its watts are of no machine. */
  readonly standIn?: boolean;
  /** Where the machine is a simulated one, what it really used; marks the run as SIMULATED. */
  readonly truth?: (recording: Recording) => ReadonlyMap<number, Truth>;
}

export interface Measured {
  readonly document: RunDocument;
  readonly recording: Recording;
  readonly error: LmpowerError | null;
}

/** Carries out a plan and analyses what was recorded: the document comes from the store, so `analyze` gives the same bytes. */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const { plan, backend, samplers, store, signal } = options;
  const run = await newRun(options);
  store.createRun(run);
  const { clock } = options.origin;
  const watched = options.watched ?? null;
  store.append(run.id, { observations: choicesOf(options) });
  const recorder = createRecorder({
    samplers,
    observers: watched?.observers ?? [],
    clock,
    interval_ms: plan.interval_ms,
    required: options.requirePower,
  });
  const progress = startProgress({
    now_s: clock.now_s,
    latest: () => recorder.latest(),
    quiet: options.quiet,
  });
  const sink: RunSink = {
    append: (part) => store.append(run.id, part),
    finish: (state) => store.finishRun(run.id, state),
  };
  const outcome = await executeRun({
    plan,
    runId: run.id,
    backend,
    recorder,
    sink,
    clock,
    signal,
    progress: progress.listener,
    ...(watched === null ? {} : { surroundings: watched.surroundings }),
    halfWidthRatio: (model) => halfWidthRatio(analyze(store.load(run.id)), model),
  });
  progress.end();
  if (options.truth !== undefined) store.setTruth(run.id, options.truth(store.load(run.id)));
  const recording = store.load(run.id);
  const document = analyze(recording);
  store.saveDocument(run.id, runText(document));
  return { document, recording, error: outcome.error };
}

/** Which sources were read, which were left out, and why. */
function choicesOf({ composition, origin }: MeasureOptions): Observation[] {
  if (composition === undefined) return [];
  const at_s = origin.clock.now_s();
  const said = (word: string, { id, reason }: Composition['kept'][number]): Observation => ({
    source: 'composition',
    name: `${word} ${id}`,
    at_s,
    value: reason,
  });
  return [
    ...composition.kept.map((one) => said('kept', one)),
    ...composition.leftOut.map((one) => said('left out', one)),
  ];
}

/** Marked as SIMULATED from its first moment: a run that is killed must not pass for a real one. */
async function newRun(options: MeasureOptions): Promise<RunRecord> {
  const { backendVersion, elevated, origin, plan, samplers, standIn, toolVersion, truth } = options;
  const environment = await probeEnvironment({ backendVersion, elevated });
  return {
    id: uuidv7(origin.startedAt, randomBytes(10)),
    startedAt: origin.startedAt,
    origin_s: origin.origin_s,
    state: 'running',
    toolVersion,
    methodVersion: METHOD_VERSION,
    baselineState: 'B2',
    simulated: truth !== undefined || standIn === true || samplers.some(({ id }) => id === INVENTED),
    plan,
    environment,
  };
}
