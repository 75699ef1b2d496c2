import { LmpowerError } from '../core/errors.ts';
import type { InferenceSettings, StopReason, TokenSort } from '../core/run.ts';
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

/** Source: OpenAI API reference, chat completion object, finish_reason. */
const STOP_REASONS: Readonly<Record<string, StopReason>> = {
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
  const take = (sort: TokenSort, text: string): void => {
    state.window.tokenAt(at_s);
    collector.token({ arrival_s: at_s, count_tok: state.counts.delta(sort), sort }, text);
  };
  takePieces(delta, take);
  state.finish = textAt(choice, 'finish_reason') ?? state.finish;
}

/** `reasoning_content`: llama.cpp, vLLM, LM Studio; `reasoning`: mlx_lm, gpt-oss on LM Studio, newer vLLM; never both. */
function takePieces(delta: JsonObject, take: (sort: TokenSort, text: string) => void): void {
  const reasoning = textAt(delta, 'reasoning_content') ?? textAt(delta, 'reasoning') ?? '';
  const content = textAt(delta, 'content') ?? '';
  if (reasoning !== '') take('reasoning', reasoning);
  if (content !== '') take('content', content);
  if (objectsAt(delta, 'tool_calls').length > 0) take('tool', '');
}

interface Shaping {
  readonly collector: Collector;
  readonly quirks: ChatQuirks;
}

function endingOf(state: ChatState, request: CompletionRequest, { collector, quirks }: Shaping): Ending {
  state.window.tell(collector);
  const stopReason = stopReasonOf(state, request.inference);
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

function stopReasonOf({ error, finish }: ChatState, inference: InferenceSettings): StopReason {
  if (error !== null) return error.code === 'MODEL_UNLOADED' ? 'unloaded' : 'failed';
  if (finish === 'stop') return endOf(inference);
  return finish === null ? 'unknown' : (STOP_REASONS[finish] ?? 'unknown');
}

/** What a server's `stop` means: the model's own end, unless texts were given that end an answer too. */
export function endOf({ stop }: InferenceSettings): StopReason {
  return (stop ?? []).length > 0 ? 'stop' : 'eos';
}

function wrongModel({ answered }: ChatState, { model }: CompletionRequest): Ending['error'] {
  return answered === null ? null : mismatch(model.identifier, answered);
}

/** The messages of a request. */
export function messagesOf({ system, prompt }: Pick<CompletionRequest, 'system' | 'prompt'>): JsonObject[] {
  const user = { role: 'user', content: prompt.text };
  return system === null ? [user] : [{ role: 'system', content: system }, user];
}

/** The `stop` of a request, where one was asked for. */
export function stopOf(stop: InferenceSettings['stop']): JsonObject {
  return stop === null || stop === undefined ? {} : { stop };
}
