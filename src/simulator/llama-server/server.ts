import { MS_PER_S } from '../../core/units.ts';
import type { LabModel } from '../lmstudio/catalog.ts';
import type { Instance } from '../lmstudio/instance.ts';
import { booleanAt, type JsonRecord, numberAt } from '../lmstudio/json.ts';
import type { LabServer } from '../lmstudio/lab.ts';
import { identifierNotFound, modelUnloaded, type Refusal, statusOf } from '../lmstudio/refusal.ts';
import type { Exchange } from '../lmstudio/route.ts';
import { replyJson } from '../lmstudio/route.ts';
import { contextOf_tok, parallelOf } from '../lmstudio/settings.ts';
import { chunkWriter, plainUsage } from '../serving/chunks.ts';
import { type Course, serveChat } from '../serving/course.ts';
import { type Dialect, replyText } from '../serving/dialect.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../serving/stand-in.ts';

const VERSION = 'b9931-0a1b2c3d';
const BILLION = 1e9;

/** A stand-in for llama.cpp's llama-server: one model, in memory from the start. Source: llama.cpp tools/server/README.md. */
export function startLlamaServerStandIn(options: StandInOptions): Promise<StandIn> {
  return startStandIn(options, { version: VERSION, dialect: DIALECT });
}

const DIALECT: Dialect = {
  open: { 'GET /health': health, 'GET /v1/models': listModels },
  routes: { 'GET /props': props, 'GET /slots': slots, 'POST /v1/chat/completions': chat },
  refused: (refusal) => ({ status: statusOf(refusal), body: errorOf(refusal) }),
  unauthorized: () => ({
    status: 401,
    body: { error: { code: 401, message: 'Invalid API Key', type: 'authentication_error' } },
  }),
  unknown: (response) =>
    replyJson(response, 404, {
      error: { code: 404, message: 'File Not Found', type: 'not_found_error' },
    }),
  errorBody: (message) => ({ error: { code: 500, message, type: 'server_error' } }),
};

function errorOf(refusal: Refusal): JsonRecord {
  return { error: { code: statusOf(refusal), message: refusal.message, type: 'server_error' } };
}

function onlyInstance(lab: LabServer): Instance {
  const [instance] = lab.engine.loaded();
  if (instance === undefined) throw modelUnloaded();
  return instance;
}

function health(lab: LabServer, { response }: Exchange): void {
  const ready = lab.engine.loaded().length > 0;
  replyJson(response, ready ? 200 : 503, ready ? { status: 'ok' } : LOADING);
}

const LOADING = { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } };

function listModels(lab: LabServer, { response }: Exchange): void {
  const loaded = lab.engine.loaded();
  const entries = loaded.map(({ origin }) => ({
    id: origin.model.key,
    object: 'model',
    owned_by: 'llamacpp',
    meta: metaOf(origin.model),
  }));
  if (loaded.length === 0) replyJson(response, 503, LOADING);
  else replyJson(response, 200, { object: 'list', data: entries });
}

function metaOf({ params, size_B, maxContext_tok }: LabModel): JsonRecord {
  return { n_params: Number.parseFloat(params) * BILLION, size: size_B, n_ctx_train: maxContext_tok };
}

function props(lab: LabServer, { response }: Exchange): void {
  const [instance] = lab.engine.loaded();
  if (instance === undefined) replyJson(response, 503, LOADING);
  else replyJson(response, 200, propsOf(lab, instance));
}

function propsOf(lab: LabServer, { origin: { model, settings } }: Instance): JsonRecord {
  return {
    build_info: lab.version,
    total_slots: parallelOf(settings),
    model_path: model.path,
    default_generation_settings: {
      n_ctx: contextOf_tok(model, settings),
      speculative: false,
      params: PARAMS,
    },
    modalities: { vision: model.vision, audio: false },
  };
}

/** Source: llama.cpp tools/server/README.md, default of each sampling parameter. */
const PARAMS = {
  temperature: 0.8,
  top_k: 40,
  top_p: 0.95,
  min_p: 0.05,
  repeat_penalty: 1,
  seed: 4_294_967_295,
};

/** Switched off with `--no-slots`: the fault `unknown-endpoint` on this path. */
function slots(lab: LabServer, { response }: Exchange): void {
  const instance = onlyInstance(lab);
  const list = Array.from({ length: parallelOf(instance.origin.settings) }, (_, id) => ({
    id,
    is_processing: id === 0 && instance.status !== 'idle',
  }));
  replyText(response, 200, { type: 'application/json', text: JSON.stringify(list) });
}

async function chat(lab: LabServer, exchange: Exchange): Promise<void> {
  const { body } = exchange;
  const instance = onlyInstance(lab);
  const withTimings = booleanAt(body, 'timings_per_token') === true;
  const withProgress = booleanAt(body, 'return_progress') === true;
  const writer = chunkWriter(lab, exchange, {
    model: instance.origin.model.key,
    reasoningKey: 'reasoning_content',
    token: (course) => (withTimings ? { timings: timingsOf(course) } : {}),
    prompt: (course, stream) => {
      if (withProgress)
        stream.line(
          JSON.stringify({
            model: instance.origin.model.key,
            choices: [],
            prompt_progress: progressOf(course),
          }),
        );
    },
    last: (_outcome, course) => ({ timings: timingsOf(course) }),
    usage: (outcome) => ({
      ...plainUsage(outcome),
      prompt_tokens_details: { cached_tokens: outcome.cached_tok },
    }),
    error: errorOf,
  });
  const limit_tok = numberAt(body, 'max_tokens') ?? -1;
  const order = {
    instance,
    maxOutput_tok: limit_tok < 0 ? null : limit_tok,
    cold: booleanAt(body, 'cache_prompt') === false,
  };
  if (!lab.engine.loaded().includes(instance)) throw identifierNotFound(instance.origin.identifier, []);
  await serveChat(lab, exchange, { order, writer });
}

function progressOf({ progress, promptStart_s, now_s }: Course): JsonRecord {
  const { cached_tok, processed_tok, left_tok } = progress;
  return {
    total: cached_tok + processed_tok + left_tok,
    cache: cached_tok,
    processed: cached_tok + processed_tok,
    time_ms: span_ms(promptStart_s, now_s),
  };
}

/** Source: llama.cpp tools/server/server-task.cpp, result_timings. Draft counts are left out where nothing was drafted. */
function timingsOf({ promptStart_s, firstToken_s, now_s, progress, output_tok }: Course): JsonRecord {
  const prompt_ms = span_ms(promptStart_s, firstToken_s);
  const predicted_ms = span_ms(firstToken_s, now_s);
  return {
    cache_n: progress.cached_tok,
    prompt_n: progress.processed_tok,
    prompt_ms,
    prompt_per_token_ms: prompt_ms / progress.processed_tok,
    prompt_per_second: (progress.processed_tok / prompt_ms) * MS_PER_S,
    predicted_n: output_tok,
    predicted_ms,
    predicted_per_token_ms: predicted_ms / output_tok,
    predicted_per_second: (output_tok / predicted_ms) * MS_PER_S,
  };
}

function span_ms(from_s: number | null, to_s: number | null): number {
  return from_s === null || to_s === null ? 0 : (to_s - from_s) * MS_PER_S;
}
