import type { ServerResponse } from 'node:http';
import type { Seconds } from '../../core/units.ts';
import type { AnswerToken } from './answer.ts';
import type { ToolCall } from './catalog.ts';
import type { JsonRecord } from './json.ts';
import type { PredictionOutcome, PromptProgress } from './prediction.ts';
import type { Refusal } from './refusal.ts';
import { modelUnloaded, restError, statusOf } from './refusal.ts';
import { replyJson } from './route.ts';
import { progressRatio } from './shapes.ts';
import type { SseStream } from './sse.ts';
import { openSse } from './sse.ts';
import type { ChatEnd } from './transcript.ts';
import { failureOf, sectionOf, Transcript, toolOutput } from './transcript.ts';

/** Where an answer goes, event by event: a stream, or one body at the end. */
export interface ChatSink {
  start(instanceId: string): void;
  loadStart(): void;
  loadProgress(progress: number): void;
  loadEnd(load_s: Seconds): void;
  prompt(progress: PromptProgress): void;
  tool(call: ToolCall, provider: JsonRecord): void;
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
    tool: (call, provider) => said.call(toolOutput(call, provider)),
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

  tool(call: ToolCall, provider: JsonRecord): void {
    const about = { tool: call.tool, provider_info: provider };
    const whole = { ...about, arguments: call.arguments };
    this.stream.event('tool_call.start', about);
    this.stream.event('tool_call.arguments', whole);
    if (call.output === null) this.stream.event('tool_call.failure', failureOf(call, provider));
    else this.stream.event('tool_call.success', { ...whole, output: call.output });
    this.said.call(toolOutput(call, provider));
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
