import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { LoadSettings } from '../core/run.ts';
import { streamAnswer } from './answer-stream.ts';
import type { Backend, BackendProbe } from './backend.ts';
import { createChunkReader } from './chat-stream.ts';
import { type HttpLine, openHttpLine } from './http-line.ts';
import { type JsonObject, objectAt, textAt } from './json.ts';
import { chatBody } from './llama-server-chat.ts';
import { modelsOf, residentsOf, slotsAtWork } from './llama-server-models.ts';
import type { BackendOptions } from './options.ts';
import { probeOf, probeOfError } from './probe.ts';
import { NO_LOAD_REQUEST, unsupportedOf } from './settings.ts';
import { type Ask, findServer, type Kind } from './signature.ts';
import { bearerToken } from './token.ts';

/** Source: llama.cpp tools/server/README.md: 8080 in released builds up to August 2026, 9931 since. */
const PORTS = [8080, 9931];

const KIND: Kind = {
  title: 'llama-server',
  ports: PORTS,
  recognize: isLlamaServer,
  start: 'llama-server -m MODEL.gguf',
};

/** llama.cpp's llama-server: one model that was loaded when the server started; token counts per delta, cached and draft tokens. */
export function createLlamaServer(options: BackendOptions): Backend {
  const line = openHttpLine(options, {
    find: () => findServer(options, KIND),
    token: () => bearerToken(options),
  });

  return {
    id: 'llama-server',
    title: KIND.title,
    probe: () => probe(line),
    models: async () => modelsOf(await line.get('/v1/models'), await propsOf(line)),
    loaded: async () => residentsOf(await line.get('/v1/models'), await propsOf(line), NO_LOAD_REQUEST),
    load: async (key, settings) => {
      refuseLoadSettings(settings);
      const residents = residentsOf(await line.get('/v1/models'), await propsOf(line), settings);
      const resident = residents.find((one) => one.key === key || one.model?.displayName === key);
      if (resident !== undefined) return resident;
      throw new LmpowerError('MODEL_NOT_FOUND', `this llama-server does not serve ${key}`, {
        remedy: `start one that does (${KIND.start}); lmpower models lists what this one has`,
      });
    },
    // Nothing is ever loaded by us.
    unload: async () => undefined,
    complete: async (request, completion) => {
      if (completion.signal.aborted)
        throw new LmpowerError('INTERRUPTED', 'interrupted before the request was sent');
      const order = {
        promptId: request.prompt.id,
        path: '/v1/chat/completions',
        body: chatBody(request),
        contentType: 'text/event-stream',
      } as const;
      return streamAnswer(
        await line.answering(),
        { ...order, reader: (collector) => createChunkReader(request, collector) },
        completion,
      );
    },
    unsupported: (inference, load) => [...unsupportedOf(inference, APPLIED), ...unsupportedOf(load, [])],
    busy: () => busy(line),
    close: () => line.close(),
  };
}

/** Source: llama.cpp tools/server/README.md, POST /completion. */
const APPLIED = [
  ...['temperature', 'topP', 'topK', 'minP', 'repeatPenalty', 'seed', 'maxOutput_tok'],
  ...['stop', 'ignoreEos', 'cachePrompt'],
];

/** The server takes its model's settings when it is started, and only then. */
function refuseLoadSettings(load: LoadSettings): void {
  const names = unsupportedOf(load, []);
  if (names.length === 0) return;
  throw new LmpowerError('SETTING_UNSUPPORTED', `llama-server cannot apply: ${names.join(', ')}`, {
    remedy: 'give the setting to llama-server when it is started',
  });
}

/**
 * `/v1/models` says `llamacpp` (open even where the server wants a key); else `/props` has what no other server on
 * these ports has; else the server is still reading its model and says so everywhere.
 */
async function isLlamaServer(ask: Ask): Promise<boolean> {
  const models = await ask('/v1/models');
  if (models === null) return false;
  if (isLoading(models)) return true;
  const { data } = models.json;
  if (Array.isArray(data) && data.some((entry) => entry?.owned_by === 'llamacpp')) return true;
  const { json = {} } = (await ask('/props')) ?? {};
  return textAt(json, 'build_info') !== null && objectAt(json, 'default_generation_settings') !== null;
}

function isLoading({ status, json }: { readonly status: number; readonly json: object }): boolean {
  const error = objectAt({ ...json }, 'error');
  return status === 503 && error !== null && /loading model/i.test(textAt(error, 'message') ?? '');
}

/** Empty where the server, or one before it, does not give them: they add to the list of models, and decide nothing. */
async function propsOf(line: HttpLine): Promise<JsonObject> {
  try {
    return await line.get('/props');
  } catch (thrown) {
    if (asLmpowerError(thrown).code === 'BACKEND_PROTOCOL') return {};
    throw thrown;
  }
}

async function probe(line: HttpLine): Promise<BackendProbe> {
  try {
    const props = await propsOf(line);
    const residents = residentsOf(await line.get('/v1/models'), props, NO_LOAD_REQUEST);
    const version = textAt(props, 'build_info');
    return probeOf({ server: KIND.title, url: line.found() ?? '', version, loaded: residents.length });
  } catch (thrown) {
    const error = asLmpowerError(thrown);
    const url = line.found();
    if (url === null || !/loading model/i.test(error.message)) return probeOfError(error, url);
    const remedy = 'wait until the server has read its model, then repeat';
    return { state: 'no-model', url, version: null, detail: 'llama-server is loading its model', remedy };
  }
}

/** Null where the server was started without /slots. */
async function busy(line: HttpLine): Promise<number | null> {
  try {
    return await slotsAtWork(await line.answering());
  } catch (thrown) {
    const { code } = asLmpowerError(thrown);
    if (code === 'BACKEND_PROTOCOL' || code === 'BACKEND_REFUSED') return null;
    throw thrown;
  }
}
