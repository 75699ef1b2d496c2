import { LmpowerError } from '../core/errors.ts';
import type { Backend, BackendProbe } from './backend.ts';
import type { BackendId } from './ids.ts';
import { createLlamaServer } from './llama-server.ts';
import { createLmStudio } from './lmstudio.ts';
import { createLmStudioRest } from './lmstudio-rest.ts';
import { createOllama } from './ollama.ts';
import { createOpenAi } from './openai.ts';
import { type BackendOptions, optionsFor } from './options.ts';

export { type BackendOptions, optionsFor } from './options.ts';

/** A kind of server that lmpower can measure. Making a backend touches nothing: its first call connects. */
export interface BackendFactory {
  readonly id: BackendId;
  readonly title: string;
  create(options: BackendOptions): Backend;
}

/** All of them, in the order in which `auto` tries. */
export const BACKENDS: readonly BackendFactory[] = [
  { id: 'lmstudio', title: 'LM Studio (SDK)', create: createLmStudio },
  { id: 'lmstudio-rest', title: 'LM Studio (REST v1)', create: createLmStudioRest },
  { id: 'llama-server', title: 'llama-server', create: createLlamaServer },
  { id: 'ollama', title: 'Ollama', create: createOllama },
  { id: 'openai', title: 'OpenAI-compatible', create: createOpenAi },
];

/** The backend of that id; `auto` is the first whose server answers. @throws {LmpowerError} BACKEND_UNKNOWN, BACKEND_UNREACHABLE */
export async function detectBackend(id: string, options: BackendOptions): Promise<Backend> {
  if (id === 'auto') return firstAnswering(options);
  const factory = BACKENDS.find((candidate) => candidate.id === id);
  if (factory !== undefined) return factory.create(optionsFor(id, options));
  const known = BACKENDS.map((candidate) => candidate.id).join(', ');
  throw new LmpowerError('BACKEND_UNKNOWN', `there is no backend '${id}'; there are: auto, ${known}`);
}

/** A server that answers but is broken for one way of talking to it may be well for the next. */
async function firstAnswering(options: BackendOptions): Promise<Backend> {
  const tried: Tried[] = [];
  for (const factory of BACKENDS) {
    const backend = factory.create(optionsFor(factory.id, options));
    const probe = await backend.probe();
    tried.push({ backend, probe });
    if (isWell(probe)) break;
  }
  const answering = tried.filter(({ probe }) => probe.state !== 'unreachable');
  const chosen = answering.find(({ probe }) => isWell(probe)) ?? answering[0];
  await Promise.all(tried.filter((one) => one !== chosen).map(({ backend }) => backend.close()));
  if (chosen !== undefined) return chosen.backend;
  throw nobody(options, tried);
}

/** What one of them says would send the user of another to the wrong server, unless all say the same. */
function nobody({ url }: BackendOptions, tried: readonly Tried[]): LmpowerError {
  const [said, ...others] = new Set(tried.map(({ probe }) => probe.detail));
  const whom = `tried ${BACKENDS.map(({ id }) => id).join(', ')}`;
  if (url === null)
    return new LmpowerError('BACKEND_UNREACHABLE', `no server answers (${whom})`, {
      remedy:
        'start the server (LM Studio, llama-server, Ollama …), or give its address with --url; lmpower doctor says where each was looked for',
    });
  const message =
    said !== undefined && others.length === 0
      ? said
      : `what answers at ${url} is no server that is known here (${whom})`;
  return new LmpowerError('BACKEND_UNREACHABLE', message, {
    remedy: 'look at the address, start the server, then: lmpower doctor',
  });
}

interface Tried {
  readonly backend: Backend;
  readonly probe: BackendProbe;
}

function isWell({ state }: BackendProbe): boolean {
  return state !== 'unreachable' && state !== 'broken';
}
