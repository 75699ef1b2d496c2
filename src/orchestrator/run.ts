import type { Backend } from '../backends/backend.ts';
import type { Clock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Plan, RunState } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { Agenda } from './agenda.ts';
import { baseline } from './baseline.ts';
import { Baselines } from './baselines.ts';
import { Ledger } from './ledger.ts';
import { recordLifecycle } from './lifecycle.ts';
import { lastReadings, startMeters } from './meters.ts';
import { loadLexicon, needsLexicon } from './nonce.ts';
import type { TrialGroup, TrialSpec } from './order.ts';
import type { ProgressListener, TrialPlace } from './progress.ts';
import { isGone } from './request.ts';
import { acquireResidents, type Resident, releaseResidents } from './residents.ts';
import type { RunContext, RunRecorder } from './run-context.ts';
import type { RunSink } from './sink.ts';
import { type HalfWidthRatio, isEnough } from './stop-rule.ts';
import type { Surroundings } from './surroundings.ts';
import { executeTrial, type TrialEnd } from './trial.ts';
import { warmUp } from './warmup.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly runId: string;
  readonly backend: Backend;
  /** Not started yet; stopped when this returns. */
  readonly recorder: RunRecorder;
  readonly sink: RunSink;
  /** Counts from the run's origin. */
  readonly clock: Clock;
  /** Aborted: the phase under way ends, what was recorded is kept. */
  readonly signal: AbortSignal;
  readonly progress?: ProgressListener;
  /** Not given: nothing is known of the machine but what its meters tell. */
  readonly surroundings?: Surroundings;
  /** For a plan with a stop rule; without it only time and number of trials end the run. */
  readonly halfWidthRatio?: HalfWidthRatio;
}

export interface RunOutcome {
  readonly state: Exclude<RunState, 'running'>;
  /** Recorded, whole or cut short. */
  readonly trials: number;
  /** Of these, without an answer. */
  readonly failedTrials: number;
  /** Why the run failed, or what went wrong while it ended; null otherwise. */
  readonly error: LmpowerError | null;
}

/** After as many prompts in a row without a server, the others are not tried. */
const MOST_FAILURES = 3;

/**
 * Carries out a plan:
 *
 *     for each model: load? · warm-up · cooldown · trial · trial · … · baseline · unload?
 *
 * (interleaved: load? of all · warm-up · cooldown of each · trials of all by turns · baseline · unload? of all)
 * and appends what was recorded after each of these. Never rejects: what went wrong stands in the outcome, and what
 * was recorded up to then has been appended.
 */
export async function executeRun(options: RunOptions): Promise<RunOutcome> {
  const { recorder, signal, sink } = options;
  const run = new RunUnderWay(options);
  const errors: LmpowerError[] = [];
  const guard = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (thrown) {
      const error = asLmpowerError(thrown);
      if (isWorthTelling(error, signal)) errors.push(error);
    }
  };
  await guard(() => run.record());
  await guard(() => recorder.stop());
  await guard(async () => run.close());
  if (!signal.aborted) errors.push(...run.modelErrors);
  const state = signal.aborted ? 'interrupted' : errors.length === 0 ? 'finished' : 'failed';
  await guard(async () => sink.finish(state));
  return { state, trials: run.trials, failedTrials: run.failedTrials, error: errors[0] ?? null };
}

/** An interruption makes everything fail that was under way; only what lost the recording is worth telling then. */
function isWorthTelling({ code }: LmpowerError, signal: AbortSignal): boolean {
  return !signal.aborted || code.startsWith('STORE_');
}

class RunUnderWay {
  trials = 0;
  failedTrials = 0;
  /** Of models that could not be had; the others were run. */
  readonly modelErrors: LmpowerError[] = [];
  private readonly options: RunOptions;
  private readonly ledger: Ledger;
  private goneInARow = 0;

  constructor(options: RunOptions) {
    this.options = options;
    this.ledger = new Ledger(options);
  }

  async record(): Promise<void> {
    const { backend, plan, recorder, signal } = this.options;
    refuseUnsupported(plan, backend);
    const context = this.context();
    this.ledger.mark();
    await startMeters(recorder, signal);
    for (const group of context.agenda.groups) {
      if (!signal.aborted) await this.recordGroup(context, group);
    }
  }

  close(): void {
    this.ledger.mark();
    this.ledger.flush();
  }

  private context(): RunContext {
    const { plan, progress } = this.options;
    return {
      ...this.options,
      progress: progress ?? ((): void => undefined),
      ledger: this.ledger,
      agenda: new Agenda(plan),
      baselines: new Baselines(),
      lexicon: needsLexicon(plan.workload) ? loadLexicon() : [],
    };
  }

  private async recordGroup(context: RunContext, group: TrialGroup): Promise<void> {
    if (context.plan.workload.kind === 'idle') {
      const model = group.models[0] ?? 0;
      await recordLifecycle(context, { model, modelKey: context.plan.models[model] ?? null, trial: null });
      return;
    }
    const residents = await this.acquire(context, group);
    try {
      this.ledger.flush();
      if (residents.length > 0) await this.recordTrials(context, group, residents);
    } finally {
      await releaseResidents(context, residents);
    }
  }

  /** None: a model could not be had; the next group may. */
  private async acquire(context: RunContext, { models }: TrialGroup): Promise<Resident[]> {
    const keys = context.plan.models;
    try {
      const owners = models.map((model) => ({ model, modelKey: keys[model] ?? null, trial: null }));
      return await acquireResidents(context, owners);
    } catch (thrown) {
      const error = asLmpowerError(thrown);
      if (!error.code.startsWith('MODEL_')) throw error;
      this.modelErrors.push(error);
      // An error that ends the run is told at the end, as the run's own.
      if (context.agenda.groups.length > 1) context.progress({ kind: 'note', text: error.message });
      return [];
    }
  }

  private async recordTrials(
    context: RunContext,
    { trials }: TrialGroup,
    residents: readonly Resident[],
  ): Promise<void> {
    const { agenda, plan, signal } = context;
    for (const resident of plan.warmup ? residents : []) {
      if (signal.aborted) break;
      resident.warmup_W = await warmUp(context, resident.owner, resident.model);
    }
    this.ledger.flush();
    context.baselines.forget();
    const started_s = context.clock.now_s();
    for (const [place, spec] of trials.entries()) {
      const resident = residents.find(({ owner }) => owner.model === spec.model);
      if (signal.aborted || resident === undefined) return;
      const { model, warmup_W } = resident;
      const owner = { ...resident.owner, trial: placeOf(spec, agenda) };
      const end = await executeTrial(context, { spec, model, owner, warmup_W });
      resident.model = end.model;
      this.trialDone(context, end);
      if (this.isEnough(context, residents, { done: spec, next: trials[place + 1], started_s })) break;
    }
    const [first] = residents;
    if (signal.aborted || first === undefined) return;
    this.ledger.phase(await baseline(context, first.owner, first.warmup_W));
    await lastReadings(context);
    this.ledger.flush();
  }

  /** Models that are run one after the other share the time. */
  private isEnough(
    context: RunContext,
    residents: readonly Resident[],
    at: { readonly done: TrialSpec; readonly next: TrialSpec | undefined; readonly started_s: Seconds },
  ): boolean {
    const most_s = (context.plan.until?.most_s ?? Number.POSITIVE_INFINITY) / context.agenda.groups.length;
    const models = residents.map(({ model }) => model.key);
    return isEnough(context, this.options.halfWidthRatio ?? ((): null => null), { ...at, models, most_s });
  }

  private trialDone({ agenda, progress }: RunContext, { last, trial }: TrialEnd): void {
    this.ledger.flush();
    this.trials += 1;
    agenda.expectations.noteTrial(trial);
    agenda.trialDone(trial.index);
    progress({ kind: 'trial-done', trial, of: agenda.of, remaining_s: agenda.remaining_s() });
    if (last === null) return;
    if (last.failure !== null) this.failedTrials += 1;
    this.goneInARow = isGone(last) ? this.goneInARow + 1 : 0;
    if (this.goneInARow < MOST_FAILURES) return;
    const why = last.failure?.message ?? '';
    throw new LmpowerError('BACKEND_DISCONNECTED', `no answer to ${MOST_FAILURES} prompts in a row: ${why}`);
  }
}

/** Refused before anything is recorded. @throws {LmpowerError} SETTING_UNSUPPORTED */
function refuseUnsupported({ inference, load }: Plan, backend: Backend): void {
  const names = backend.unsupported(inference, load);
  if (names.length === 0) return;
  throw new LmpowerError('SETTING_UNSUPPORTED', `${backend.title} cannot apply: ${names.join(', ')}.`);
}

function placeOf({ index, prompt, repetition }: TrialSpec, { of }: Agenda): TrialPlace {
  return { index, of, promptId: prompt.id, category: prompt.category, repetition };
}
