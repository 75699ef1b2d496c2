import { LmpowerError } from '../core/errors.ts';
import type { StopReason, TokenSort } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { type AnswerReader, mismatch, takeEvents } from './answer-stream.ts';
import type { CompletionRequest } from './backend.ts';
import { type ChatCounts, createChatCounts } from './chat-counts.ts';
import type { Collector, Counts, Ending } from './completion.ts';
import type { ServerSentEvent } from './event-stream.ts';
import { codeOfComplaint, complaintOf } from './http-errors.ts';
import { isObject, type JsonObject, objectAt, objectsAt, parsed, textAt } from './json.ts';
import { createPromptWindow, type PromptWindow } from './prompt-window.ts';

/** What of an answer a kind of server words in its own way. */
export interface ChatQuirks {
  /** Last word on the counts once the answer is whole. */
  readonly correct?: (counts: Counts, answer: WholeAnswer) => Counts;
}

export interface WholeAnswer {
  readonly stopReason: StopReason;
  /** Non-empty deltas that arrived. */
  readonly deltas: number;
  readonly limit_tok: number;
}

interface ChatState {
  readonly counts: ChatCounts;
  readonly window: PromptWindow;
  answered: string | null;
  finish: string | null;
  error: Ending['error'];
  done: boolean;
}

/** Source: OpenAI API reference, chat completion object, finish_reason. We send no stop strings, so `stop` is the model's own end. */
const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'eos',
  length: 'length',
  tool_calls: 'tool',
  function_call: 'tool',
  content_filter: 'stop',
};

/**
 * Reads a stream of `chat.completion.chunk`: OpenAI's own fields, and beside them what llama.cpp adds (`timings`,
 * `prompt_progress`) wherever it stands. Fields that nobody knows are passed over; comments keep the line alive.
 */
export function createChunkReader(
  request: CompletionRequest,
  collector: Collector,
  quirks: ChatQuirks = {},
): AnswerReader {
  const state: ChatState = {
    counts: createChatCounts(),
    window: createPromptWindow(),
    answered: null,
    finish: null,
    error: null,
    done: false,
  };
  return {
    take: takeEvents((event, at_s) => {
      takeEvent(state, collector, { event, at_s });
      return state.done;
    }),
    ending: () =>
      state.done || state.finish !== null ? endingOf(state, request, { collector, quirks }) : null,
    seen: () => {
      state.window.tell(collector);
      return state.counts.counts();
    },
  };
}

interface Arrival {
  readonly event: ServerSentEvent;
  readonly at_s: Seconds;
}

function takeEvent(state: ChatState, collector: Collector, { event, at_s }: Arrival): void {
  if (event.data === '[DONE]') {
    state.done = true;
    return;
  }
  const chunk = parsed(event.data);
  if (!isObject(chunk))
    throw new LmpowerError('BACKEND_PROTOCOL', 'the server sent a chunk that is not a JSON object');
  const complaint = complaintOf(chunk);
  if (complaint !== null) {
    state.error = { code: codeOfComplaint(complaint), message: complaint.message };
    state.done = true;
    return;
  }
  state.answered = textAt(chunk, 'model') ?? state.answered;
  state.counts.take(chunk);
  state.window.take(objectAt(chunk, 'timings') ?? {}, at_s);
  for (const choice of objectsAt(chunk, 'choices')) takeChoice(state, collector, { choice, at_s });
}

interface Choice {
  readonly choice: JsonObject;
  readonly at_s: Seconds;
}

function takeChoice(state: ChatState, collector: Collector, { choice, at_s }: Choice): void {
  const delta = objectAt(choice, 'delta') ?? {};
  for (const { text, sort } of piecesOf(delta)) {
    state.window.tokenAt(at_s);
    collector.token({ arrival_s: at_s, count_tok: state.counts.delta(sort), sort }, text);
  }
  state.finish = textAt(choice, 'finish_reason') ?? state.finish;
}

interface Piece {
  readonly text: string;
  readonly sort: TokenSort;
}

/** `reasoning_content`: llama.cpp, vLLM, LM Studio; `reasoning`: mlx_lm, gpt-oss on LM Studio, newer vLLM; never both. */
function piecesOf(delta: JsonObject): Piece[] {
  const reasoning = textAt(delta, 'reasoning_content') ?? textAt(delta, 'reasoning') ?? '';
  const content = textAt(delta, 'content') ?? '';
  return [
    ...(reasoning === '' ? [] : [{ text: reasoning, sort: 'reasoning' as const }]),
    ...(content === '' ? [] : [{ text: content, sort: 'content' as const }]),
    ...(objectsAt(delta, 'tool_calls').length === 0 ? [] : [{ text: '', sort: 'tool' as const }]),
  ];
}

interface Shaping {
  readonly collector: Collector;
  readonly quirks: ChatQuirks;
}

function endingOf(state: ChatState, request: CompletionRequest, { collector, quirks }: Shaping): Ending {
  state.window.tell(collector);
  const stopReason = stopReasonOf(state);
  const counts = state.counts.counts();
  const limit_tok = request.inference.maxOutput_tok ?? request.prompt.maxOutput_tok;
  const whole = { stopReason, deltas: state.counts.deltas(), limit_tok };
  return {
    counts: quirks.correct?.(counts, whole) ?? counts,
    stopReason,
    serverStatistics: state.counts.statistics(),
    error: state.error ?? wrongModel(state, request),
  };
}

function stopReasonOf({ error, finish }: ChatState): StopReason {
  if (error !== null) return error.code === 'MODEL_UNLOADED' ? 'unloaded' : 'failed';
  return finish === null ? 'unknown' : (STOP_REASONS[finish] ?? 'unknown');
}

function wrongModel({ answered }: ChatState, { model }: CompletionRequest): Ending['error'] {
  return answered === null ? null : mismatch(model.identifier, answered);
}

/** The messages of a request. */
export function messagesOf({ system, prompt }: CompletionRequest): JsonObject[] {
  const user = { role: 'user', content: prompt.text };
  return system === null ? [user] : [{ role: 'system', content: system }, user];
}
