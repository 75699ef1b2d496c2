import type { Message, Order } from './order.ts';

/** A request that is refused, with the answer's status. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request of POST /v1/chat/completions, and how its answer is to look. */
export interface ChatRequest {
  readonly order: Order;
  readonly withUsage: boolean;
  readonly timingsPerToken: boolean;
  readonly withProgress: boolean;
}

/** Source: llama.cpp tools/server/README.md, default sampling settings. */
const DEFAULTS = {
  temperature: 0.8,
  top_k: 40,
  top_p: 0.95,
  min_p: 0.05,
  repeat_penalty: 1,
  max_tokens: 128,
} as const;

/** What the engine would have to pass over in silence is refused. @throws {Refusal} */
export function readRequest(text: string, cachePrompt: boolean): ChatRequest {
  const body = objectOf(text);
  if (body['stream'] !== true) throw new Refusal(400, 'only streams: say "stream": true');
  for (const name of ['stop', 'tools', 'grammar', 'response_format'])
    if (body[name] !== undefined && body[name] !== null) throw new Refusal(400, `${name} is not supported`);
  const number = (name: keyof typeof DEFAULTS): number => numberOf(body, name) ?? DEFAULTS[name];
  const limit_tok = number('max_tokens');
  if (!Number.isInteger(limit_tok) || limit_tok < 1)
    throw new Refusal(400, 'max_tokens is a whole number above 0');
  return {
    order: {
      model: typeof body['model'] === 'string' ? body['model'] : '',
      messages: messagesOf(body['messages']),
      limit_tok,
      sampling: {
        temperature: number('temperature'),
        topK: number('top_k'),
        topP: number('top_p'),
        minP: number('min_p'),
        repeatPenalty: number('repeat_penalty'),
        seed: numberOf(body, 'seed'),
      },
      reusePrompt: typeof body['cache_prompt'] === 'boolean' ? body['cache_prompt'] : cachePrompt,
    },
    withUsage: isObject(body['stream_options']) && body['stream_options']['include_usage'] === true,
    timingsPerToken: body['timings_per_token'] === true,
    withProgress: body['return_progress'] === true,
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
  throw new Refusal(400, 'the body is not a JSON object');
}

function numberOf(body: JsonObject, name: string): number | null {
  const value = body[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Refusal(400, `${name} is not a number`);
  return value;
}

function messagesOf(value: unknown): Message[] {
  const messages = Array.isArray(value) ? value.filter(isMessage) : [];
  if (!Array.isArray(value) || messages.length === 0 || messages.length < value.length)
    throw new Refusal(400, 'messages is a list of {role, content}');
  return messages;
}

function isMessage(value: unknown): value is Message {
  return isObject(value) && typeof value['role'] === 'string' && typeof value['content'] === 'string';
}
