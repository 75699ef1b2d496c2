import type { ServerResponse } from 'node:http';
import { NS_PER_S } from '../../core/units.ts';
import type { LabModel } from '../lmstudio/catalog.ts';
import type { Instance } from '../lmstudio/instance.ts';
import { type JsonRecord, numberAt, recordAt, textAt } from '../lmstudio/json.ts';
import type { LabServer } from '../lmstudio/lab.ts';
import type { PredictionOutcome } from '../lmstudio/prediction.ts';
import { Refusal, statusOf } from '../lmstudio/refusal.ts';
import type { Exchange } from '../lmstudio/route.ts';
import { replyJson } from '../lmstudio/route.ts';
import { contextOf_tok, type Settings } from '../lmstudio/settings.ts';
import { hash32 } from '../lmstudio/tokens.ts';
import { type AnswerWriter, serveChat } from '../serving/course.ts';
import { type Dialect, replyText } from '../serving/dialect.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../serving/stand-in.ts';

const VERSION = '0.13.5';
const CONTEXT = 'llm.load.contextLength';
const OFFLOAD = 'llm.load.llama.acceleration.offloadRatio';
const KEEP_s = 300;
/** Source: Ollama docs/faq.md, OLLAMA_CONTEXT_LENGTH. */
const CONTEXT_TOK = 4096;

/** A stand-in for Ollama; a model that runs elsewhere is one of its cloud. Source: Ollama docs/api.md. */
export function startOllamaStandIn(options: StandInOptions): Promise<StandIn> {
  return startStandIn(options, { version: VERSION, dialect: DIALECT });
}

const GREETING = { type: 'text/plain; charset=utf-8', text: 'Ollama is running' };

const DIALECT: Dialect = {
  open: {
    'GET /': (_lab, { response }) => replyText(response, 200, GREETING),
    'GET /api/version': (lab, { response }) => replyJson(response, 200, { version: lab.version }),
  },
  routes: {
    'GET /api/tags': tags,
    'GET /api/ps': running,
    'POST /api/show': show,
    'POST /api/generate': generate,
    'POST /api/chat': chat,
  },
  refused: (refusal) => ({ status: statusOf(refusal), body: errorOf(refusal) }),
  unauthorized: () => ({ status: 401, body: { error: 'unauthorized' } }),
  unknown: (response) => replyText(response, 404, { type: 'text/plain', text: '404 page not found' }),
  errorBody: (message) => ({ error: message }),
};

/** Wording: ollama server/routes.go, and llm/server.go where the model's process is gone. */
function errorOf({ kind, message }: Refusal): JsonRecord {
  if (kind === 'model_not_found') return { error: `model '${message}' not found` };
  if (/unloaded/.test(message)) return { error: STOPPED };
  return { error: message };
}

const STOPPED =
  'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error';

function detailsOf({ format, architecture, params, quantization }: LabModel): JsonRecord {
  return {
    parent_model: '',
    format,
    family: architecture,
    families: [architecture],
    parameter_size: params,
    quantization_level: quantization.name,
  };
}

/** Ollama's names have a tag. */
function nameOf({ key }: LabModel): string {
  return key.includes('@') ? key.replace('@', ':') : `${key}:latest`;
}

function digestOf({ path }: LabModel): string {
  return hash32(path).toString(16).padStart(8, '0').repeat(8);
}

function tags(lab: LabServer, { response }: Exchange): void {
  const models = lab.engine.catalog.map((model) => ({
    name: nameOf(model),
    model: nameOf(model),
    size: model.size_B,
    digest: digestOf(model),
    details: detailsOf(model),
    ...(model.deviceIdentifier === null
      ? {}
      : { remote_model: model.key, remote_host: 'https://ollama.example:443' }),
  }));
  replyJson(response, 200, { models });
}

function running(lab: LabServer, { response }: Exchange): void {
  const models = lab.engine.loaded().map(({ origin }) => ({
    name: nameOf(origin.model),
    model: nameOf(origin.model),
    size: origin.model.size_B,
    digest: digestOf(origin.model),
    details: detailsOf(origin.model),
    size_vram: origin.settings[OFFLOAD] === 'off' ? 0 : origin.model.size_B,
    context_length: contextOf_tok(origin.model, origin.settings),
  }));
  replyJson(response, 200, { models });
}

function modelOf(lab: LabServer, body: JsonRecord): LabModel {
  const name = textAt(body, 'model') ?? '';
  const model = lab.engine.catalog.find((one) => nameOf(one) === name || nameOf(one) === `${name}:latest`);
  if (model === undefined) throw new Refusal('model_not_found', { title: name });
  return model;
}

function show(lab: LabServer, { body, response }: Exchange): void {
  const model = modelOf(lab, body);
  const tools = model.toolUse ? ['tools'] : [];
  const vision = model.vision ? ['vision'] : [];
  replyJson(response, 200, {
    details: detailsOf(model),
    model_info: {
      'general.architecture': model.architecture,
      [`${model.architecture}.context_length`]: model.maxContext_tok,
    },
    capabilities: model.type === 'embedding' ? ['embedding'] : ['completion', ...tools, ...vision],
  });
}

/** Without a prompt: loads, or unloads where nothing is to be kept. */
async function generate(lab: LabServer, { body, response, signal }: Exchange): Promise<void> {
  const model = modelOf(lab, body);
  const about = { model: nameOf(model), response: '', done: true };
  if (numberAt(body, 'keep_alive') === 0) {
    const instance = lab.engine.instanceOf(model.key);
    if (instance !== undefined) lab.engine.remove(instance);
    return replyJson(response, 200, { ...about, done_reason: 'unload' });
  }
  if ((await resident(lab, { model, body, signal })) === null) return;
  replyJson(response, 200, { ...about, done_reason: 'load' });
}

interface Wanted {
  readonly model: LabModel;
  readonly body: JsonRecord;
  readonly signal: AbortSignal;
}

/** The model's process with these options: another one than before where the options differ. Null when the client left. */
async function resident(lab: LabServer, { model, body, signal }: Wanted): Promise<Instance | null> {
  const requested = requestedOf(recordAt(body, 'options'));
  const present = lab.engine.instanceOf(model.key);
  if (present !== undefined && sameSettings(present.origin.settings, requested)) return present;
  if (present !== undefined) lab.engine.remove(present);
  const forEver = numberAt(body, 'keep_alive') === -1;
  const ttl_s = forEver ? null : KEEP_s;
  return lab.engine.load({ model, requested, ttl_s, justInTime: false, signal });
}

/** A request that names no context asks for the server's own; layers on the GPU are left as they are. Source: ollama server/sched.go. */
function requestedOf(options: JsonRecord): Settings {
  return {
    [CONTEXT]: numberAt(options, 'num_ctx') ?? CONTEXT_TOK,
    ...(numberAt(options, 'num_gpu') === 0 ? { [OFFLOAD]: 'off' } : {}),
  };
}

function sameSettings(inForce: Settings, requested: Settings): boolean {
  return Object.entries(requested).every(([key, value]) => inForce[key] === value);
}

async function chat(lab: LabServer, exchange: Exchange): Promise<void> {
  const { body, response, signal } = exchange;
  const model = modelOf(lab, body);
  const before_s = lab.clock.now_s();
  const instance = await resident(lab, { model, body, signal });
  if (instance === null) return;
  const load_s = lab.clock.now_s() - before_s;
  const limit_tok = numberAt(recordAt(body, 'options'), 'num_predict') ?? -1;
  const writer = lineWriter(lab, response, { model: nameOf(model), load_s });
  const order = { instance, maxOutput_tok: limit_tok < 0 ? null : limit_tok, cold: false };
  await serveChat(lab, exchange, { order, writer });
}

interface Told {
  readonly model: string;
  readonly load_s: number;
}

/** Newline-delimited JSON; the last line has the durations, in nanoseconds. */
function lineWriter(lab: LabServer, response: ServerResponse, { model, load_s }: Told): AnswerWriter {
  const write = (text: string): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    if (!response.writableEnded && !response.destroyed) response.write(`${text}\n`);
  };
  const line = (fields: JsonRecord): void =>
    write(JSON.stringify({ model, created_at: lab.clock.wallAt(), ...fields }));
  const fail = (refusal: Refusal): void => {
    write(JSON.stringify(errorOf(refusal)));
    response.end();
  };
  return {
    prompt: () => undefined,
    token: ({ text, sort }) => {
      const said = sort === 'content' ? { content: text } : { content: '', thinking: text };
      line({ message: { role: 'assistant', ...said }, done: false });
    },
    end: (outcome) => {
      if (outcome.stopReason === 'modelUnloaded')
        return fail(new Refusal('internal_error', { title: STOPPED }));
      line({ message: { role: 'assistant', content: '' }, ...endOf(outcome, load_s) });
      response.end();
    },
    fail,
    garbage: () => write('{"model":'),
  };
}

/** Counts and durations that are 0 are left out, as Ollama does; the prompt's count holds what came from the cache. */
function endOf(outcome: PredictionOutcome, load_s: number): JsonRecord {
  const { promptStart_s, firstToken_s, requested_s, ended_s, prompt_tok, output_tok } = outcome;
  const prompt_s = (firstToken_s ?? ended_s) - (promptStart_s ?? ended_s);
  const known = {
    total_duration: nanoseconds(ended_s - requested_s + load_s),
    load_duration: nanoseconds(load_s),
    prompt_eval_count: prompt_tok,
    prompt_eval_duration: nanoseconds(prompt_s),
    eval_count: output_tok,
    eval_duration: nanoseconds(ended_s - (firstToken_s ?? ended_s)),
  };
  const said = Object.entries(known).filter(([, value]) => value !== 0);
  const limited = ['maxPredictedTokensReached', 'contextLengthReached'].includes(outcome.stopReason);
  return { done: true, done_reason: limited ? 'length' : 'stop', ...Object.fromEntries(said) };
}

function nanoseconds(span_s: number): number {
  return Math.round(span_s * NS_PER_S);
}
