import { randomBytes } from 'node:crypto';
import type { LLM } from '@lmstudio/sdk';
import { asLmpowerError, type ErrorCode, LmpowerError } from '../core/errors.ts';
import type { LoadSettings, Model, Setting } from '../core/run.ts';
import { S_PER_MS, type Seconds } from '../core/units.ts';
import type { LoadedModel } from './backend.ts';
import type { SdkLine } from './lmstudio-line.ts';
import { modelOf, type SdkInstanceInfo } from './lmstudio-models.ts';
import { loadConfig, loadSettings } from './lmstudio-settings.ts';
import type { Wait } from './watchdog.ts';

/** A model in memory: how to address it, and what the server says of it. */
export interface Instance {
  readonly handle: LLM;
  readonly info: SdkInstanceInfo;
}

/** All language models in memory; one that leaves while it is asked about is left out. */
export async function listInstances(line: SdkLine): Promise<Instance[]> {
  const handles = await line.ask('the loaded models', ({ llm }) => llm.listLoaded());
  const found = await Promise.all(handles.map((handle) => describedOrGone(line, handle)));
  return found.filter((instance) => instance !== null);
}

async function describedOrGone(line: SdkLine, handle: LLM): Promise<Instance | null> {
  try {
    return await instanceOf(line, handle);
  } catch (thrown) {
    if (asLmpowerError(thrown).code === 'MODEL_UNLOADED') return null;
    throw thrown;
  }
}

async function instanceOf(line: SdkLine, handle: LLM): Promise<Instance> {
  return { handle, info: await line.ask(`the model ${handle.identifier}`, () => handle.getModelInfo()) };
}

/** The instance with its load configuration read back. */
export async function asLoaded(
  line: SdkLine,
  { handle, info }: Instance,
  { requested, owned }: { requested: LoadSettings; owned: boolean },
): Promise<LoadedModel> {
  const effective = await configOf(line, handle);
  return {
    key: info.modelKey,
    identifier: info.identifier,
    owned,
    settings: [...loadSettings(requested, effective), ...timeToLive(info)],
    model: modelOf(info, [info]),
  };
}

/** Of a model that was loaded because a request named it, or with a limit: it may leave in the middle of a run. */
function timeToLive({ ttlMs }: SdkInstanceInfo): Setting[] {
  const ttl_ms = ttlMs ?? null;
  if (ttl_ms === null) return [];
  return [{ name: 'ttl_s', requested: null, effective: ttl_ms * S_PER_MS, source: 'server' }];
}

/** As the server sent it: `getLoadConfig` would fill what is missing with the SDK's own defaults. Null where nobody can tell. */
async function configOf(line: SdkLine, handle: LLM): Promise<unknown> {
  const read: unknown = Reflect.get(handle, 'getLoadKVConfig');
  if (typeof read !== 'function') return null;
  try {
    return await line.ask(`the load configuration of ${handle.identifier}`, () =>
      Promise.resolve<unknown>(Reflect.apply(read, handle, [''])),
    );
  } catch (thrown) {
    if (asLmpowerError(thrown).code === 'BACKEND_REFUSED') return null;
    throw thrown;
  }
}

export interface LoadOrder {
  readonly key: string;
  readonly settings: LoadSettings;
  readonly signal: AbortSignal;
  /** Longest silence between two signs of progress. */
  readonly timeout_s: Seconds;
}

/**
 * Loads under an identifier of our own, so that the settings are applied even where the model is loaded already, and so that
 * nothing but this instance is ever unloaded. @throws {LmpowerError} MODEL_NOT_FOUND, MODEL_LOAD_FAILED, MODEL_REMOTE
 */
export async function loadInstance(line: SdkLine, order: LoadOrder): Promise<Instance> {
  const identifier = `lmpower-${randomBytes(4).toString('hex')}`;
  try {
    const instance = await instanceOf(line, await load(line, order, identifier));
    if (instance.info.deviceIdentifier === null) return instance;
    await unloadInstance(line, identifier);
    throw remote(order.key);
  } catch (thrown) {
    throw await loadError(line, order.key, asLmpowerError(thrown));
  }
}

async function load(line: SdkLine, order: LoadOrder, identifier: string): Promise<LLM> {
  const { key, settings, signal, timeout_s } = order;
  const session = await line.session();
  // Ours alone: the SDK never stops listening to the signal that it is given.
  const stop = new AbortController();
  let wait: Wait | null = null;
  const onStart = (started: Wait): void => {
    wait = started;
  };
  const options = {
    identifier,
    config: loadConfig(settings),
    deviceIdentifier: null,
    verbose: false,
    signal: stop.signal,
    onProgress: () => wait?.touch(),
  };
  try {
    return await session.call({ what: `loading ${key}`, timeout_s, signal, onStart }, ({ llm }) =>
      llm.load(key, options),
    );
  } catch (thrown) {
    const { code } = asLmpowerError(thrown);
    if (code === 'INTERRUPTED' || code === 'BACKEND_TIMEOUT') {
      stop.abort();
      session.end();
      await unloadInstance(line, identifier).catch(ignoreFailure);
    }
    throw thrown;
  }
}

/** It may have come into memory just as it was given up; where it did not, there is nothing to unload. */
function ignoreFailure(thrown: unknown): void {
  if (!(thrown instanceof LmpowerError)) throw thrown;
}

/** Why a load failed, once the list of models had its say: servers word the refusal of a linked model differently. */
async function loadError(line: SdkLine, key: string, error: LmpowerError): Promise<LmpowerError> {
  if (!SERVER_SAID_NO.has(error.code)) return error;
  const known = await listModels(line).catch(() => []);
  const named = known.filter((model) => model.key === key);
  if (named.length > 0 && named.every((model) => model.remote)) return remote(key);
  if (error.code === 'MODEL_NOT_FOUND') return error;
  return new LmpowerError('MODEL_LOAD_FAILED', error.message, { cause: error });
}

const SERVER_SAID_NO: ReadonlySet<ErrorCode> = new Set([
  'BACKEND_REFUSED',
  'MODEL_UNLOADED',
  'MODEL_NOT_FOUND',
]);

function remote(key: string): LmpowerError {
  return new LmpowerError('MODEL_REMOTE', `${key} is on a linked machine: its energy cannot be seen here`);
}

/** What is on disk, each model with its instances in memory. @throws {LmpowerError} */
export async function listModels(line: SdkLine): Promise<Model[]> {
  const infos = await line.ask('the list of models', ({ system }) => system.listDownloadedModels());
  const running = (await listInstances(line)).map(({ info }) => info);
  return infos.map((info) => modelOf(info, running));
}

/** Unloads; an instance that is gone already is as good as unloaded. */
export async function unloadInstance(line: SdkLine, identifier: string): Promise<void> {
  try {
    await line.ask(`unloading ${identifier}`, ({ llm }) => llm.unload(identifier));
  } catch (thrown) {
    if (asLmpowerError(thrown).code !== 'MODEL_UNLOADED') throw thrown;
  }
}

/** Requests under way and waiting, over all instances. @throws {LmpowerError} BACKEND_PROTOCOL from servers that do not know the question */
export async function requestsUnderWay(line: SdkLine): Promise<number> {
  const instances = await listInstances(line);
  const states = await Promise.all(
    instances.map(({ handle }) =>
      line.ask('the state of the server', () => handle.getInstanceProcessingState()),
    ),
  );
  return states.reduce((sum, { status, queued }) => sum + (status === 'idle' ? 0 : 1) + queued, 0);
}
