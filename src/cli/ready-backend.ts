import type { Backend, BackendProbe } from '../backends/backend.ts';
import { type BackendOptions, detectBackend } from '../backends/index.ts';
import { type ErrorCode, LmpowerError } from '../core/errors.ts';

export interface ReadyBackend {
  readonly backend: Backend;
  readonly version: string | null;
  /** Where it answered; null: not said. */
  readonly url: string | null;
}

/**
 * The backend of that id, once its server has said that it can answer: what would fail is refused before anything is
 * measured or stored. `needsLoaded`: no model is to be loaded, so one must be there.
 * @throws {LmpowerError} BACKEND_*, MODEL_NOT_LOADED
 */
export async function readyBackend(
  id: string,
  options: BackendOptions,
  needsLoaded: boolean,
): Promise<ReadyBackend> {
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
