import type { StopReason, TokenSort } from '../core/run.ts';
import { S_PER_NS, type Seconds } from '../core/units.ts';
import { type AnswerReader, mismatch } from './answer-stream.ts';
import type { CompletionRequest } from './backend.ts';
import { endOf, messagesOf, stopOf } from './chat-stream.ts';
import { type Collector, type Ending, NO_COUNTS } from './completion.ts';
import { codeOfComplaint, complaintOf } from './http-errors.ts';
import { countAt, type JsonObject, numberAt, objectAt, objectsAt, textAt } from './json.ts';
import { takeObjects } from './line-stream.ts';
import { fullName, runnerOptions, startedWith } from './ollama-models.ts';

/** A resident model is handed over within milliseconds; starting a process and reading weights takes longer than this. */
const LOAD_INSIDE_s = 0.5;

/**
 * Body of POST /api/chat. Neither `truncate` nor `shift`: a prompt that was cut, or a context that rolled over, would no
 * longer be the prompt that is measured. `keep_alive` is left out, so that the instance keeps the one it has.
 */
export function ollamaBody(request: CompletionRequest): JsonObject {
  const { model, prompt, inference } = request;
  const { temperature, topP, topK, minP, repeatPenalty, seed, stop } = inference;
  return {
    model: model.identifier,
    messages: messagesOf(request),
    stream: true,
    truncate: false,
    shift: false,
    options: {
      ...runnerOptions(startedWith(model.settings)),
      num_predict: inference.maxOutput_tok ?? prompt.maxOutput_tok,
      ...(temperature === null ? {} : { temperature }),
      ...(topP === null ? {} : { top_p: topP }),
      ...(topK === null ? {} : { top_k: topK }),
      ...(minP === null ? {} : { min_p: minP }),
      ...(repeatPenalty === null ? {} : { repeat_penalty: repeatPenalty }),
      ...(seed === null ? {} : { seed }),
      ...stopOf(stop),
    },
  };
}

interface ChatState {
  answered: string | null;
  last: JsonObject | null;
  error: Ending['error'];
}

/** Reads the lines of one answer. Source: Ollama docs/api.md, POST /api/chat. */
export function createOllamaReader(request: CompletionRequest, collector: Collector): AnswerReader {
  const state: ChatState = { answered: null, last: null, error: null };
  const first: { arrival_s: Seconds | null } = { arrival_s: null };
  return {
    take: takeObjects((message, at_s) => {
      const complaint = complaintOf(message);
      if (complaint !== null) {
        state.error = { code: codeOfComplaint(complaint), message: complaint.message };
        return true;
      }
      state.answered = textAt(message, 'model') ?? state.answered;
      for (const { text, sort } of piecesOf(objectAt(message, 'message') ?? {})) {
        first.arrival_s ??= at_s;
        collector.token({ arrival_s: at_s, count_tok: null, sort }, text);
      }
      if (message['done'] !== true) return false;
      state.last = message;
      tellPrompt(collector, { last: message, last_s: at_s, first_s: first.arrival_s });
      return true;
    }),
    ending: () => (state.last === null && state.error === null ? null : endingOf(state, request)),
  };
}

interface Piece {
  readonly text: string;
  readonly sort: TokenSort;
}

function piecesOf(message: JsonObject): Piece[] {
  const thinking = textAt(message, 'thinking') ?? '';
  const content = textAt(message, 'content') ?? '';
  return [
    ...(thinking === '' ? [] : [{ text: thinking, sort: 'reasoning' as const }]),
    ...(content === '' ? [] : [{ text: content, sort: 'content' as const }]),
    ...(objectsAt(message, 'tool_calls').length === 0 ? [] : [{ text: '', sort: 'tool' as const }]),
  ];
}

interface Placed {
  readonly last: JsonObject;
  readonly last_s: Seconds;
  readonly first_s: Seconds | null;
}

/**
 * Measured: arrivals of the first delta and of the last line. The server's: `prompt_eval_duration` and `eval_duration`.
 * Derived: the prompt's end, the earlier of the first delta and of `last line − eval_duration`, since each is late by a delay
 * that is never negative; and its start, `prompt_eval_duration` before. Nothing where a duration is missing: 0 is left out.
 */
function tellPrompt(collector: Collector, { last, last_s, first_s }: Placed): void {
  const prompt_ns = numberAt(last, 'prompt_eval_duration');
  const answer_ns = numberAt(last, 'eval_duration');
  if (prompt_ns === null || answer_ns === null || first_s === null) return;
  const end_s = Math.min(first_s, last_s - answer_ns * S_PER_NS);
  collector.promptWithin(end_s - prompt_ns * S_PER_NS, end_s);
}

/**
 * `prompt_eval_count` holds the cached tokens too, and no field tells how many they were: `cached_tok` stays unknown, and
 * count over `prompt_eval_duration` is no rate where a prompt repeats. Source: ollama llm/llama_server.go.
 */
function endingOf(state: ChatState, request: CompletionRequest): Ending {
  const last = state.last ?? {};
  const stopReason = stopReasonOf(state, request);
  return {
    counts: {
      ...NO_COUNTS,
      input_tok: countAt(last, 'prompt_eval_count'),
      output_tok: countAt(last, 'eval_count'),
    },
    stopReason,
    serverStatistics: statisticsOf(last),
    error: state.error ?? lostOf(stopReason) ?? loadedInside(last) ?? wrongModel(state, request),
  };
}

/** Source: ollama llm/server.go, DoneReason; `load` and `unload` answer requests without a prompt. */
const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  length: 'length',
  unload: 'unloaded',
};

function stopReasonOf({ error, last }: ChatState, { inference }: CompletionRequest): StopReason {
  if (error !== null) return error.code === 'MODEL_UNLOADED' ? 'unloaded' : 'failed';
  const reason = textAt(last ?? {}, 'done_reason') ?? '';
  return reason === 'stop' ? endOf(inference) : (STOP_REASONS[reason] ?? 'unknown');
}

function lostOf(stopReason: StopReason): Ending['error'] {
  if (stopReason !== 'unloaded') return null;
  return { code: 'MODEL_UNLOADED', message: 'the model left the memory in the answer' };
}

/** All but the last piece of the answer itself. */
function statisticsOf(last: JsonObject): JsonObject {
  const { message: _message, ...statistics } = last;
  return statistics;
}

function loadedInside(last: JsonObject): Ending['error'] {
  const load_s = (numberAt(last, 'load_duration') ?? 0) * S_PER_NS;
  if (load_s < LOAD_INSIDE_s) return null;
  return {
    code: 'MODEL_UNLOADED',
    message: `the server took ${load_s.toFixed(1)} s to load the model inside the request`,
  };
}

function wrongModel({ answered }: ChatState, { model }: CompletionRequest): Ending['error'] {
  return answered === null ? null : mismatch(model.identifier, fullName(answered));
}
