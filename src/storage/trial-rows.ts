import type { BaselineState, Completion, Phase, StopReason, TokenSource, Trial } from '../core/run.ts';
import type { StoreDatabase } from './database.ts';
import { corrupt } from './failures.ts';
import { parsed } from './run-rows.ts';
import { decodeTokens, encodeTokens } from './token-columns.ts';
import { phaseKind } from './words.ts';

interface TrialRow {
  readonly trialKey: number;
  readonly index: number;
  readonly model: string;
  readonly workload: string;
  readonly promptId: string;
  readonly category: string;
  readonly repetition: number;
  readonly block: 0 | 1;
  readonly truth: string | null;
}

interface PhaseRow {
  readonly trialKey: number | null;
  readonly kind: string;
  readonly start_s: number;
  readonly end_s: number;
  readonly state: BaselineState | null;
  readonly model: string | null;
}

type PlainCompletion = Omit<
  Completion,
  'tokens' | 'serverStatistics' | 'error' | 'tokenSource' | 'stopReason'
>;

interface CompletionRow extends PlainCompletion {
  readonly trialKey: number;
  readonly tokenSource: TokenSource | null;
  readonly stopReason: StopReason;
  readonly serverStatistics: string;
  readonly error: string | null;
  readonly tokens: Buffer;
}

const UPSERT_TRIAL = `
INSERT INTO trial (runKey, "index", model, workload, promptId, category, repetition, block, truth)
VALUES (@runKey, @index, @model, @workload, @promptId, @category, @repetition, @block, @truth)
ON CONFLICT (runKey, "index") DO UPDATE SET model = excluded.model, workload = excluded.workload,
  promptId = excluded.promptId, category = excluded.category, repetition = excluded.repetition, block = excluded.block,
  truth = excluded.truth
RETURNING trialKey`;

const INSERT_COMPLETION = `
INSERT INTO completion (trialKey, promptId, requested_s, promptStart_s, promptEnd_s, firstToken_s, lastToken_s, ended_s,
  input_tok, cached_tok, output_tok, reasoning_tok, draft_tok, accepted_tok, tokenSource, stopReason, text,
  serverStatistics, error, tokens)
VALUES (@trialKey, @promptId, @requested_s, @promptStart_s, @promptEnd_s, @firstToken_s, @lastToken_s, @ended_s,
  @input_tok, @cached_tok, @output_tok, @reasoning_tok, @draft_tok, @accepted_tok, @tokenSource, @stopReason, @text,
  @serverStatistics, @error, @tokens)`;

/** Adds trials; one whose index is there already is replaced, in its old place. */
export function writeTrials(db: StoreDatabase, runKey: number, trials: readonly Trial[]): void {
  const upsert = db.prepare<[object], { trialKey: number }>(UPSERT_TRIAL);
  const forgetPhases = db.prepare('DELETE FROM phase WHERE trialKey = ?');
  const forgetCompletions = db.prepare('DELETE FROM completion WHERE trialKey = ?');
  const insertCompletion = db.prepare(INSERT_COMPLETION);
  for (const { phases, completions, block, truth, ...trial } of trials) {
    const row = upsert.get({
      runKey,
      ...trial,
      block: block === true ? 1 : 0,
      truth: truth === null ? null : JSON.stringify(truth),
    });
    const trialKey = row?.trialKey ?? 0;
    forgetPhases.run(trialKey);
    forgetCompletions.run(trialKey);
    writePhases(db, { runKey, trialKey }, phases);
    for (const completion of completions) insertCompletion.run({ trialKey, ...encodeCompletion(completion) });
  }
}

/** `trialKey` null: phases of the run itself. */
export function writePhases(
  db: StoreDatabase,
  owner: { readonly runKey: number; readonly trialKey: number | null },
  phases: readonly Phase[],
): void {
  const insert = db.prepare(
    `INSERT INTO phase (runKey, trialKey, kind, start_s, end_s, state, model)
     VALUES (@runKey, @trialKey, @kind, @start_s, @end_s, @state, @model)`,
  );
  for (const phase of phases) insert.run({ ...owner, state: null, model: null, ...phase });
}

/** Trials in the order of their first append, and the phases that belong to none. */
export function readTrials(db: StoreDatabase, runKey: number): { trials: Trial[]; phases: Phase[] } {
  const trialRows = db
    .prepare<[number], TrialRow>(
      'SELECT trialKey, "index", model, workload, promptId, category, repetition, block, truth FROM trial WHERE runKey = ? ORDER BY trialKey',
    )
    .all(runKey);
  const phasesOf = byTrial(
    db
      .prepare<[number], PhaseRow>(
        'SELECT trialKey, kind, start_s, end_s, state, model FROM phase WHERE runKey = ? ORDER BY phaseKey',
      )
      .all(runKey),
  );
  const completionsOf = byTrial(
    db
      .prepare<[number], CompletionRow>(
        `SELECT completion.* FROM completion JOIN trial USING (trialKey) WHERE trial.runKey = ? ORDER BY completionKey`,
      )
      .all(runKey),
  );
  const trials = trialRows.map(({ trialKey, truth, block, ...trial }) => ({
    ...trial,
    ...(block === 1 ? { block: true as const } : {}),
    phases: (phasesOf.get(trialKey) ?? []).map(decodePhase),
    completions: (completionsOf.get(trialKey) ?? []).map(decodeCompletion),
    truth: truth === null ? null : parsed<Trial['truth']>(truth, 'truth of a trial'),
  }));
  return { trials, phases: (phasesOf.get(null) ?? []).map(decodePhase) };
}

function byTrial<K, T extends { readonly trialKey: K }>(rows: readonly T[]): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const group = groups.get(row.trialKey);
    if (group === undefined) groups.set(row.trialKey, [row]);
    else group.push(row);
  }
  return groups;
}

function decodePhase({ kind, start_s, end_s, state, model }: PhaseRow): Phase {
  return {
    kind: phaseKind(kind),
    start_s,
    end_s,
    ...(state === null ? {} : { state }),
    ...(model === null ? {} : { model }),
  };
}

function encodeCompletion(completion: Completion): Omit<CompletionRow, 'trialKey'> {
  return {
    ...completion,
    tokens: encodeTokens(completion.tokens),
    serverStatistics: JSON.stringify(completion.serverStatistics),
    error: completion.error === null ? null : JSON.stringify(completion.error),
  };
}

function decodeCompletion(row: CompletionRow): Completion {
  const tokens = decodeTokens(row.tokens);
  if (tokens === null) throw corrupt(`the tokens of prompt ${row.promptId} are cut off`);
  return {
    promptId: row.promptId,
    requested_s: row.requested_s,
    promptStart_s: row.promptStart_s,
    promptEnd_s: row.promptEnd_s,
    tokens,
    firstToken_s: row.firstToken_s,
    lastToken_s: row.lastToken_s,
    ended_s: row.ended_s,
    input_tok: row.input_tok,
    cached_tok: row.cached_tok,
    output_tok: row.output_tok,
    reasoning_tok: row.reasoning_tok,
    draft_tok: row.draft_tok,
    accepted_tok: row.accepted_tok,
    tokenSource: row.tokenSource,
    stopReason: row.stopReason,
    text: row.text,
    serverStatistics: parsed(row.serverStatistics, `statistics of prompt ${row.promptId}`),
    error: row.error === null ? null : parsed(row.error, `error of prompt ${row.promptId}`),
  };
}
