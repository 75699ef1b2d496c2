import type { LLMPredictionStats } from '@lmstudio/sdk';
import type { LmpowerError } from '../core/errors.ts';
import type { StopReason, TokenDelta } from '../core/run.ts';
import { mismatch, stopReasonOfError } from './answer-stream.ts';
import { type Counts, type Ending, NO_COUNTS, reasoningTokens } from './completion.ts';

/** What the stream itself told, beside the server's statistics. */
export interface Seen {
  readonly tokens: readonly TokenDelta[];
  readonly cached_tok: number | null;
}

export interface SdkResult {
  readonly stats: LLMPredictionStats;
  readonly modelInfo: { readonly identifier: string };
}

export interface Asked {
  readonly identifier: string;
  /** The caller cancelled: whatever the server says, the answer is not whole. */
  readonly aborted: boolean;
}

/** How an answer ended whose statistics arrived. */
export function endingOf({ stats, modelInfo }: SdkResult, seen: Seen, asked: Asked): Ending {
  const stopReason = asked.aborted ? 'cancelled' : (STOP_REASONS[stats.stopReason] ?? 'unknown');
  return {
    counts: countsOf(stats, seen),
    stopReason,
    serverStatistics: { ...stats },
    error: errorOfStop(stopReason) ?? mismatch(asked.identifier, modelInfo.identifier),
  };
}

/** How an answer ended that never came to its statistics: what had arrived stands. */
export function failedEnding(error: LmpowerError, { tokens, cached_tok }: Seen): Ending {
  return {
    counts: { ...NO_COUNTS, cached_tok, reasoning_tok: tokens.length > 0 ? reasoningTokens(tokens) : null },
    stopReason: stopReasonOfError(error),
    serverStatistics: {},
    error: { code: error.code, message: error.message },
  };
}

function countsOf(stats: LLMPredictionStats, { tokens, cached_tok }: Seen): Counts {
  return {
    input_tok: stats.promptTokensCount ?? null,
    cached_tok,
    output_tok: stats.predictedTokensCount ?? null,
    reasoning_tok: reasoningTokens(tokens),
    draft_tok: stats.totalDraftTokensCount ?? null,
    accepted_tok: stats.acceptedDraftTokensCount ?? null,
  };
}

/** Source: lmstudio-js LLMPredictionStats.ts, llmPredictionStopReason. */
const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  userStopped: 'cancelled',
  modelUnloaded: 'unloaded',
  failed: 'failed',
  eosFound: 'eos',
  stopStringFound: 'stop',
  toolCalls: 'tool',
  maxPredictedTokensReached: 'length',
  contextLengthReached: 'context',
};

function errorOfStop(stopReason: StopReason): Ending['error'] {
  if (stopReason === 'cancelled')
    return { code: 'INTERRUPTED', message: 'the answer was stopped before its end' };
  if (stopReason === 'unloaded')
    return { code: 'MODEL_UNLOADED', message: 'the model left the memory in the answer' };
  if (stopReason === 'failed')
    return { code: 'BACKEND_REFUSED', message: 'the server says that the answer failed' };
  return null;
}
