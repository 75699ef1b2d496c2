import type { Seconds } from '../../core/units.ts';
import type { AnswerToken } from './answer.ts';
import type { ToolCall } from './catalog.ts';
import type { JsonRecord } from './json.ts';
import type { PredictionOutcome } from './prediction.ts';
import { tokPerSOf } from './shapes.ts';

export interface ChatEnd {
  /** Null: the model was in memory already. */
  readonly load_s: Seconds | null;
  /** Null: not stored. */
  readonly responseId: string | null;
}

export function sectionOf(token: AnswerToken): 'reasoning' | 'message' {
  return token.sort === 'reasoning' ? 'reasoning' : 'message';
}

/** A tool call in the result. Source: LM Studio documentation, chat, `output`. */
export function toolOutput(call: ToolCall, provider: JsonRecord): JsonRecord {
  if (call.output === null) return { type: 'invalid_tool_call', ...failureOf(call, provider) };
  const { tool, arguments: given, output } = call;
  return { type: 'tool_call', tool, arguments: given, output, provider_info: provider };
}

export function failureOf(call: ToolCall, provider: JsonRecord): JsonRecord {
  const metadata = {
    type: 'invalid_name',
    tool_name: call.tool,
    arguments: call.arguments,
    provider_info: provider,
  };
  return { reason: `Cannot find tool with name ${call.tool}.`, metadata };
}

/** What was said, and the result that closes it. */
export class Transcript {
  private instanceId = '';
  private readonly tokens: AnswerToken[] = [];
  private readonly calls: JsonRecord[] = [];

  begin(instanceId: string): void {
    this.instanceId = instanceId;
  }

  name(): JsonRecord {
    return { model_instance_id: this.instanceId };
  }

  add(token: AnswerToken): void {
    this.tokens.push(token);
  }

  call(output: JsonRecord): void {
    this.calls.push(output);
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
    const said = (['reasoning', 'message'] as const).map((type) => ({ type, content: this.text(type) }));
    return [...this.calls, ...said.filter(({ content }) => content !== '')];
  }
}
