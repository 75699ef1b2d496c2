import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { InferenceSettings, LoadSettings } from '../core/run.ts';
import type { Backend, BackendProbe, LoadedModel } from './backend.ts';
import { type HttpLine, openHttpLine } from './http-line.ts';
import { textAt } from './json.ts';
import { discover } from './lmstudio-discovery.ts';
import { chat } from './lmstudio-rest-completion.ts';
import { instancesOf, loadBody, loadedOf, modelsOf } from './lmstudio-rest-models.ts';
import type { BackendOptions } from './options.ts';
import { probeOf, probeOfError } from './probe.ts';
import { NO_LOAD_REQUEST, unsupportedOf } from './settings.ts';
import { checkedToken } from './token.ts';

/** LM Studio over REST v1 (0.4 and later): the prompt-processing window, but no token counts per delta and no cached tokens. */
export function createLmStudioRest(options: BackendOptions): Backend {
  const rest = openHttpLine(options, {
    find: () => discover(options, 'rest'),
    token: () => checkedToken(options.token),
  });
  const ours = new Set<string>();
  const owns = (identifier: string): boolean => ours.has(identifier);

  return {
    id: 'lmstudio-rest',
    title: 'LM Studio (REST v1)',
    probe: () => probe(rest),
    models: async () => modelsOf(await rest.get('/api/v1/models')),
    loaded: async () => instancesOf(await rest.get('/api/v1/models'), { requested: NO_LOAD_REQUEST, owns }),
    load: async (key, settings, signal) => {
      const model = await load(rest, { key, settings, signal });
      if (model.owned) ours.add(model.identifier);
      return model;
    },
    unload: async ({ identifier }) => {
      if (!owns(identifier)) return;
      await unload(rest, identifier);
      ours.delete(identifier);
    },
    complete: async (request, completion) => {
      if (completion.signal.aborted)
        throw new LmpowerError('INTERRUPTED', 'interrupted before the request was sent');
      return chat(await rest.answering(), request, completion);
    },
    unsupported,
    busy: async () => null,
    close: () => rest.close(),
  };
}

async function probe(rest: HttpLine): Promise<BackendProbe> {
  try {
    const loaded = modelsOf(await rest.get('/api/v1/models')).filter((model) => model.loaded.length > 0);
    return probeOf({
      server: 'LM Studio',
      url: rest.found() ?? '',
      version: await versionOf(rest),
      loaded: loaded.length,
    });
  } catch (thrown) {
    return probeOfError(asLmpowerError(thrown), rest.found());
  }
}

/** Null where the server does not tell: its version decides nothing. */
async function versionOf(rest: HttpLine): Promise<string | null> {
  try {
    return textAt(await rest.get('/lms-status'), 'version');
  } catch (thrown) {
    if (thrown instanceof LmpowerError) return null;
    throw thrown;
  }
}

interface LoadOrder {
  readonly key: string;
  readonly settings: LoadSettings;
  readonly signal: AbortSignal;
}

/** This API has no identifiers of our own, so what was there before is not ours. */
async function load(rest: HttpLine, { key, settings, signal }: LoadOrder): Promise<LoadedModel> {
  const before = await listed(rest, settings);
  const answer = await rest
    .post('/api/v1/models/load', loadBody(key, settings), signal)
    .catch((error: unknown) => {
      throw loadError(asLmpowerError(error), key);
    });
  const echoed = loadedOf(answer, { key, requested: settings });
  if (echoed === null)
    throw new LmpowerError('BACKEND_PROTOCOL', 'the server loaded a model without saying under which name');
  const now = (await listed(rest, settings)).find(({ identifier }) => identifier === echoed.identifier);
  const wasThere = before.some(({ identifier }) => identifier === echoed.identifier);
  const told = echoed.settings.some(({ source }) => source === 'server');
  return {
    ...echoed,
    key: now?.key ?? key,
    owned: !wasThere,
    model: now?.model ?? null,
    settings: told ? echoed.settings : (now?.settings ?? echoed.settings),
  };
}

async function listed(rest: HttpLine, requested: LoadSettings): Promise<LoadedModel[]> {
  return instancesOf(await rest.get('/api/v1/models'), { requested, owns: () => false });
}

function loadError(error: LmpowerError, key: string): LmpowerError {
  if (error.code !== 'BACKEND_REFUSED' && error.code !== 'MODEL_UNLOADED') return error;
  const missing = /not found|cannot find|no such model|unknown model/i.test(error.message);
  const code = missing ? 'MODEL_NOT_FOUND' : 'MODEL_LOAD_FAILED';
  return new LmpowerError(code, `${key}: ${error.message}`, { cause: error });
}

async function unload(rest: HttpLine, identifier: string): Promise<void> {
  try {
    await rest.post('/api/v1/models/unload', { instance_id: identifier });
  } catch (thrown) {
    const { code } = asLmpowerError(thrown);
    // Gone already is as good as unloaded.
    if (code !== 'MODEL_UNLOADED' && code !== 'MODEL_NOT_FOUND') throw thrown;
  }
}

const MAX_TEMPERATURE = 1;

/** Source: LM Studio REST v1, POST /api/v1/chat (strict schema, temperature 0–1) and /api/v1/models/load. */
function unsupported(inference: InferenceSettings, load: LoadSettings): string[] {
  // Reuse of earlier prompts is always on, so asking for it asks for nothing.
  const cached = inference.cachePrompt === true ? ['cachePrompt'] : [];
  return [
    ...unsupportedOf(inference, [...APPLIED, ...cached]),
    ...((inference.temperature ?? 0) > MAX_TEMPERATURE ? ['temperature above 1'] : []),
    ...unsupportedOf(load, ['context_tok', 'flashAttention', 'batch_tok']),
  ];
}

const APPLIED = ['temperature', 'topP', 'topK', 'minP', 'repeatPenalty', 'maxOutput_tok'];
