import { MS_PER_S } from '../../core/units.ts';
import { answerEvents, openAiMessagesOf, questionOf } from './chat.ts';
import { JIT_TTL_S, loadJustInTime } from './jit.ts';
import type { JsonRecord } from './json.ts';
import { booleanAt, numberAt, recordAt, textAt } from './json.ts';
import type { LabServer } from './lab.ts';
import type { PredictionOutcome } from './prediction.ts';
import { missingParameter, modelUnloaded, Refusal, statusOf } from './refusal.ts';
import type { Exchange, RouteTable } from './route.ts';
import { replyJson } from './route.ts';
import type { SseStream } from './sse.ts';
import { openSse } from './sse.ts';
import { applyTemplate } from './tokens.ts';

export const OPENAI_ROUTES: RouteTable = {
  'GET /v1/models': listModels,
  'POST /v1/chat/completions': completeChat,
};

function listModels(lab: LabServer, { response }: Exchange): void {
  const shown = lab.faults.noJustInTime
    ? lab.engine.identifiers()
    : lab.engine.catalog.map((model) => model.key);
  replyJson(response, 200, {
    data: shown.map((id) => ({ id, object: 'model', owned_by: 'organization_owner' })),
    object: 'list',
  });
}

async function completeChat(lab: LabServer, exchange: Exchange): Promise<void> {
  try {
    await serve(lab, exchange);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    replyJson(exchange.response, statusOf(thrown), { error: openAiError(thrown) });
  }
}

/** Source: LM Studio bug tracker, issue 1730. */
function openAiError({ message, parameter }: Refusal): JsonRecord {
  return { message, type: 'invalid_request_error', param: parameter?.param ?? null, code: null };
}

async function serve(lab: LabServer, { body, response, signal }: Exchange): Promise<void> {
  const messages = openAiMessagesOf(body);
  if (messages.length === 0) throw missingParameter('messages');
  const ready = await loadJustInTime(lab, {
    key: servedKey(lab, textAt(body, 'model') ?? ''),
    requested: {},
    ttl_s: numberAt(body, 'ttl') ?? JIT_TTL_S,
    signal,
  });
  if (ready === null) return;
  const order = {
    instance: ready.instance,
    question: questionOf(messages),
    prompt: applyTemplate(messages),
    maxOutput_tok: limitOf(body),
    stopStrings: stopsOf(body),
    thinks: true,
    signal,
  };
  const reply = new OpenAiReply(lab, ready.instance.origin.identifier, {
    stream: booleanAt(body, 'stream') === true ? openSse(response) : null,
    includeCounts: booleanAt(recordAt(body, 'stream_options'), 'include_usage') === true,
  });
  const line = { drop: () => response.destroy(), garbage: () => reply.garbage() };
  for await (const event of answerEvents(lab, order, line)) {
    if (event.type === 'truncated') return void response.end();
    if (event.type === 'token') reply.token(event.token.text, event.token.sort);
    else if (event.type === 'end') {
      const whole = reply.end(event.outcome);
      if (whole !== null) replyJson(response, 200, whole);
    }
  }
}

/** A wrong name is served by the one model in memory. Source: LM Studio bug tracker, issue 619. */
function servedKey(lab: LabServer, name: string): string {
  const known =
    lab.engine.instanceOf(name) !== undefined || lab.engine.catalog.some(({ key }) => key === name);
  const llms = lab.engine.loaded().filter(({ origin }) => origin.model.type === 'llm');
  const [only] = llms;
  return !known && llms.length === 1 && only !== undefined ? only.origin.identifier : name;
}

/** Negative limits mean none. */
function limitOf(body: JsonRecord): number | null {
  const limit = numberAt(body, 'max_tokens') ?? numberAt(body, 'max_completion_tokens') ?? -1;
  return limit < 0 ? null : limit;
}

function stopsOf(body: JsonRecord): string[] {
  const stop = body['stop'];
  if (typeof stop === 'string') return [stop];
  return Array.isArray(stop) ? stop.filter((text) => typeof text === 'string') : [];
}

interface ReplyForm {
  /** Null: one body at the end. */
  readonly stream: SseStream | null;
  readonly includeCounts: boolean;
}

/** OpenAI's words for an answer, chunk by chunk or whole. */
class OpenAiReply {
  private readonly lab: LabServer;
  private readonly model: string;
  private readonly form: ReplyForm;
  private readonly id: string;
  private content = '';
  private reasoning = '';

  constructor(lab: LabServer, model: string, form: ReplyForm) {
    this.lab = lab;
    this.model = model;
    this.form = form;
    this.id = `chatcmpl-${String(lab.requests.length).padStart(20, '0')}`;
  }

  token(text: string, sort: 'content' | 'reasoning'): void {
    const first = this.content === '' && this.reasoning === '' ? { role: 'assistant' } : {};
    if (sort === 'content') this.content += text;
    else this.reasoning += text;
    this.chunk({ ...first, [sort === 'content' ? 'content' : 'reasoning_content']: text }, null);
  }

  /** The whole body; null where it was streamed. @throws {Refusal} unloaded before anything was streamed */
  end(outcome: PredictionOutcome): JsonRecord | null {
    const { stream } = this.form;
    if (outcome.stopReason === 'modelUnloaded') {
      if (stream === null) throw modelUnloaded();
      stream.line(JSON.stringify({ error: openAiError(modelUnloaded()) }));
      stream.end();
      return null;
    }
    const counts = this.counts(outcome);
    if (stream === null) return this.whole(outcome, counts);
    this.chunk({}, finishOf(outcome));
    if (this.form.includeCounts) {
      stream.line(JSON.stringify({ ...this.head('chat.completion.chunk'), choices: [], usage: counts }));
    }
    stream.line('[DONE]');
    stream.end();
    return null;
  }

  garbage(): void {
    this.form.stream?.line('{"id":"chatcmpl-');
  }

  private whole(outcome: PredictionOutcome, counts: JsonRecord): JsonRecord {
    const reasoning = this.reasoning === '' ? {} : { reasoning_content: this.reasoning };
    const message = { role: 'assistant', content: this.content, ...reasoning };
    return {
      ...this.head('chat.completion'),
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(outcome) }],
      usage: counts,
      stats: {},
    };
  }

  private chunk(delta: JsonRecord, finish: string | null): void {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    this.form.stream?.line(JSON.stringify({ ...this.head('chat.completion.chunk'), choices }));
  }

  private head(object: string): JsonRecord {
    const created = Math.floor(Date.parse(this.lab.clock.wallAt()) / MS_PER_S);
    return { id: this.id, object, created, model: this.model, system_fingerprint: this.model };
  }

  private counts(outcome: PredictionOutcome): JsonRecord {
    const short = this.lab.faults.shortCount && outcome.stopReason === 'maxPredictedTokensReached' ? 1 : 0;
    const output_tok = outcome.output_tok - short;
    return {
      prompt_tokens: outcome.prompt_tok,
      completion_tokens: output_tok,
      total_tokens: outcome.prompt_tok + output_tok,
      completion_tokens_details: { reasoning_tokens: outcome.reasoning_tok },
    };
  }
}

function finishOf(outcome: PredictionOutcome): string {
  const atLimit = ['maxPredictedTokensReached', 'contextLengthReached'].includes(outcome.stopReason);
  return atLimit ? 'length' : 'stop';
}
