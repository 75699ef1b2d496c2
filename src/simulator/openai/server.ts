import type { Instance } from '../lmstudio/instance.ts';
import { type JsonRecord, numberAt, textAt } from '../lmstudio/json.ts';
import type { LabServer } from '../lmstudio/lab.ts';
import type { PredictionOutcome } from '../lmstudio/prediction.ts';
import { Refusal, statusOf } from '../lmstudio/refusal.ts';
import type { Exchange, RouteTable } from '../lmstudio/route.ts';
import { replyJson } from '../lmstudio/route.ts';
import { contextOf_tok } from '../lmstudio/settings.ts';
import { chunkWriter, plainUsage } from '../serving/chunks.ts';
import { type ChatOrder, serveChat } from '../serving/course.ts';
import { type Dialect, replyText } from '../serving/dialect.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../serving/stand-in.ts';
import { metricsText } from './metrics.ts';

/** `other`: no more than OpenAI's own form. LM Studio's endpoint is the stand-in LM Studio's. */
export type OpenAiKind = 'other' | 'vllm' | 'mlx' | 'tabby';

export interface OpenAiStandInOptions extends StandInOptions {
  readonly kind?: OpenAiKind;
}

/** A stand-in for a server with OpenAI's chat completions, with the extras of its kind. */
export function startOpenAiStandIn(options: OpenAiStandInOptions): Promise<StandIn> {
  return startStandIn(options, { version: '1.0.0', dialect: dialectOf(options.kind ?? 'other') });
}

function dialectOf(kind: OpenAiKind): Dialect {
  const { open, routes } = SIGNATURES[kind];
  const listModels = (lab: LabServer, { response }: Exchange): void =>
    replyJson(response, 200, { object: 'list', data: modelsOf(lab, kind) });
  return {
    open,
    routes: {
      ...routes,
      'GET /v1/models': listModels,
      'POST /v1/chat/completions': (lab, exchange) => chat(lab, exchange, kind),
    },
    refused: (refusal) => ({ status: statusOf(refusal), body: errorOf(refusal) }),
    unauthorized: () => ({
      status: 401,
      body: { error: { message: 'Invalid API key', type: 'authentication_error' } },
    }),
    unknown: (response) => replyText(response, 404, { type: 'text/html', text: 'Not Found' }),
    errorBody: (message) => ({ error: { message, type: 'internal_error' } }),
  };
}

/** By what each is known. Sources: the documentation of each server. */
const SIGNATURES: Readonly<Record<OpenAiKind, { readonly open: RouteTable; readonly routes: RouteTable }>> = {
  other: { open: {}, routes: {} },
  vllm: {
    open: {
      'GET /metrics': (lab, { response }) =>
        replyText(response, 200, { type: 'text/plain; version=0.0.4', text: metricsText(lab) }),
      'GET /health': (_lab, { response }) => replyText(response, 200, { type: 'text/plain', text: '' }),
    },
    routes: {},
  },
  mlx: {
    open: { 'GET /health': (_lab, { response }) => replyJson(response, 200, { status: 'ok' }) },
    routes: {},
  },
  tabby: {
    open: {
      'GET /.well-known/serviceinfo': (_lab, { response }) =>
        replyJson(response, 200, { version: 0.1, software: { name: 'TabbyAPI' } }),
      'GET /health': (_lab, { response }) => replyJson(response, 200, { status: 'healthy', issues: [] }),
    },
    routes: { 'GET /v1/model': residentModel },
  },
};

const OWNERS: Readonly<Record<OpenAiKind, JsonRecord>> = {
  other: { owned_by: 'someone' },
  vllm: { owned_by: 'vllm' },
  mlx: {},
  tabby: { owned_by: 'tabbyAPI' },
};

/** vLLM serves what it was started with; the others list what they could load. */
function modelsOf(lab: LabServer, kind: OpenAiKind): JsonRecord[] {
  const resident = new Map(lab.engine.loaded().map(({ origin }) => [origin.model.key, origin]));
  const llms = lab.engine.catalog.filter(
    ({ type, deviceIdentifier }) => type === 'llm' && deviceIdentifier === null,
  );
  const listed = kind === 'vllm' ? llms.filter(({ key }) => resident.has(key)) : llms;
  return listed.map((model) => {
    const settings = resident.get(model.key)?.settings;
    const length = kind === 'vllm' && settings ? { max_model_len: contextOf_tok(model, settings) } : {};
    return { id: model.key, object: 'model', ...OWNERS[kind], ...length };
  });
}

function residentModel(lab: LabServer, { response }: Exchange): void {
  const [instance] = lab.engine.loaded();
  if (instance === undefined) replyJson(response, 503, { detail: 'No models are currently loaded.' });
  else replyJson(response, 200, residentOf(instance));
}

function residentOf({ origin: { model, settings } }: Instance): JsonRecord {
  const parameters = { max_seq_len: contextOf_tok(model, settings), cache_mode: 'FP16' };
  return { id: model.key, object: 'model', owned_by: 'tabbyAPI', parameters };
}

function errorOf({ kind, message }: Refusal): JsonRecord {
  return { error: { message, type: kind, param: null, code: null } };
}

/** The model of a request; one that is not in memory takes the place of the one that is, but for vLLM. */
async function instanceFor(
  lab: LabServer,
  { body, signal }: Exchange,
  kind: OpenAiKind,
): Promise<Instance | null> {
  const name = textAt(body, 'model') ?? '';
  const present = lab.engine.instanceOf(name);
  if (present !== undefined) return present;
  const model = lab.engine.catalog.find(({ key, type }) => key === name && type === 'llm');
  if (model === undefined || kind === 'vllm')
    throw new Refusal('model_not_found', { title: `The model \`${name}\` does not exist.` });
  const instance = await lab.engine.load({ model, requested: {}, ttl_s: null, justInTime: false, signal });
  for (const other of lab.engine.loaded())
    if (instance !== null && other !== instance) lab.engine.remove(other);
  return instance;
}

async function chat(lab: LabServer, exchange: Exchange, kind: OpenAiKind): Promise<void> {
  const instance = await instanceFor(lab, exchange, kind);
  if (instance === null) return;
  const writer = chunkWriter(lab, exchange, {
    model: instance.origin.identifier,
    reasoningKey: kind === 'mlx' ? 'reasoning' : 'reasoning_content',
    prompt: ({ progress }, stream) => {
      if (kind !== 'mlx') return;
      const { cached_tok, processed_tok, left_tok } = progress;
      stream.comment(`keepalive ${processed_tok}/${cached_tok + processed_tok + left_tok}`);
    },
    usage: (outcome) => ({ ...plainUsage(outcome), ...EXTRAS[kind](outcome) }),
    error: errorOf,
  });
  const limit_tok = numberAt(exchange.body, 'max_tokens') ?? -1;
  const order: ChatOrder = { instance, maxOutput_tok: limit_tok < 0 ? null : limit_tok, cold: false };
  await serveChat(lab, exchange, { order, writer });
}

/** What each kind puts into `usage` beside the counts. */
const EXTRAS: Readonly<Record<OpenAiKind, (outcome: PredictionOutcome) => JsonRecord>> = {
  other: () => ({}),
  vllm: () => ({}),
  mlx: ({ cached_tok }) => ({ prompt_tokens_details: { cached_tokens: cached_tok } }),
  tabby: ({ requested_s, promptStart_s, firstToken_s, ended_s }) => ({
    prompt_time: hundredths((firstToken_s ?? ended_s) - (promptStart_s ?? ended_s)),
    completion_time: hundredths(ended_s - (firstToken_s ?? ended_s)),
    total_time: hundredths(ended_s - requested_s),
  }),
};

function hundredths(span_s: number): number {
  return Number(span_s.toFixed(2));
}
