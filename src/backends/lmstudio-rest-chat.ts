import { LmpowerError } from '../core/errors.ts';
import type { TokenSort } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { mismatch } from './answer-stream.ts';
import type { CompletionRequest } from './backend.ts';
import type { Collector, Ending } from './completion.ts';
import { NO_COUNTS } from './completion.ts';
import type { ServerSentEvent } from './event-stream.ts';
import { codeOfComplaint, complaintOf } from './http-errors.ts';
import { countAt, isObject, type JsonObject, numberAt, objectAt, parsed, textAt } from './json.ts';

/** Body of POST /api/v1/chat. Its schema is strict: an unknown key is refused. Nothing is stored on the server. */
export function chatBody({ model, prompt, system, inference }: CompletionRequest): JsonObject {
  const { temperature, topP, topK, minP, repeatPenalty } = inference;
  return {
    model: model.identifier,
    input: prompt.text,
    stream: true,
    store: false,
    max_output_tokens: inference.maxOutput_tok ?? prompt.maxOutput_tok,
    ...(system === null ? {} : { system_prompt: system }),
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    ...(topK === null ? {} : { top_k: topK }),
    ...(minP === null ? {} : { min_p: minP }),
    ...(repeatPenalty === null ? {} : { repeat_penalty: repeatPenalty }),
  };
}

/** Reads the events of one chat. */
export interface ChatReader {
  /** True when the chat has ended. @throws {LmpowerError} BACKEND_PROTOCOL for an event that is not JSON */
  take(event: ServerSentEvent, at_s: Seconds): boolean;
  /** How it ended, or null when the stream broke off before it did. */
  ending(): Ending | null;
}

interface ChatState {
  answered: string | null;
  loadedInside: boolean;
  error: Ending['error'];
  statistics: JsonObject | null;
  ended: boolean;
}

const SORTS: Readonly<Record<string, TokenSort>> = {
  'message.delta': 'content',
  'reasoning.delta': 'reasoning',
  'tool_call.arguments': 'tool',
};

/** Source of the events: LM Studio REST v1, streaming events. Events that are not named there are passed over. */
export function createChatReader(request: CompletionRequest, collector: Collector): ChatReader {
  const state: ChatState = {
    answered: null,
    loadedInside: false,
    error: null,
    statistics: null,
    ended: false,
  };
  return {
    take: ({ event, data }, at_s) => {
      const content = parsed(data);
      if (!isObject(content))
        throw new LmpowerError(
          'BACKEND_PROTOCOL',
          `the server sent an event '${event}' that is not a JSON object`,
        );
      const type = textAt(content, 'type') ?? event;
      const sort = SORTS[type];
      if (sort === undefined) note(state, { type, content, at_s, collector });
      else takeDelta(collector, { sort, at_s, text: textAt(content, 'content') ?? '' });
      return state.ended;
    },
    ending: () => (state.ended ? endingOf(state, request) : null),
  };
}

function takeDelta(
  collector: Collector,
  { sort, at_s, text }: { sort: TokenSort; at_s: Seconds; text: string },
): void {
  if (text !== '' || sort === 'tool') collector.token({ arrival_s: at_s, count_tok: null, sort }, text);
}

interface ChatEvent {
  readonly type: string;
  readonly content: JsonObject;
  readonly at_s: Seconds;
  readonly collector: Collector;
}

function note(state: ChatState, { type, content, at_s, collector }: ChatEvent): void {
  if (type === 'chat.start') state.answered = textAt(content, 'model_instance_id') ?? state.answered;
  if (type === 'model_load.start') state.loadedInside = true;
  if (type === 'prompt_processing.start') collector.promptStarted(at_s);
  if (type === 'prompt_processing.end') collector.promptEnded(at_s);
  if (type === 'error') state.error = errorOf(content);
  if (type === 'chat.end') {
    const result = objectAt(content, 'result') ?? {};
    state.answered = textAt(result, 'model_instance_id') ?? state.answered;
    state.statistics = objectAt(result, 'stats');
    state.ended = true;
  }
}

function errorOf(content: JsonObject): Ending['error'] {
  const complaint = complaintOf(content) ?? {
    message: 'the server reports an error without words',
    type: null,
  };
  return { code: codeOfComplaint(complaint), message: complaint.message };
}

function endingOf(state: ChatState, request: CompletionRequest): Ending {
  const statistics = state.statistics ?? {};
  const output_tok = countAt(statistics, 'total_output_tokens');
  const error = state.error ?? loadedInside(state) ?? wrongModel(state, request) ?? withoutStatistics(state);
  return {
    counts: {
      ...NO_COUNTS,
      input_tok: countAt(statistics, 'input_tokens'),
      output_tok,
      reasoning_tok: countAt(statistics, 'reasoning_output_tokens'),
    },
    stopReason: stopReasonOf(state, output_tok, request),
    serverStatistics: statistics,
    error,
  };
}

/** This API gives no reason to stop; only an answer as long as allowed tells one. */
function stopReasonOf(
  state: ChatState,
  output_tok: number | null,
  request: CompletionRequest,
): Ending['stopReason'] {
  if (state.error !== null) return state.error.code === 'MODEL_UNLOADED' ? 'unloaded' : 'failed';
  const limit_tok = request.inference.maxOutput_tok ?? request.prompt.maxOutput_tok;
  return output_tok !== null && output_tok >= limit_tok ? 'length' : 'unknown';
}

/** The instance had left the memory and came back inside the measured request. */
function loadedInside({ loadedInside: inside, statistics }: ChatState): Ending['error'] {
  const load_s = statistics === null ? null : numberAt(statistics, 'model_load_time_seconds');
  if (!inside && (load_s ?? 0) === 0) return null;
  return { code: 'MODEL_UNLOADED', message: 'the server had to load the model inside the request' };
}

function wrongModel({ answered }: ChatState, { model }: CompletionRequest): Ending['error'] {
  return answered === null ? null : mismatch(model.identifier, answered);
}

function withoutStatistics({ statistics }: ChatState): Ending['error'] {
  return statistics === null
    ? { code: 'BACKEND_PROTOCOL', message: 'the answer ended without statistics' }
    : null;
}
