import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Completion, InferenceSettings, LoadSettings } from '../core/run.ts';
import { type AnswerLine, streamAnswer } from './answer-stream.ts';
import type { Backend, BackendProbe, CompletionOptions, CompletionRequest, LoadedModel } from './backend.ts';
import { createChunkReader } from './chat-stream.ts';
import { type HttpLine, openHttpLine } from './http-line.ts';
import { openAiBody, quirksOf } from './openai-chat.ts';
import { modelsOf, residentOf, tabbyResident } from './openai-models.ts';
import { recognizeVariant, VARIANTS, type Variant } from './openai-variants.ts';
import { growth, metricsOrNull, readMetrics, requestsUnderWay, withGrowth } from './openai-vllm.ts';
import type { BackendOptions } from './options.ts';
import { probeOf, probeOfError } from './probe.ts';
import { unsupportedOf } from './settings.ts';
import { type Ask, findServer, type Kind } from './signature.ts';
import { bearerToken } from './token.ts';

/** vLLM, mlx_lm.server, TabbyAPI. LM Studio has backends of its own. Source: each one's documentation. */
const PORTS = [8000, 8080, 5000];

/** One server, and the kind that it turned out to be. */
interface OpenAi {
  readonly line: HttpLine;
  variant(): Variant;
  /** Models that answered a request of ours. */
  readonly answered: Set<string>;
}

/** Any server with OpenAI's chat completions: counts from its `usage`, times from our own clock, extras of the kinds that it knows. */
export function createOpenAi(options: BackendOptions): Backend {
  const server = openServer(options);
  const { line } = server;
  return {
    id: 'openai',
    title: 'OpenAI-compatible',
    probe: () => probe(server),
    models: async () => {
      const residents = new Set((await residentsOf(server)).map(({ key }) => key));
      return modelsOf(await line.get('/v1/models'), (key) => residents.has(key));
    },
    loaded: () => residentsOf(server),
    load: (key, settings, signal) => load(server, { key, settings, signal }),
    // This form of API has no way to unload.
    unload: async () => undefined,
    complete: async (request, completion) => {
      if (completion.signal.aborted)
        throw new LmpowerError('INTERRUPTED', 'interrupted before the request was sent');
      const answering = await line.answering();
      refuseUnsupported(unsupportedBy(server.variant(), request.inference));
      return complete(answering, server.variant(), { request, completion });
    },
    unsupported: (inference, settings) => [
      ...unsupportedBy(server.variant(), inference),
      ...unsupportedOf(settings, []),
    ],
    busy: async () => {
      const answering = await line.answering();
      return server.variant().id === 'vllm' ? requestsUnderWay(await metricsOrNull(answering)) : null;
    },
    close: () => line.close(),
  };
}

function openServer(options: BackendOptions): OpenAi {
  let variant = VARIANTS.other;
  const recognize = async (ask: Ask): Promise<boolean> => {
    const id = await recognizeVariant(ask, options.url !== null);
    if (id !== null) variant = VARIANTS[id];
    return id !== null;
  };
  const kind: Kind = { title: 'OpenAI-compatible server', ports: PORTS, recognize, start: 'see its manual' };
  const line = openHttpLine(options, {
    find: () => findServer(options, kind),
    token: () => bearerToken(options),
  });
  return { line, variant: () => variant, answered: new Set() };
}

async function probe(server: OpenAi): Promise<BackendProbe> {
  const { line } = server;
  try {
    const { length: loaded } = await residentsOf(server);
    const { title, lists } = server.variant();
    const url = line.found() ?? '';
    if (loaded > 0 || lists === 'resident' || server.variant().id === 'tabby')
      return probeOf({ server: title, url, version: null, loaded });
    const { length } = modelsOf(await line.get('/v1/models'), () => false);
    const detail = `${title}, models listed: ${length}; it does not say which is in memory`;
    return { state: 'no-model', url, version: null, detail, remedy: 'name one: lmpower run --model KEY' };
  } catch (thrown) {
    return probeOfError(asLmpowerError(thrown), line.found());
  }
}

/** What is surely in memory: all that vLLM lists, TabbyAPI's one, the only one of a list, and what answered us before. */
async function residentsOf({ line, variant, answered }: OpenAi): Promise<LoadedModel[]> {
  const models = modelsOf(await line.get('/v1/models'), () => true);
  if (variant().id === 'tabby') return tabbyResidents(line);
  const certain = variant().lists === 'resident' || models.length === 1;
  return models
    .filter(({ key }) => certain || answered.has(key))
    .map((model) => residentOf(model, variant()));
}

/** With no model in memory TabbyAPI refuses to tell of it. */
async function tabbyResidents(line: HttpLine): Promise<LoadedModel[]> {
  try {
    const resident = tabbyResident(await line.get('/v1/model'));
    return resident === null ? [] : [resident];
  } catch (thrown) {
    const { code } = asLmpowerError(thrown);
    if (code === 'BACKEND_REFUSED' || code === 'MODEL_UNLOADED') return [];
    throw thrown;
  }
}

interface LoadOrder {
  readonly key: string;
  readonly settings: LoadSettings;
  readonly signal: AbortSignal;
}

/** The only way to load that this form of API has: a request for one token, whose answer proves which model it was. */
async function load(server: OpenAi, { key, settings, signal }: LoadOrder): Promise<LoadedModel> {
  refuseUnsupported(unsupportedOf(settings, []));
  const model = modelsOf(await server.line.get('/v1/models'), () => true).find((one) => one.key === key);
  if (model === undefined) throw new LmpowerError('MODEL_NOT_FOUND', `the server has no model ${key}`);
  const resident = residentOf(model, server.variant());
  if (server.variant().lists === 'resident') return resident;
  const { error } = await complete(await server.line.answering(), server.variant(), {
    request: { model: resident, prompt: WAKING, system: null, inference: NO_SAMPLING },
    completion: { signal },
  });
  if (error !== null) throw loadError(key, error);
  server.answered.add(key);
  return resident;
}

const WAKING = { id: 'load', category: 'load', text: 'Hi', maxOutput_tok: 1 };
const NO_SAMPLING: InferenceSettings = {
  temperature: null,
  topP: null,
  topK: null,
  minP: null,
  repeatPenalty: null,
  seed: null,
  maxOutput_tok: null,
};

function loadError(key: string, { code, message }: NonNullable<Completion['error']>): LmpowerError {
  if (code === 'MODEL_NOT_FOUND' || code === 'MODEL_MISMATCH')
    return new LmpowerError('MODEL_NOT_FOUND', `${key}: ${message}`);
  if (code === 'INTERRUPTED') return new LmpowerError('INTERRUPTED', message);
  return new LmpowerError('MODEL_LOAD_FAILED', `${key}: ${message}`);
}

interface Job {
  readonly request: CompletionRequest;
  readonly completion: CompletionOptions;
}

/** vLLM's counters are read before and after, never during. */
async function complete(
  line: AnswerLine,
  variant: Variant,
  { request, completion }: Job,
): Promise<Completion> {
  const counted = variant.id === 'vllm';
  const before = counted ? await readMetrics(line, completion.signal) : null;
  const order = {
    promptId: request.prompt.id,
    path: '/v1/chat/completions',
    body: openAiBody(request, variant),
    contentType: 'text/event-stream',
  } as const;
  const answer = await streamAnswer(
    line,
    { ...order, reader: (collector) => createChunkReader(request, collector, quirksOf(variant)) },
    completion,
  );
  if (!counted || answer.error !== null) return answer;
  return withGrowth(answer, growth(before, await metricsOrNull(line)));
}

/** What was asked for that this kind of server has no word for. What it loads, and how, is decided where it is started. */
function unsupportedBy({ id, names }: Variant, inference: InferenceSettings): string[] {
  const cached = ALWAYS_CACHES.has(id) && inference.cachePrompt === true ? ['cachePrompt'] : [];
  // A penalty of 1 is none, which is what a server without this setting does.
  const noPenalty = inference.repeatPenalty === 1 ? ['repeatPenalty'] : [];
  return unsupportedOf(inference, ['maxOutput_tok', ...Object.keys(names), ...cached, ...noPenalty]);
}

/** Reuse of earlier prompts is always on, so asking for it asks for nothing. Sources: each server's documentation. */
const ALWAYS_CACHES: ReadonlySet<string> = new Set(['mlx', 'tabby', 'lmstudio']);

function refuseUnsupported(names: readonly string[]): void {
  if (names.length === 0) return;
  throw new LmpowerError('SETTING_UNSUPPORTED', `this server cannot apply: ${names.join(', ')}`);
}
