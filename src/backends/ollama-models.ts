import { quantizationOf } from '../core/quantization.ts';
import type { LoadSettings, Model, Setting } from '../core/run.ts';
import type { LoadedModel } from './backend.ts';
import { countAt, type JsonObject, numberAt, objectAt, objectsAt, textAt, textsAt } from './json.ts';
import { requestedLoad, settingsBeside } from './settings.ts';

/** One entry of GET /api/tags or /api/ps. Source: Ollama docs/api.md. */
export interface Entry {
  /** With its tag. */
  readonly name: string;
  /** Answered by Ollama's cloud, or by another machine. */
  readonly remote: boolean;
  readonly json: JsonObject;
}

export function listed(answer: JsonObject): Entry[] {
  return objectsAt(answer, 'models').flatMap((json) => {
    const name = textAt(json, 'model') ?? textAt(json, 'name');
    const remote = (textAt(json, 'remote_host') ?? '') !== '' || (textAt(json, 'remote_model') ?? '') !== '';
    return name === null ? [] : [{ name: fullName(name), remote, json }];
  });
}

/** `llama3` is `llama3:latest`. Source: Ollama docs/api.md, model names. */
export function fullName(name: string): string {
  return /:[^/]*$/.test(name) ? name : `${name}:latest`;
}

/** Old servers tell no capabilities; what they list is taken for a language model. */
function isEmbedding(shown: JsonObject | null): boolean {
  const capabilities = shown === null ? [] : textsAt(shown, 'capabilities');
  return capabilities.length > 0 && !capabilities.includes('completion');
}

/** `shown`: the answer of POST /api/show, null where there is none. */
export function modelOf(entry: JsonObject, shown: JsonObject | null, running: readonly Entry[]): Model {
  const [tagged] = listed({ models: [entry] });
  const name = tagged?.name ?? '';
  const details = objectAt(entry, 'details') ?? {};
  const facts = (shown === null ? null : objectAt(shown, 'model_info')) ?? {};
  const architecture = textAt(facts, 'general.architecture');
  const capabilities = shown === null ? [] : textsAt(shown, 'capabilities');
  const can = (what: string): boolean | null =>
    capabilities.length === 0 ? null : capabilities.includes(what);
  const digest = textAt(entry, 'digest');
  const quantization = quantizationOf(textAt(details, 'quantization_level'));
  return {
    type: isEmbedding(shown) ? 'embedding' : 'llm',
    key: name,
    displayName: name,
    publisher: name.includes('/') ? (name.split('/').at(-2) ?? null) : null,
    architecture: architecture ?? textAt(details, 'family'),
    format: textAt(details, 'format'),
    quantization: quantization?.label ?? null,
    bitsPerWeight: quantization?.bits ?? null,
    params: textAt(details, 'parameter_size'),
    size_B: countAt(entry, 'size'),
    maxContext_tok: architecture === null ? null : countAt(facts, `${architecture}.context_length`),
    vision: can('vision'),
    toolUse: can('tools'),
    variants: [],
    loaded: running.filter((one) => one.name === name).map((one) => one.name),
    remote: tagged?.remote ?? false,
    ...(digest === null ? {} : { digest: digest.replace(/^sha256:/, '') }),
  };
}

/** What is in memory, with what the server tells of it. */
export function residentsOf(
  running: readonly Entry[],
  tags: readonly Entry[],
  { requested, owns }: { requested: LoadSettings; owns: (identifier: string) => boolean },
): LoadedModel[] {
  return running.map(({ name, json }) => {
    const tag = tags.find((one) => one.name === name);
    return {
      key: name,
      identifier: name,
      owned: owns(name),
      settings: settingsOf(json, requested),
      model: modelOf(tag?.json ?? json, null, running),
    };
  });
}

function settingsOf(json: JsonObject, requested: LoadSettings): Setting[] {
  const context_tok = countAt(json, 'context_length');
  const gpuOffload = offloadOf(json);
  return settingsBeside(requestedLoad(requested), {
    ...(context_tok === null || context_tok === 0 ? {} : { context_tok }),
    ...(gpuOffload === null ? {} : { gpuOffload }),
  });
}

/** Share of the model's bytes that lie in the GPU's memory, in the words of our setting at both ends. */
function offloadOf(json: JsonObject): number | 'max' | 'off' | null {
  const size_B = numberAt(json, 'size');
  // Left out where it is 0.
  const gpu_B = numberAt(json, 'size_vram') ?? 0;
  if (size_B === null || size_B <= 0) return null;
  if (gpu_B <= 0) return 'off';
  return gpu_B >= size_B ? 'max' : gpu_B / size_B;
}

/** Our settings in the words of the runner's options. Source: ollama api/types.go, Runner. */
const RUNNER_NAMES = {
  context_tok: 'num_ctx',
  gpuLayers: 'num_gpu',
  batch_tok: 'num_batch',
  threads: 'num_thread',
  mmap: 'use_mmap',
} as const;

/** Load settings that Ollama can apply; of `gpuOffload` only `off`. */
export const RUNNER_SETTINGS: readonly string[] = Object.keys(RUNNER_NAMES);

/** Options that belong to the model's process: a request with other ones than it was started with loads the model anew. */
export function runnerOptions(settings: Readonly<Record<string, unknown>>): JsonObject {
  const given = Object.entries(RUNNER_NAMES).flatMap(([name, wire]) => {
    const value = settings[name] ?? null;
    return value === null ? [] : [[wire, value]];
  });
  return { ...Object.fromEntries(given), ...(settings['gpuOffload'] === 'off' ? { num_gpu: 0 } : {}) };
}

/** What the instance was started with, so that a request does not change it: as read back, else as asked for. */
export function startedWith(settings: readonly Setting[]): Record<string, unknown> {
  const known = settings.map(({ name, requested, effective }): [string, unknown] => [
    name,
    // How much lies on the GPU is read back; what made it so is what was asked for.
    name === 'gpuOffload' ? requested : (effective ?? requested),
  ]);
  return Object.fromEntries(known);
}
