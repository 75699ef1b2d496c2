import { sortCodes } from '../core/codes.ts';
import type { EnergyRow, PartEnergy, TrialResult } from '../core/result.ts';
import type { Completion, Trial } from '../core/run.ts';
import type { Joules } from '../core/units.ts';
import { lowerGrade } from './grade.ts';
import { ratio } from './latency.ts';
import { sumOf } from './ratio-interval.ts';
import { tokenCounts } from './token-counts.ts';

/** Prompts whose lengths differ by more are of different blocks: cost a token depends on length. */
const LENGTH_RATIO = 0.02;

/** A trial whose last completion is its whole answer. `requests`: of a block, how many that one is the sum of. */
export type MergedTrial = Trial & { readonly requests?: number };

/**
 * A block's requests as one completion from the first request to the last end, counts summed; null where one is not
 * known. Without token times: what lies between two answers is part of the block. Other trials as they are.
 */
export function blockAsOne(trial: Trial): MergedTrial {
  const [first, ...others] = trial.completions;
  const last = trial.completions.at(-1);
  if (trial.block !== true || first === undefined || last === undefined) return trial;
  const all = [first, ...others];
  const failed = all.find(({ error }) => error !== null);
  const merged: Completion = {
    ...last,
    requested_s: first.requested_s,
    promptStart_s: null,
    promptEnd_s: null,
    tokens: [],
    firstToken_s: null,
    lastToken_s: null,
    input_tok: total(all, (one) => one.input_tok),
    cached_tok: total(all, (one) => one.cached_tok),
    output_tok: total(all, (one) => tokenCounts(one).output_tok),
    reasoning_tok: total(all, (one) => one.reasoning_tok),
    draft_tok: total(all, (one) => one.draft_tok),
    accepted_tok: total(all, (one) => one.accepted_tok),
    stopReason: (failed ?? last).stopReason,
    text: '',
    serverStatistics: {},
    error: failed?.error ?? null,
  };
  return { ...trial, completions: [merged], requests: all.length };
}

function total(all: readonly Completion[], countOf: (one: Completion) => number | null): number | null {
  const counts = all.map(countOf);
  return counts.some((count) => count === null) ? null : sumOf(counts.map((count) => count ?? 0));
}

/**
 * Block difference: where a prompt is too short for the meter and a block of prompts of its length was measured,
 * E_pre = E_block/K and E_dec = E − E_pre. Source: METHOD §4.1.
 */
export function withBlockParts(trials: readonly TrialResult[]): TrialResult[] {
  const blocks = trials.filter((trial) => trial.requests !== undefined);
  if (blocks.length === 0) return [...trials];
  return trials.map((trial) => {
    if (trial.requests !== undefined) return trial;
    return { ...trial, energy: trial.energy.map((row) => withBlockPart(trial, row, blocks)) };
  });
}

function withBlockPart(trial: TrialResult, row: EnergyRow, blocks: readonly TrialResult[]): EnergyRow {
  const { completion } = trial;
  if (row.prefill !== null || row.gross_J === null || completion === null) return row;
  const { decode_tok, prefill_tok } = tokenCounts(completion);
  if (prefill_tok === null || prefill_tok === 0) return row;
  const one = perRequest(
    blocks.filter((block) => block.model === trial.model),
    row,
    prefill_tok,
  );
  if (one === null) return row;
  const prefill = {
    ...one,
    start_s: completion.requested_s,
    end_s: completion.firstToken_s ?? completion.ended_s,
  };
  const decode =
    row.decode ?? (decode_tok === null || decode_tok === 0 ? null : rest(row, prefill, completion));
  const isWhole = decode !== null;
  const codes = row.codes.filter((code) => !(isWhole && code === 'PARTS_UNRESOLVED'));
  return { ...row, prefill, decode, method: 'block', remainder_J: null, codes: sortCodes(codes) };
}

/** Energy of reading so many prompt tokens, from the blocks of prompts of about that length. */
function perRequest(
  blocks: readonly TrialResult[],
  row: EnergyRow,
  prefill_tok: number,
): Omit<PartEnergy, 'start_s' | 'end_s'> | null {
  const parts = blocks.flatMap((block) => {
    const part = block.energy.find(({ domain }) => domain === row.domain)?.prefill ?? null;
    const length = ratio(part?.tokens ?? null, block.requests ?? null);
    const isLike = length !== null && Math.abs(length - prefill_tok) <= LENGTH_RATIO * prefill_tok;
    return part !== null && isLike ? [part] : [];
  });
  const [first] = parts;
  if (first === undefined) return null;
  const tokens = sumOf(parts.map((part) => part.tokens ?? 0));
  const perTok = (of: (part: PartEnergy) => number): number => sumOf(parts.map(of)) / tokens;
  const gross_JPerTok = perTok((part) => part.gross_J);
  const net_JPerTok = parts.some(({ net_J }) => net_J === null) ? null : perTok((part) => part.net_J ?? 0);
  return {
    gross_J: gross_JPerTok * prefill_tok,
    net_J: net_JPerTok === null ? null : net_JPerTok * prefill_tok,
    bound_J: perTok((part) => part.bound_J) * prefill_tok,
    tokens: prefill_tok,
    gross_JPerTok,
    net_JPerTok,
    publications: sumOf(parts.map((part) => part.publications)),
    grade: parts.map((part) => part.grade).reduce(lowerGrade, first.grade),
  };
}

/** What is left of a request; as good as the whole window and the block are. */
function rest(row: EnergyRow, prefill: PartEnergy, completion: Completion): PartEnergy {
  const { decode_tok } = tokenCounts(completion);
  const gross_J = (row.gross_J ?? 0) - prefill.gross_J;
  const net_J: Joules | null =
    row.net_J === null || prefill.net_J === null ? null : row.net_J - prefill.net_J;
  return {
    start_s: prefill.end_s,
    end_s: completion.ended_s,
    gross_J,
    net_J,
    bound_J: (row.uncertainty.bound_J ?? 0) + prefill.bound_J,
    tokens: decode_tok,
    gross_JPerTok: ratio(gross_J, decode_tok),
    net_JPerTok: ratio(net_J, decode_tok),
    publications: row.publications,
    grade: lowerGrade(row.grade, prefill.grade),
  };
}
