import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Completion, InferenceSettings, LoadSettings } from '../core/run.ts';
import { failedEnding, streamAnswer } from './answer-stream.ts';
import type { Backend, BackendProbe, CompletionOptions, CompletionRequest, LoadedModel } from './backend.ts';
import { createCollector } from './completion.ts';
import { type HttpLine, openHttpLine } from './http-line.ts';
import { textAt } from './json.ts';
import { createOllamaReader, ollamaBody } from './ollama-chat.ts';
import { fullName, listed, modelOf, RUNNER_SETTINGS, residentsOf, runnerOptions } from './ollama-models.ts';
import type { BackendOptions } from './options.ts';
import { probeOf, probeOfError } from './probe.ts';
import { NO_LOAD_REQUEST, unsupportedOf } from './settings.ts';
import { type Ask, findServer, type Kind } from './signature.ts';
import { bearerToken } from './token.ts';

const KIND: Kind = { title: 'Ollama', ports: [11_434], recognize: isOllama, start: 'ollama serve' };

/** Stays in memory until it is unloaded. Source: Ollama docs/api.md, keep_alive. */
const FOR_EVER = -1;

/** Ollama over its own API: prompt and answer durations, digest and residency; no count per delta, no cached tokens. */
export function createOllama(options: BackendOptions): Backend {
  const line = openHttpLine(options, {
    find: () => findServer(options, KIND),
    token: () => bearerToken(options),
  });
  const ours = new Set<string>();
  const owns = (identifier: string): boolean => ours.has(identifier);
  const residents = (requested: LoadSettings): Promise<LoadedModel[]> =>
    residentList(line, { requested, owns });

  return {
    id: 'ollama',
    title: KIND.title,
    probe: () => probe(line),
    models: async () => {
      const [tags, running] = await Promise.all([line.get('/api/tags'), line.get('/api/ps')]);
      const models = listed(tags).map(async (entry) => {
        // Nothing is asked about what another machine would have to answer.
        const shown = entry.remote ? null : await shownOf(line, entry.name);
        return modelOf(entry.json, shown, listed(running));
      });
      return Promise.all(models);
    },
    loaded: () => residents(NO_LOAD_REQUEST),
    load: async (key, settings, signal) => {
      const name = fullName(key);
      await refuseRemote(line, name);
      const present = (await residents(settings)).find(({ identifier }) => identifier === name);
      if (present !== undefined && settled(present)) return present;
      await load(line, { name, settings, signal });
      ours.add(name);
      const mine = (await residents(settings)).find(({ identifier }) => identifier === name);
      if (mine !== undefined) return mine;
      throw new LmpowerError('MODEL_LOAD_FAILED', `${name}: the server does not list it after its load`);
    },
    unload: async ({ identifier }) => {
      if (!owns(identifier)) return;
      await unload(line, identifier);
      ours.delete(identifier);
    },
    complete: (request, completion) => complete(line, request, completion),
    unsupported,
    // Ollama does not tell of the requests of others.
    busy: async () => null,
    close: () => line.close(),
  };
}

/** Both must hold: others speak Ollama's API too, but greet otherwise. */
async function isOllama(ask: Ask): Promise<boolean> {
  const greeting = await ask('/');
  if (greeting === null || !/^Ollama is running/i.test(greeting.text)) return false;
  const version = await ask('/api/version');
  return version !== null && textAt(version.json, 'version') !== null;
}

async function probe(line: HttpLine): Promise<BackendProbe> {
  try {
    const version = textAt(await line.get('/api/version'), 'version');
    const { length } = listed(await line.get('/api/ps'));
    return probeOf({ server: KIND.title, url: line.found() ?? '', version, loaded: length });
  } catch (thrown) {
    return probeOfError(asLmpowerError(thrown), line.found());
  }
}

/** Null where the server cannot show this one: the list goes on. */
async function shownOf(line: HttpLine, model: string): Promise<Record<string, unknown> | null> {
  try {
    return { ...(await line.post('/api/show', { model })) };
  } catch (thrown) {
    const { code } = asLmpowerError(thrown);
    if (code === 'BACKEND_REFUSED' || code === 'MODEL_NOT_FOUND') return null;
    throw thrown;
  }
}

interface Asked {
  readonly requested: LoadSettings;
  readonly owns: (identifier: string) => boolean;
}

async function residentList(line: HttpLine, { requested, owns }: Asked): Promise<LoadedModel[]> {
  const running = listed(await line.get('/api/ps'));
  if (running.length === 0) return [];
  const tags = listed(await line.get('/api/tags'));
  return residentsOf(running, tags, { requested, owns });
}

/** Every setting that was asked for is in force already. */
function settled({ settings }: LoadedModel): boolean {
  return settings.every(({ requested, effective }) => requested === null || requested === effective);
}

/** @throws {LmpowerError} MODEL_NOT_FOUND, MODEL_REMOTE */
async function refuseRemote(line: HttpLine, name: string): Promise<void> {
  const entry = listed(await line.get('/api/tags')).find((one) => one.name === name);
  if (entry === undefined)
    throw new LmpowerError('MODEL_NOT_FOUND', `Ollama has no model ${name}`, {
      remedy: `ollama pull ${name}; lmpower models lists what is there`,
    });
  if (entry.remote)
    throw new LmpowerError('MODEL_REMOTE', `${name} runs in Ollama's cloud: its energy cannot be seen here`, {
      remedy: 'pull a model that runs on this machine',
    });
}

interface LoadOrder {
  readonly name: string;
  readonly settings: LoadSettings;
  readonly signal: AbortSignal;
}

/** A request without a prompt loads and says nothing. Source: Ollama docs/api.md, "Load a model". */
async function load(line: HttpLine, { name, settings, signal }: LoadOrder): Promise<void> {
  const options = runnerOptions({ ...settings });
  const body = { model: name, keep_alive: FOR_EVER, stream: false, options };
  try {
    await line.post('/api/generate', body, signal);
  } catch (thrown) {
    const error = asLmpowerError(thrown);
    if (error.code === 'INTERRUPTED' || error.code === 'BACKEND_TIMEOUT')
      await unload(line, name).catch(ignoreFailure);
    if (error.code !== 'BACKEND_REFUSED' && error.code !== 'MODEL_UNLOADED') throw error;
    throw new LmpowerError('MODEL_LOAD_FAILED', `${name}: ${error.message}`, { cause: error });
  }
}

/** Gone already is as good as unloaded: Ollama answers alike. */
async function unload(line: HttpLine, model: string): Promise<void> {
  await line.post('/api/generate', { model, keep_alive: 0, stream: false });
}

/** It may have come into memory just as it was given up; where it did not, there is nothing to unload. */
function ignoreFailure(thrown: unknown): void {
  if (!(thrown instanceof LmpowerError)) throw thrown;
}

async function complete(
  line: HttpLine,
  request: CompletionRequest,
  completion: CompletionOptions,
): Promise<Completion> {
  const { identifier, model } = request.model;
  if (completion.signal.aborted)
    throw new LmpowerError('INTERRUPTED', 'interrupted before the request was sent');
  if (model?.remote === true) throw new LmpowerError('MODEL_REMOTE', `${identifier} runs in Ollama's cloud`);
  const running = listed(await line.get('/api/ps'));
  const answering = await line.answering();
  if (!running.some(({ name }) => name === identifier)) {
    // The server would load it inside the request, and the load's energy would count as the answer's.
    const gone = new LmpowerError('MODEL_UNLOADED', `the model ${identifier} is no longer in memory`);
    const { clock } = answering;
    return createCollector({ promptId: request.prompt.id, clock }).finish(failedEnding(gone), clock.now_s());
  }
  return streamAnswer(
    answering,
    {
      promptId: request.prompt.id,
      path: '/api/chat',
      body: ollamaBody(request),
      contentType: 'application/x-ndjson',
      reader: (collector) => createOllamaReader(request, collector),
    },
    completion,
  );
}

/** Source: Ollama docs/api.md, options. */
const APPLIED = ['temperature', 'topP', 'topK', 'minP', 'repeatPenalty', 'seed', 'maxOutput_tok', 'stop'];

/** A share of the model on the GPU cannot be asked for, nor can all of it, but a number of layers can. */
function unsupported(inference: InferenceSettings, load: LoadSettings): string[] {
  const { gpuOffload, ...others } = load;
  // Reuse of earlier prompts is always on, so asking for it asks for nothing.
  const cached = inference.cachePrompt === true ? ['cachePrompt'] : [];
  return [
    ...(gpuOffload === null || gpuOffload === 'off' ? [] : ['gpuOffload other than off']),
    ...unsupportedOf(inference, [...APPLIED, ...cached]),
    ...unsupportedOf({ ...others, gpuOffload: null }, RUNNER_SETTINGS),
  ];
}
