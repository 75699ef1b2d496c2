import type { Backend, BackendProbe, LoadedModel } from '../backends/backend.ts';
import { type BackendOptions, detectBackend, optionsFor } from '../backends/index.ts';
import { asLmpowerError, type ErrorCode, LmpowerError } from '../core/errors.ts';
import { isThisMachine } from '../core/this-machine.ts';
import { adviceOf, findLms, type Lms } from './lms.ts';
import { say } from './output.ts';

export interface ReadyBackend {
  readonly backend: Backend;
  readonly version: string | null;
  /** Where it answered; null: not said. */
  readonly url: string | null;
}

export type ReadyOptions = BackendOptions & {
  /** LM Studio's server is started where it does not answer, and stopped when the backend is closed. */
  readonly startServer?: boolean;
  /** Not given: this user's, if there is one. */
  readonly lms?: Lms | null;
};

/**
 * The backend of that id, once its server has said that it can answer: what would fail is refused before anything is
 * measured or stored. `needsLoaded`: no model is to be loaded, so one must be there.
 * @throws {LmpowerError} BACKEND_*, MODEL_NOT_LOADED
 */
export async function readyBackend(
  id: string,
  options: ReadyOptions,
  needsLoaded: boolean,
): Promise<ReadyBackend> {
  try {
    return await answering(id, options, needsLoaded);
  } catch (thrown) {
    const error = asLmpowerError(thrown);
    if (error.code !== 'BACKEND_UNREACHABLE' || !isLmStudioOfThisMachine(id, options)) throw thrown;
    const lms = options.lms === undefined ? await findLms() : options.lms;
    if (lms === null) throw thrown;
    const state = await lms.state();
    const advice = adviceOf(state);
    if (options.startServer === true && state.server?.isRunning !== true)
      return started(lms, () => answering(id === 'auto' ? 'lmstudio' : id, options, needsLoaded));
    if (advice === null) throw thrown;
    throw new LmpowerError('BACKEND_UNREACHABLE', `${error.message}; ${advice.detail}`, {
      remedy: advice.remedy,
      cause: thrown,
    });
  }
}

/** A server whose address was given is another person's to start. */
function isLmStudioOfThisMachine(id: string, options: BackendOptions): boolean {
  const { host = 'localhost' } = optionsFor(id === 'auto' ? 'lmstudio' : id, options);
  const isOurs = ['auto', 'lmstudio', 'lmstudio-rest'].includes(id);
  return isOurs && options.url === null && isThisMachine(host);
}

async function answering(id: string, options: BackendOptions, needsLoaded: boolean): Promise<ReadyBackend> {
  const backend = await detectBackend(id, options);
  const probe = await backend.probe();
  const code = refusalOf(probe, needsLoaded);
  if (code === null) return { backend, version: probe.version, url: probe.url };
  await backend.close();
  const remedy = probe.remedy === null ? {} : { remedy: probe.remedy };
  throw new LmpowerError(code, `${backend.title}: ${probe.detail}`, remedy);
}

function refusalOf({ state }: BackendProbe, needsLoaded: boolean): ErrorCode | null {
  switch (state) {
    case 'ready':
      return null;
    case 'no-model':
      return needsLoaded ? 'MODEL_NOT_LOADED' : null;
    case 'unauthorized':
      return 'BACKEND_UNAUTHORIZED';
    case 'unreachable':
      return 'BACKEND_UNREACHABLE';
    case 'broken':
      return 'BACKEND_PROTOCOL';
  }
}

/** The server of LM Studio, started for us: recorded with each model, and stopped with the backend. */
async function started(lms: Lms, connect: () => Promise<ReadyBackend>): Promise<ReadyBackend> {
  await lms.startServer();
  try {
    const ready = await connect();
    say("LM Studio's server was started for this run, and will be stopped after it.");
    return { ...ready, backend: stoppingAtEnd(ready.backend, lms) };
  } catch (thrown) {
    await lms.stopServer();
    throw thrown;
  }
}

function stoppingAtEnd(backend: Backend, lms: Lms): Backend {
  const noted = (model: LoadedModel): LoadedModel => ({
    ...model,
    settings: [
      ...model.settings,
      { name: 'startServer', requested: true, effective: true, source: 'server' },
    ],
  });
  return {
    ...backend,
    loaded: async () => (await backend.loaded()).map(noted),
    load: async (key, settings, signal) => noted(await backend.load(key, settings, signal)),
    close: async () => {
      await backend.close();
      await lms.stopServer();
    },
  };
}
