import type { ServerResponse } from 'node:http';
import type { Seconds } from '../core/units.ts';
import type { AnswerToken } from './lmstudio-answer.ts';
import type { JsonRecord } from './lmstudio-json.ts';
import type { PredictionOutcome, PromptProgress } from './lmstudio-prediction.ts';
import type { Refusal } from './lmstudio-refusal.ts';
import { modelUnloaded, restError, statusOf } from './lmstudio-refusal.ts';
import { replyJson } from './lmstudio-route.ts';
import { progressRatio, tokPerSOf } from './lmstudio-shapes.ts';
import type { SseStream } from './lmstudio-sse.ts';
import { openSse } from './lmstudio-sse.ts';

export interface ChatEnd {
  readonly load_s: Seconds | null;
  readonly responseId: string | null;
}

/** Where an answer goes, event by event: a stream, or one body at the end. */
export interface ChatSink {
  start(instanceId: string): void;
  loadStart(): void;
  loadProgress(progress: number): void;
  loadEnd(load_s: Seconds): void;
  prompt(progress: PromptProgress): void;
  token(token: AnswerToken, bad: boolean): void;
  end(outcome: PredictionOutcome, end: ChatEnd): void;
  fail(refusal: Refusal): void;
  /** What was said so far, without reasoning. */
  text(): string;
  garbage(): void;
  /** Ends without the closing event. */
  cut(): void;
}

/** The whole answer in one body. */
export function bodySink(response: ServerResponse): ChatSink {
  const said = new Transcript();
  const nothing = (): void => undefined;
  return {
    start: (instanceId) => said.begin(instanceId),
    loadStart: nothing,
    loadProgress: nothing,
    loadEnd: nothing,
    prompt: nothing,
    token: (token) => said.add(token),
    end: (outcome, end) => {
      if (outcome.stopReason === 'modelUnloaded') refuse(response, modelUnloaded());
      else replyJson(response, 200, said.result(outcome, end));
    },
    fail: (refusal) => refuse(response, refusal),
    text: () => said.text('message'),
    garbage: nothing,
    cut: () => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end('{"model_instance_id":"');
    },
  };
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  replyJson(response, statusOf(refusal), { error: restError(refusal) });
}

/** Server-sent events. Source of names and order: LM Studio documentation, streaming events. */
export function eventSink(response: ServerResponse): ChatSink {
  return new EventSink(openSse(response));
}

class EventSink implements ChatSink {
  private readonly said = new Transcript();
  private readonly stream: SseStream;
  private promptBegun = false;
  private section: 'reasoning' | 'message' | null = null;

  constructor(stream: SseStream) {
    this.stream = stream;
  }

  start(instanceId: string): void {
    this.said.begin(instanceId);
    this.stream.event('chat.start', this.said.name());
  }

  loadStart(): void {
    this.stream.event('model_load.start', this.said.name());
  }

  loadProgress(progress: number): void {
    this.stream.event('model_load.progress', { ...this.said.name(), progress });
  }

  loadEnd(load_s: Seconds): void {
    this.stream.event('model_load.end', { ...this.said.name(), load_time_seconds: load_s });
  }

  prompt(progress: PromptProgress): void {
    if (!this.promptBegun) this.stream.event('prompt_processing.start', {});
    this.promptBegun = true;
    this.stream.event('prompt_processing.progress', { progress: progressRatio(progress) });
    if (progress.left_tok === 0) this.stream.event('prompt_processing.end', {});
  }

  token(token: AnswerToken, bad: boolean): void {
    const section = sectionOf(token);
    this.enter(section);
    this.said.add(token);
    this.stream.event(`${section}.delta`, bad ? {} : { content: token.text });
  }

  end(outcome: PredictionOutcome, end: ChatEnd): void {
    this.enter(null);
    if (outcome.stopReason === 'modelUnloaded') {
      this.stream.event('error', { error: restError(modelUnloaded()) });
    }
    this.stream.event('chat.end', { result: this.said.result(outcome, end) });
    this.stream.end();
  }

  fail(refusal: Refusal): void {
    this.enter(null);
    this.stream.event('error', { error: restError(refusal) });
    this.stream.event('chat.end', { result: this.said.failure() });
    this.stream.end();
  }

  text(): string {
    return this.said.text('message');
  }

  garbage(): void {
    this.stream.line('{"type":"message.delta","content":');
  }

  cut(): void {
    this.stream.end();
  }

  private enter(section: 'reasoning' | 'message' | null): void {
    if (section === this.section) return;
    if (this.section !== null) this.stream.event(`${this.section}.end`, {});
    if (section !== null) this.stream.event(`${section}.start`, {});
    this.section = section;
  }
}

function sectionOf(token: AnswerToken): 'reasoning' | 'message' {
  return token.sort === 'reasoning' ? 'reasoning' : 'message';
}

/** What was said, and the result that closes it. */
class Transcript {
  private instanceId = '';
  private readonly tokens: AnswerToken[] = [];

  begin(instanceId: string): void {
    this.instanceId = instanceId;
  }

  name(): JsonRecord {
    return { model_instance_id: this.instanceId };
  }

  add(token: AnswerToken): void {
    this.tokens.push(token);
  }

  text(section: 'reasoning' | 'message'): string {
    return this.tokens
      .filter((token) => sectionOf(token) === section)
      .map((token) => token.text)
      .join('');
  }

  result(outcome: PredictionOutcome, { load_s, responseId }: ChatEnd): JsonRecord {
    return {
      ...this.name(),
      output: this.output(),
      stats: {
        input_tokens: outcome.prompt_tok,
        total_output_tokens: outcome.output_tok,
        reasoning_output_tokens: outcome.reasoning_tok,
        tokens_per_second: tokPerSOf(outcome) ?? 0,
        time_to_first_token_seconds: (outcome.firstToken_s ?? outcome.ended_s) - outcome.requested_s,
        ...(load_s === null ? {} : { model_load_time_seconds: load_s }),
      },
      ...(responseId === null ? {} : { response_id: responseId }),
    };
  }

  /** After an error the documentation promises a result all the same; counts are those of what arrived. */
  failure(): JsonRecord {
    const reasoning = this.tokens.filter((token) => token.sort === 'reasoning').length;
    return {
      ...this.name(),
      output: this.output(),
      stats: {
        input_tokens: 0,
        total_output_tokens: this.tokens.length,
        reasoning_output_tokens: reasoning,
        tokens_per_second: 0,
        time_to_first_token_seconds: 0,
      },
    };
  }

  private output(): JsonRecord[] {
    return (['reasoning', 'message'] as const)
      .map((type) => ({ type, content: this.text(type) }))
      .filter(({ content }) => content !== '');
  }
}
