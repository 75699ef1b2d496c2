import type { ServerResponse } from 'node:http';
import { MS_PER_S } from '../../core/units.ts';
import type { AnswerToken } from '../lmstudio/answer.ts';
import type { JsonRecord } from '../lmstudio/json.ts';
import { booleanAt, recordAt } from '../lmstudio/json.ts';
import type { LabServer } from '../lmstudio/lab.ts';
import type { PredictionOutcome } from '../lmstudio/prediction.ts';
import { modelUnloaded, type Refusal } from '../lmstudio/refusal.ts';
import { openSse, type SseStream } from '../lmstudio/sse.ts';
import type { AnswerWriter, Course } from './course.ts';

/** What a kind of server adds to OpenAI's chunks, or words otherwise. */
export interface ChunkForm {
  /** Name that the chunks bear. */
  readonly model: string;
  readonly reasoningKey: 'reasoning_content' | 'reasoning';
  /** Beside the choices of every token's chunk. */
  token?(course: Course): JsonRecord;
  /** A chunk, or a comment, while the prompt is processed. */
  prompt?(course: Course, stream: SseStream): void;
  /** Beside the choices of the closing chunk. */
  last?(outcome: PredictionOutcome, course: Course): JsonRecord;
  usage(outcome: PredictionOutcome, course: Course): JsonRecord;
  error(refusal: Refusal): JsonRecord;
}

/** OpenAI's stream: a role, tokens, a closing chunk with its reason, the counts where asked for, [DONE]. */
export function chunkWriter(
  lab: LabServer,
  { body, response }: { readonly body: JsonRecord; readonly response: ServerResponse },
  form: ChunkForm,
): AnswerWriter {
  const id = `chatcmpl-${String(lab.requests.length).padStart(20, '0')}`;
  const withCounts = booleanAt(recordAt(body, 'stream_options'), 'include_usage') === true;
  const created = Math.floor(Date.parse(lab.clock.wallAt()) / MS_PER_S);
  const head = { id, object: 'chat.completion.chunk', created, model: form.model };
  const chunk = (delta: JsonRecord, finish: string | null, more: JsonRecord = {}): void =>
    stream().line(
      JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }], ...more }),
    );
  let opened: SseStream | null = null;
  const stream = (): SseStream => {
    if (opened !== null) return opened;
    opened = openSse(response);
    chunk({ role: 'assistant', content: null }, null);
    return opened;
  };
  return {
    prompt: (course) => form.prompt?.(course, stream()),
    token: (token, course) => chunk(deltaOf(token, form), null, form.token?.(course)),
    end: (outcome, course) => {
      if (outcome.stopReason === 'modelUnloaded') stream().line(JSON.stringify(form.error(modelUnloaded())));
      else {
        chunk({}, finishOf(outcome), form.last?.(outcome, course));
        const counts = { ...head, choices: [], usage: form.usage(outcome, course) };
        if (withCounts) stream().line(JSON.stringify(counts));
        stream().line('[DONE]');
      }
      stream().end();
    },
    fail: (refusal) => {
      stream().line(JSON.stringify(form.error(refusal)));
      stream().end();
    },
    garbage: () => stream().line('{"id":"chatcmpl-'),
  };
}

function deltaOf({ text, sort }: AnswerToken, { reasoningKey }: ChunkForm): JsonRecord {
  return sort === 'content' ? { content: text } : { [reasoningKey]: text };
}

function finishOf({ stopReason }: PredictionOutcome): string {
  return ['maxPredictedTokensReached', 'contextLengthReached'].includes(stopReason) ? 'length' : 'stop';
}

/** The counts that all of them have. */
export function plainUsage({ prompt_tok, output_tok }: PredictionOutcome): JsonRecord {
  return {
    prompt_tokens: prompt_tok,
    completion_tokens: output_tok,
    total_tokens: prompt_tok + output_tok,
  };
}
