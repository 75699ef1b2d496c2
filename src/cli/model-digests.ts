import { localPort } from '../../samplers/environment/listening.ts';
import { lmStudioModelFolders } from '../backends/lmstudio-folders.ts';
import type { Model } from '../core/run.ts';
import { B_PER_GB } from '../core/units.ts';
import { modelDigest } from '../orchestrator/file-digest.ts';
import type { DigestOf } from '../orchestrator/identities.ts';
import { localModelPath } from '../orchestrator/local-model.ts';
import { type DigestMemory, digestsPath, openDigestMemory } from '../storage/digest-memory.ts';
import { readSurroundings, type Surroundings } from '../storage/locations.ts';
import { say } from './output.ts';
import { clearLiveLine, drawLiveLine, isLive } from './terminal.ts';

export interface DigestOrder {
  /** Null: not said. */
  readonly serverUrl: string | null;
  readonly quiet: boolean;
  /** No file is read: only what is known of it counts. */
  readonly recallOnly: boolean;
  /** Not given: this machine and its user. */
  readonly surroundings?: Surroundings;
}

/**
 * SHA-256 of a model: the server's own, else of the file where it is on this machine, read whole unless it is known. To be
 * asked before anything is measured, since a file of 40 GB takes a minute. Null where there is none.
 */
export async function digestReader(order: DigestOrder): Promise<DigestOf> {
  const surroundings = order.surroundings ?? readSurroundings();
  const folders = await lmStudioModelFolders(surroundings.home);
  const memory = openDigestMemory(digestsPath(surroundings));
  return async (model) => model.digest ?? (await fileDigest(order, model, { folders, memory }));
}

interface Places {
  readonly folders: readonly string[];
  readonly memory: DigestMemory;
}

/** Null where the server is on another machine: a path of its own would be another file here. */
async function fileDigest(
  { quiet, recallOnly, serverUrl }: DigestOrder,
  model: Model,
  { folders, memory }: Places,
): Promise<string | null> {
  if (serverUrl === null || localPort(serverUrl) === null) return null;
  const path = await localModelPath(model, folders);
  if (path === null) return null;
  const onProgress = quiet ? undefined : progressOf(model.key);
  const digest = await modelDigest(path, { memory, recallOnly, ...(onProgress && { onProgress }) });
  clearLiveLine();
  return digest;
}

const REDRAW_B = 256e6;

function progressOf(key: string): (read_B: number, of_B: number) => void {
  let told_B = Number.NEGATIVE_INFINITY;
  return (read_B, of_B) => {
    if (told_B < 0 && of_B > REDRAW_B)
      say(`Reading ${key} (${gigabytes(of_B)} GB) for its SHA-256, once; --no-digest skips it.`);
    if (read_B - told_B < REDRAW_B) return;
    told_B = read_B;
    if (isLive()) drawLiveLine(`${key}: ${gigabytes(read_B)} of ${gigabytes(of_B)} GB read`);
  };
}

function gigabytes(size_B: number): string {
  return (size_B / B_PER_GB).toFixed(1);
}
