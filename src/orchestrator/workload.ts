import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { LmpowerError } from '../core/errors.ts';
import type { Prompt, Workload } from '../core/run.ts';
import type { WorkloadFault, WorkloadFile } from '../core/schemas/workload.ts';
import { canonicalJson } from './canonical-json.ts';
import { type JsonPath, lineOf } from './json-places.ts';

/** A longer file is no set of prompts. */
const LARGEST_FILE_B = 64 * 2 ** 20;

/** The import map of package.json finds the folder alike from `src` and from `dist/src`. */
const PROMPTS_FOLDER = dirname(createRequire(import.meta.url).resolve('#prompts/classic-v1.json'));

/** Ids of the workloads that come with lmpower, sorted. */
export async function builtInIds(): Promise<string[]> {
  const names = await readdir(PROMPTS_FOLDER);
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => basename(name, '.json'))
    .sort();
}

/** All workloads that come with lmpower, sorted by id. @throws {LmpowerError} WORKLOAD_INVALID */
export async function builtInWorkloads(): Promise<Workload[]> {
  const ids = await builtInIds();
  return Promise.all(ids.map(readBuiltIn));
}

/**
 * The built-in workload of that id, in its newest version where none is given, else the file of that name.
 * @throws {LmpowerError} WORKLOAD_INVALID, naming the file, the line and the reason
 */
export async function loadWorkload(idOrFile: string): Promise<Workload> {
  const ids = await builtInIds();
  const id = ids.includes(idOrFile) ? idOrFile : newestOf(ids, idOrFile);
  if (id !== undefined) return readBuiltIn(id);
  const found = await stat(idOrFile).catch(() => null);
  if (found?.isFile() === true && found.size <= LARGEST_FILE_B)
    return parseWorkload(await textOf(idOrFile), idOrFile);
  const why =
    found === null
      ? 'is neither a built-in workload nor a file'
      : found.isFile()
        ? `is larger than ${LARGEST_FILE_B / 2 ** 20} MiB`
        : 'is not a file';
  throw new LmpowerError('WORKLOAD_INVALID', `workload '${idOrFile}' ${why}.`, {
    remedy: `give a JSON file or one of: ${ids.join(', ')}`,
  });
}

/** `idle` stands for its newest version. */
function newestOf(ids: readonly string[], name: string): string | undefined {
  const versionOf = (id: string): number => Number(id.slice(name.length + 2));
  const versions = ids.filter((id) => id.startsWith(`${name}-v`) && Number.isInteger(versionOf(id)));
  return versions.sort((a, b) => versionOf(a) - versionOf(b)).at(-1);
}

/** Text of a workload file → workload. `path` is for messages. @throws {LmpowerError} WORKLOAD_INVALID */
export async function parseWorkload(source: string, path: string): Promise<Workload> {
  const { checkWorkload } = await import('../core/schemas/workload.ts');
  const text = source.replace(/^\uFEFF/, '');
  const check = checkWorkload(parseJson(text, path));
  if (!check.ok) throw invalid(text, path, check.faults);
  return workloadOf(check.file);
}

/** The package's own files are checked by its tests: what checks them takes longer to load than all else of a plan. */
async function readBuiltIn(id: string): Promise<Workload> {
  const path = join(PROMPTS_FOLDER, `${id}.json`);
  return workloadOf(parseJson<WorkloadFile>(await textOf(path), path));
}

function workloadOf({ $schema: _editorHint, kind, ...file }: WorkloadFile): Workload {
  const sent = { ...file, prompts: file.prompts.map(promptOf), ...(kind === undefined ? {} : { kind }) };
  return { ...sent, sha256: hashOf(sent) };
}

/** A prompt whose words are drawn for each request has no text of its own. */
function promptOf(prompt: WorkloadFile['prompts'][number]): Prompt {
  if ('text' in prompt) return prompt;
  const { block_s, generate, ...name } = prompt;
  const block = block_s === undefined ? {} : { block_s };
  return { ...name, text: '', maxOutput_tok: generate.output_tok, generate, ...block };
}

/** Of what reaches the model: prompts, system prompt and whether nonces are added; titles and layout do not count. */
export function hashOf({ kind, nonce, prompts, system }: Omit<Workload, 'sha256'>): string {
  const sent = { nonce, prompts, system, ...(kind === undefined ? {} : { kind }) };
  return createHash('sha256').update(canonicalJson(sent)).digest('hex');
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new LmpowerError('WORKLOAD_INVALID', `workload file ${path} cannot be read.`, { cause });
  }
}

function parseJson<T = unknown>(text: string, path: string): T {
  try {
    const value: T = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new LmpowerError('WORKLOAD_INVALID', `${path}:${lineOf(text, [])}: not JSON.`, { cause });
  }
}

/** One fault in full; the number of the others, since the first often causes them. */
function invalid(
  text: string,
  path: string,
  faults: readonly [WorkloadFault, ...WorkloadFault[]],
): LmpowerError {
  const [first, ...others] = faults;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const place = `${path}:${lineOf(text, first.path)}`;
  return new LmpowerError(
    'WORKLOAD_INVALID',
    `${place}: ${dotted(first.path)} ${lowerFirst(first.reason)}${more}.`,
  );
}

/** `prompts[2].text`. */
function dotted(path: JsonPath): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'the file:' : `${text.replace(/^\./, '')}:`;
}

function lowerFirst(reason: string): string {
  return reason.charAt(0).toLowerCase() + reason.slice(1);
}
