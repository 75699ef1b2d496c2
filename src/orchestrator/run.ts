import type { Backend } from '../backends/backend.ts';
import type { Clock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Plan, RunState } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { Agenda } from './agenda.ts';
import { asSide, labelOf, ownerOf, sidesOf } from './arms.ts';
import { baseline } from './baseline.ts';
import { Baselines } from './baselines.ts';
import { Ledger } from './ledger.ts';
import { recordLifecycle } from './lifecycle.ts';
import { lastReadings, startMeters } from './meters.ts';
import { noteInference } from './model.ts';
import { loadLexicon, needsLexicon } from './nonce.ts';
import type { TrialGroup, TrialSpec } from './order.ts';
import { nameOf } from './phases.ts';
import type { ProgressListener, TrialPlace } from './progress.ts';
import { isGone } from './request.ts';
import { idleAfter, idleBefore, idleBeside, release } from './residency.ts';
import { acquireResidents, type Resident } from './residents.ts';
import type { RunContext, RunRecorder } from './run-context.ts';
import { awaitReturn } from './server-return.ts';
import type { RunSink } from './sink.ts';
import { type HalfWidthRatio, isEnough } from './stop-rule.ts';
import type { Surroundings } from './surroundings.ts';
import { executeTrial, type TrialEnd } from './trial.ts';
import { warmUp } from './warmup.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly runId: string;
  /** Which sitting of the run this is, from 0: prompts of a later one begin otherwise. */
  readonly session?: number;
  /** Indexes of trials that need not be run; for workload `idle` places of models. */
  readonly done?: ReadonlySet<number>;
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
    await this.recordGroups(context);
    await idleAfter(context);
  }

  close(): void {
    this.ledger.mark();
    this.ledger.flush();
  }

  private context(): RunContext {
    const { plan, progress, runId, session = 0 } = this.options;
    return {
      ...this.options,
      progress: progress ?? ((): void => undefined),
      ledger: this.ledger,
      agenda: new Agenda(plan, this.options.done),
      baselines: new Baselines(),
      lexicon: needsLexicon(plan.workload) ? loadLexicon() : [],
      salt: session === 0 ? runId : `${runId} ${session}`,
    };
  }

  /** Where the server is gone for good each model that was not reached says so. */
  private async recordGroups(context: RunContext): Promise<void> {
    const { groups } = context.agenda;
    for (const [place, group] of groups.entries()) {
      if (context.signal.aborted) return;
      try {
        await this.recordGroup(context, group);
      } catch (thrown) {
        const { code, message } = asLmpowerError(thrown);
        if (code.startsWith('BACKEND_') && !context.signal.aborted)
          for (const other of groups.slice(place + 1))
            this.noteFailure(context, other, { code, message: `not run: ${message}` });
        throw thrown;
      }
    }
  }

  private async recordGroup(context: RunContext, group: TrialGroup): Promise<void> {
    const [place = 0] = group.models;
    if (context.plan.workload.kind === 'idle')
      return this.orFailure(context, group, () => recordLifecycle(context, ownerOf(context.plan, place)));
    let residents: readonly Resident[] = [];
    await this.orFailure(context, group, async () => {
      await idleBefore(context, group);
      residents = context.signal.aborted ? [] : await acquireResidents(context, group.models);
    });
    try {
      this.ledger.flush();
      if (residents.length > 0) await this.recordTrials(context, group, residents);
    } finally {
      await release(context, residents);
      this.ledger.flush();
    }
  }

  /** A model that cannot be had is told and recorded with the reason; the next group may fare better. */
  private async orFailure(context: RunContext, group: TrialGroup, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const error = asLmpowerError(thrown);
      if (context.signal.aborted || !(await concernsModelAlone(context, error))) throw error;
      this.modelErrors.push(error);
      this.noteFailure(context, group, error);
      // An error that ends the run is told at the end, as the run's own.
      if (context.agenda.groups.length > 1) context.progress({ kind: 'note', text: error.message });
    }
  }

  private noteFailure(
    { clock, plan }: RunContext,
    { models }: TrialGroup,
    { code, message }: Pick<LmpowerError, 'code' | 'message'>,
  ): void {
    const at_s = clock.now_s();
    for (const model of models) this.ledger.failure({ model: labelOf(plan, model), code, message, at_s });
  }

  private async recordTrials(
    context: RunContext,
    { trials }: TrialGroup,
    residents: readonly Resident[],
  ): Promise<void> {
    const { plan, signal } = context;
    await idleBeside(context, residents);
    for (const resident of plan.warmup ? residents : []) {
      if (signal.aborted) break;
      const { instance, owner } = resident;
      resident.warmup = await warmUp(asSide(context, owner.model), owner, instance.model);
    }
    for (const { instance, owner } of residents)
      noteInference(asSide(context, owner.model), owner, instance.model);
    this.ledger.flush();
    context.baselines.forget();
    const started_s = context.clock.now_s();
    for (const [place, spec] of trials.entries()) {
      const resident = residents.find(({ owner }) => owner.model === spec.model);
      if (signal.aborted || resident === undefined) return;
      await this.recordTrial(context, spec, resident);
      if (this.isEnough(context, residents, { done: spec, next: trials[place + 1], started_s })) break;
    }
    const [first] = residents;
    if (signal.aborted || first === undefined) return;
    this.ledger.phase(await baseline(context, first.owner, first.warmup));
    await lastReadings(context);
    this.ledger.flush();
  }

  private async recordTrial(context: RunContext, spec: TrialSpec, resident: Resident): Promise<void> {
    const { instance, warmup } = resident;
    const owner = { ...resident.owner, trial: placeOf(spec, context.agenda) };
    const setting = { spec, model: instance.model, owner, warmup };
    const end = await executeTrial(asSide(context, spec.model), setting);
    instance.model = end.model;
    this.trialDone(context, end);
  }

  /** Models that are run one after the other share the time. */
  private isEnough(
    context: RunContext,
    residents: readonly Resident[],
    at: { readonly done: TrialSpec; readonly next: TrialSpec | undefined; readonly started_s: Seconds },
  ): boolean {
    const most_s = (context.plan.until?.most_s ?? Number.POSITIVE_INFINITY) / context.agenda.groups.length;
    const models = residents.map(({ instance, owner }) => nameOf(owner) ?? instance.model.key);
    return isEnough(context, this.options.halfWidthRatio ?? ((): null => null), { ...at, models, most_s });
  }

  private trialDone({ agenda, progress }: RunContext, { isOver, last, trial }: TrialEnd): void {
    this.ledger.flush();
    this.trials += 1;
    agenda.expectations.noteTrial(trial);
    agenda.trialDone(trial.index);
    progress({ kind: 'trial-done', trial, of: agenda.of, remaining_s: agenda.remaining_s() });
    if (last === null) return;
    if (last.failure !== null) this.failedTrials += 1;
    this.goneInARow = isGone(last) ? this.goneInARow + 1 : 0;
    const why = last.failure?.message ?? '';
    if (isOver)
      throw new LmpowerError('BACKEND_DISCONNECTED', `the server went away and stayed away: ${why}`);
    if (this.goneInARow < MOST_FAILURES) return;
    throw new LmpowerError('BACKEND_DISCONNECTED', `no answer to ${MOST_FAILURES} prompts in a row: ${why}`);
  }
}

/** Refused before anything is recorded. @throws {LmpowerError} SETTING_UNSUPPORTED */
export function refuseUnsupported(plan: Plan, backend: Pick<Backend, 'title' | 'unsupported'>): void {
  const names = new Set(sidesOf(plan).flatMap(({ inference, load }) => backend.unsupported(inference, load)));
  if (names.size === 0) return;
  throw new LmpowerError('SETTING_UNSUPPORTED', `${backend.title} cannot apply: ${[...names].join(', ')}.`);
}

/** A load that took the server down, or that it never answered, is the model's own fault once the server answers again. */
async function concernsModelAlone(context: RunContext, { code }: LmpowerError): Promise<boolean> {
  if (code.startsWith('MODEL_')) return true;
  const isServers = code.startsWith('BACKEND_') && code !== 'BACKEND_UNAUTHORIZED';
  return isServers && context.agenda.groups.length > 1 && (await awaitReturn(context)) !== 'gone';
}

function placeOf({ index, prompt, repetition }: TrialSpec, { of }: Agenda): TrialPlace {
  return { index, of, promptId: prompt.id, category: prompt.category, repetition };
}
