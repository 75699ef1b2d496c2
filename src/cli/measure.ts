import { randomBytes } from 'node:crypto';
import type { Composition } from '../../samplers/compose.ts';
import type { Sampler } from '../../samplers/sampler.ts';
import { analyze } from '../analyzer/analyze.ts';
import { halfWidthRatio } from '../analyzer/half-width-ratio.ts';
import type { Backend } from '../backends/backend.ts';
import { COMPOSITION, KEPT } from '../core/environment-names.ts';
import type { LmpowerError } from '../core/errors.ts';
import { METHOD_VERSION, type RunDocument } from '../core/result.ts';
import type { Environment, Plan, Recording, RunRecord, Truth } from '../core/run.ts';
import type { Observation } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { uuidv7 } from '../core/uuid.ts';
import { probeEnvironment } from '../orchestrator/environment.ts';
import type { Remaining } from '../orchestrator/remaining.ts';
import { executeRun } from '../orchestrator/run.ts';
import type { RunSink } from '../orchestrator/sink.ts';
import { createRecorder } from '../recording/live-recorder.ts';
import { readSurroundings } from '../storage/locations.ts';
import type { RunStore } from '../storage/store.ts';
import { isInvented } from './invented.ts';
import { resultsOf } from './judged-results.ts';
import { beaconPath } from './live/find-run.ts';
import { openBeacon } from './live/run-beacon.ts';
import { startProgress } from './progress.ts';
import type { RunOrigin } from './run-origin.ts';
import { runText } from './run-text.ts';
import { secondSamplers } from './second-samplers.ts';
import type { Watched } from './surroundings.ts';

/** A run that is taken up again. */
export interface Resumed {
  readonly recording: Recording;
  readonly remaining: Remaining;
  readonly start_s: Seconds;
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
  /** Of a new run; not given: looked up. */
  readonly environment?: Environment;
  /** Not given: a new run. */
  readonly resumed?: Resumed;
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
  const run = options.resumed === undefined ? await newRun(options) : options.resumed.recording.run;
  const { clock } = options.origin;
  const progress = startProgress({ now_s: clock.now_s, quiet: options.quiet });
  // From here on nobody else takes the run up.
  const said = () => ({ ...progress.glance(), run: run.id });
  const beacon = await openBeacon(beaconPath(readSurroundings(), process.pid), said);
  if (options.resumed === undefined) store.createRun(run);
  else takeUp(options, options.resumed);
  const watched = options.watched ?? null;
  store.append(run.id, { observations: choicesOf(options) });
  const lookForOthers = async (): Promise<void> => {
    const { interval_ms } = plan;
    store.append(run.id, { events: await secondSamplers({ samplers, clock, interval_ms }) });
  };
  await lookForOthers();
  const recorder = createRecorder({
    samplers,
    observers: watched?.observers ?? [],
    clock,
    interval_ms: plan.interval_ms,
    required: options.requirePower,
    onBatch: progress.read,
  });
  const sink: RunSink = {
    append: (part) => store.append(run.id, part),
    finish: (state) => store.finishRun(run.id, state),
  };
  const outcome = await executeRun({
    plan,
    runId: run.id,
    session: options.resumed === undefined ? 0 : 1 + (options.resumed.recording.sessions ?? []).length,
    done: options.resumed?.remaining.done ?? new Set((plan.known ?? []).map(({ index }) => index)),
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
  beacon?.close();
  await lookForOthers();
  if (options.truth !== undefined) store.setTruth(run.id, options.truth(store.load(run.id)));
  const recording = store.load(run.id);
  const document = analyze(recording);
  store.saveDocument(run.id, runText(document));
  store.saveResults(run.id, resultsOf(recording.run, document));
  return { document, recording, error: outcome.error };
}

/** What the meters gave before ends here: their readings are aligned anew. */
function takeUp(
  { origin, store, toolVersion }: MeasureOptions,
  { recording, remaining, start_s }: Resumed,
): void {
  const { domains, run } = recording;
  const { origin_s, startedAt } = origin;
  store.beginSession(run.id, {
    session: { startedAt, origin_s, start_s, toolVersion },
    again: remaining.again,
  });
  const sources = [...new Set(domains.map(({ source }) => source))];
  store.append(run.id, {
    events: sources.map((source) => ({
      code: 'GAP',
      source,
      at_s: start_s,
      domain: null,
      detail: 'the run was interrupted and taken up again',
    })),
  });
}

/** Which sources were read, which were left out, and why. */
function choicesOf({ composition, origin }: MeasureOptions): Observation[] {
  if (composition === undefined) return [];
  const at_s = origin.clock.now_s();
  const said = (word: string, { id, reason }: Composition['kept'][number]): Observation => ({
    source: COMPOSITION,
    name: `${word} ${id}`,
    at_s,
    value: reason,
  });
  return [
    ...composition.kept.map((one) => said(KEPT, one)),
    ...composition.leftOut.map((one) => said('left out', one)),
  ];
}

/** Marked as SIMULATED from its first moment: a run that is killed must not pass for a real one. */
async function newRun(options: MeasureOptions): Promise<RunRecord> {
  const { backendVersion, elevated, origin, plan, samplers, standIn, toolVersion, truth } = options;
  const environment = options.environment ?? (await probeEnvironment({ backendVersion, elevated }));
  return {
    id: uuidv7(origin.startedAt, randomBytes(10)),
    startedAt: origin.startedAt,
    origin_s: origin.origin_s,
    state: 'running',
    toolVersion,
    methodVersion: METHOD_VERSION,
    baselineState: 'B2',
    simulated: truth !== undefined || standIn === true || samplers.some(isInvented),
    plan,
    environment,
  };
}
