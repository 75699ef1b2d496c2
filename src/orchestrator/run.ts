import type { Backend, LoadedModel } from '../backends/backend.ts';
import type { Clock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Plan, RunState } from '../core/run.ts';
import { Agenda } from './agenda.ts';
import { baseline } from './baseline.ts';
import { Ledger } from './ledger.ts';
import { lastReadings, startMeters } from './meters.ts';
import { acquireModel, releaseModel } from './model.ts';
import { loadLexicon } from './nonce.ts';
import type { TrialSpec } from './order.ts';
import type { PhaseOwner } from './phases.ts';
import type { ProgressListener, TrialPlace } from './progress.ts';
import { isGone } from './request.ts';
import type { RunContext, RunRecorder } from './run-context.ts';
import type { RunSink } from './sink.ts';
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
    const keys = plan.models.length === 0 ? [null] : plan.models;
    for (const [model, key] of keys.entries()) {
      if (!signal.aborted) await this.recordModel(context, { model, modelKey: key, trial: null });
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
      lexicon: plan.workload.nonce ? loadLexicon() : [],
    };
  }

  private async recordModel(context: RunContext, asked: PhaseOwner): Promise<void> {
    const model = await this.acquire(context, asked);
    if (model === null) {
      this.ledger.flush();
      return;
    }
    const owner = { ...asked, modelKey: model.key };
    const held = { model };
    try {
      this.ledger.flush();
      await this.recordTrials(context, owner, held);
    } finally {
      await releaseModel(context, held.model);
    }
  }

  /** Null: this model could not be had; the next one may. */
  private async acquire(context: RunContext, owner: PhaseOwner): Promise<LoadedModel | null> {
    try {
      return await acquireModel(context, owner, owner.modelKey);
    } catch (thrown) {
      const error = asLmpowerError(thrown);
      if (!error.code.startsWith('MODEL_')) throw error;
      this.modelErrors.push(error);
      context.progress({ kind: 'note', text: error.message });
      return null;
    }
  }

  /** `held.model` follows reloads. */
  private async recordTrials(
    context: RunContext,
    owner: PhaseOwner,
    held: { model: LoadedModel },
  ): Promise<void> {
    const { agenda, plan, signal } = context;
    const warmup_W = plan.warmup ? await warmUp(context, owner, held.model) : null;
    this.ledger.flush();
    for (const spec of agenda.trialsOf(owner.model)) {
      if (signal.aborted) return;
      const trialOwner = { ...owner, trial: placeOf(spec, agenda) };
      const end = await executeTrial(context, { spec, model: held.model, owner: trialOwner, warmup_W });
      held.model = end.model;
      this.trialDone(context, end);
    }
    if (signal.aborted) return;
    this.ledger.phase(await baseline(context, owner, warmup_W));
    await lastReadings(context);
    this.ledger.flush();
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
