import type { JsonRecord } from './json.ts';
import { booleanAt, isRecord, numberAt, recordsAt, textAt } from './json.ts';
import type { LabServer } from './lab.ts';
import { invalidParameter, missingParameter, unknownKeys } from './refusal.ts';
import { loadSettingsOf } from './rest-models.ts';
import type { Settings } from './settings.ts';
import type { ChatMessage } from './tokens.ts';

/** All that `/api/v1/chat` takes; any other key is refused. Source: LM Studio documentation, chat. */
const CHAT_KEYS = [
  'model',
  'input',
  'system_prompt',
  'integrations',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'repeat_penalty',
  'max_output_tokens',
  'reasoning',
  'context_length',
  'store',
  'previous_response_id',
];

const REASONING = ['off', 'low', 'medium', 'high', 'on'];

export interface ChatRequest {
  readonly model: string;
  /** Earlier turns, system prompt and question, in order. */
  readonly messages: readonly ChatMessage[];
  readonly stream: boolean;
  readonly store: boolean;
  readonly thinks: boolean;
  readonly maxOutput_tok: number | null;
  /** Who provides tools; null where nobody does. */
  readonly provider: JsonRecord | null;
  /** For a model that has to be loaded first. */
  readonly requested: Settings;
}

/** @throws {Refusal} for keys that are unknown, missing or out of range */
export function parseChatRequest(lab: LabServer, body: JsonRecord): ChatRequest {
  const unknown = unknownKeys(body, CHAT_KEYS);
  if (unknown !== null) throw unknown;
  const model = textAt(body, 'model');
  if (model === undefined) throw missingParameter('model');
  checkSampling(body);
  return {
    model,
    messages: messagesOf(lab, body),
    stream: booleanAt(body, 'stream') ?? false,
    store: booleanAt(body, 'store') ?? true,
    thinks: thinksOf(lab, model, textAt(body, 'reasoning')),
    maxOutput_tok: numberAt(body, 'max_output_tokens') ?? null,
    provider: providerOf(body['integrations']),
    requested: loadSettingsOf({ context_length: body['context_length'] }),
  };
}

function messagesOf(lab: LabServer, body: JsonRecord): ChatMessage[] {
  const input = textAt(body, 'input') ?? textOfParts(body);
  if (input === null) throw missingParameter('input');
  const system = textAt(body, 'system_prompt');
  const previous = textAt(body, 'previous_response_id');
  const earlier = previous === undefined ? [] : lab.responses.get(previous);
  if (earlier === undefined) {
    throw invalidParameter('previous_response_id', `No response with id '${previous}'`);
  }
  return [
    ...(system === undefined ? [] : [{ role: 'system', text: system }]),
    ...earlier.filter(({ role }) => role !== 'system' || system === undefined),
    { role: 'user', text: input },
  ];
}

/** The first integration, as events name it. */
function providerOf(integrations: unknown): JsonRecord | null {
  const first: unknown = Array.isArray(integrations) ? integrations[0] : undefined;
  if (typeof first === 'string') return { type: 'plugin', plugin_id: first };
  if (!isRecord(first)) return null;
  const label = textAt(first, 'server_label');
  return label === undefined
    ? { type: 'plugin', plugin_id: textAt(first, 'id') ?? '' }
    : { type: 'ephemeral_mcp', server_label: label };
}

/** Text items of a list; null where `input` is none. */
function textOfParts(body: JsonRecord): string | null {
  if (!Array.isArray(body['input'])) return null;
  return recordsAt(body, 'input')
    .map((part) => textAt(part, 'content') ?? '')
    .join('');
}

function checkSampling(body: JsonRecord): void {
  const temperature = body['temperature'];
  if (temperature !== undefined && !(Number(temperature) >= 0 && Number(temperature) <= 1)) {
    throw invalidParameter('temperature', 'Number must be between 0 and 1');
  }
  const limit = body['max_output_tokens'];
  if (limit !== undefined && !(Number.isInteger(limit) && Number(limit) >= 1)) {
    throw invalidParameter('max_output_tokens', 'Number must be an integer greater than or equal to 1');
  }
}

function thinksOf(lab: LabServer, name: string, reasoning: string | undefined): boolean {
  if (reasoning === undefined) return true;
  const model = lab.engine.instanceOf(name)?.origin.model ?? lab.engine.find(name);
  if (!REASONING.includes(reasoning) || model.reasoning_tok === undefined) {
    throw invalidParameter('reasoning', `Reasoning setting '${reasoning}' is not supported by this model`);
  }
  return reasoning !== 'off';
}
