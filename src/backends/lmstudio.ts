import type { LLM } from '@lmstudio/sdk';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { InferenceSettings, LoadSettings } from '../core/run.ts';
import type { Backend, BackendProbe, LoadedModel } from './backend.ts';
import type { SdkSession } from './lmstudio-client.ts';
import { predict } from './lmstudio-completion.ts';
import {
  asLoaded,
  type Instance,
  listInstances,
  listModels,
  loadInstance,
  requestsUnderWay,
  unloadInstance,
} from './lmstudio-instances.ts';
import { openLine, type SdkLine } from './lmstudio-line.ts';
import { inferenceInForce, LOAD_SETTINGS } from './lmstudio-settings.ts';
import type { BackendOptions } from './options.ts';
import { probeOf, probeOfError } from './probe.ts';
import { NO_LOAD_REQUEST, unsupportedOf } from './settings.ts';

/** LM Studio over `@lmstudio/sdk`: token counts per fragment, cached tokens, the load configuration read back. */
export function createLmStudio(options: BackendOptions): Backend {
  const line = openLine(options);
  const ours = new Set<string>();
  const inForce = new Map<string, ReturnType<typeof inferenceInForce>>();
  const handles = rememberHandles(line);
  const { clock, timeout_s } = options;

  return {
    id: 'lmstudio',
    title: 'LM Studio (SDK)',
    probe: () => probe(line),
    models: () => listModels(line),
    loaded: async () => {
      const instances = await handles.list();
      const described = (instance: Instance): Promise<LoadedModel> =>
        asLoaded(line, instance, { requested: NO_LOAD_REQUEST, owned: ours.has(instance.info.identifier) });
      return Promise.all(instances.map(described));
    },
    load: async (key, settings, signal) => {
      const instance = await loadInstance(line, { key, settings, signal, timeout_s });
      const { identifier } = instance.info;
      ours.add(identifier);
      await handles.remember(instance);
      try {
        return await asLoaded(line, instance, { requested: settings, owned: true });
      } catch (thrown) {
        // The caller never learns of this instance, so nobody else will unload it.
        await unloadInstance(line, identifier);
        throw thrown;
      }
    },
    unload: async ({ identifier }) => {
      if (!ours.has(identifier)) return;
      await unloadInstance(line, identifier);
      ours.delete(identifier);
    },
    complete: async (request, completion) => {
      if (completion.signal.aborted)
        throw new LmpowerError('INTERRUPTED', 'interrupted before the request was sent');
      if (request.model.model?.remote === true)
        throw new LmpowerError('MODEL_REMOTE', `${request.model.identifier} is on a linked machine`);
      const { session, handle } = await handles.find(request.model.identifier);
      const onConfig = (config: unknown): void => {
        inForce.set(request.model.identifier, inferenceInForce(config));
      };
      return predict({ session, handle, clock, timeout_s, onConfig }, request, completion);
    },
    unsupported,
    inForce: ({ identifier }) => inForce.get(identifier) ?? null,
    busy: () => countOrUnknown(line),
    close: async () => line.close(),
  };
}

interface Addressed {
  readonly session: SdkSession;
  readonly handle: LLM;
}

interface Handles {
  list(): Promise<Instance[]>;
  remember(instance: Instance): Promise<void>;
  /** Asks the server only when the line broke since: nothing is asked just before a measured request. @throws {LmpowerError} MODEL_UNLOADED */
  find(identifier: string): Promise<Addressed>;
}

function rememberHandles(line: SdkLine): Handles {
  const known = new Map<string, Addressed>();
  const remember = async ({ handle, info }: Instance): Promise<void> => {
    known.set(info.identifier, { session: await line.session(), handle });
  };
  const list = async (): Promise<Instance[]> => {
    const instances = await listInstances(line);
    known.clear();
    await Promise.all(instances.map(remember));
    return instances;
  };
  return {
    list,
    remember,
    find: async (identifier) => {
      const first = known.get(identifier);
      if (first !== undefined && !first.session.broken()) return first;
      await list();
      const again = known.get(identifier);
      if (again !== undefined) return again;
      throw new LmpowerError('MODEL_UNLOADED', `the model ${identifier} is no longer in memory`);
    },
  };
}

async function probe(line: SdkLine): Promise<BackendProbe> {
  try {
    const { version, build } = await line.ask('the version', ({ system }) => system.getLMStudioVersion());
    const { length } = await line.ask('the loaded models', ({ llm }) => llm.listLoaded());
    return probeOf({
      server: 'LM Studio',
      url: line.found() ?? '',
      version: `${version}+${build}`,
      loaded: length,
    });
  } catch (thrown) {
    return probeOfError(asLmpowerError(thrown), line.found());
  }
}

async function countOrUnknown(line: SdkLine): Promise<number | null> {
  try {
    return await requestsUnderWay(line);
  } catch (thrown) {
    // Servers older than 0.4 do not know the question, and one without an answer does not say.
    const { code } = asLmpowerError(thrown);
    if (code === 'BACKEND_PROTOCOL' || code === 'BACKEND_REFUSED' || code === 'MODEL_UNLOADED') return null;
    throw thrown;
  }
}

/** Source: `@lmstudio/sdk` 2.0.0, LLMPredictionConfigInput; threads are a setting of each prediction there. */
const APPLIED = [
  ...['temperature', 'topP', 'topK', 'minP', 'repeatPenalty', 'seed', 'maxOutput_tok', 'stop'],
  'draftModel',
];
/** Source: `@lmstudio/sdk` 2.0.0, llmPredictionSchematics and llmLoadSchematics: it throws beyond them. */
const MOST_TOP_K = 500;
const MOST_PARALLEL = 1023;

function unsupported(inference: InferenceSettings, load: LoadSettings): string[] {
  // Reuse of earlier prompts is always on, so asking for it asks for nothing.
  const cached = inference.cachePrompt === true ? ['cachePrompt'] : [];
  return [
    ...unsupportedOf(inference, [...APPLIED, ...cached]),
    ...((inference.topK ?? 0) > MOST_TOP_K ? [`topK above ${MOST_TOP_K}`] : []),
    ...unsupportedOf(load, LOAD_SETTINGS),
    ...((load.parallel ?? 0) > MOST_PARALLEL ? [`parallel above ${MOST_PARALLEL}`] : []),
  ];
}
