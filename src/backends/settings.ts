import type { InferenceSettings, LoadSettings, Setting } from '../core/run.ts';
import { isObject, type JsonObject } from './json.ts';

type Scalar = string | number | boolean | null;

/**
 * What was asked for beside what the server reads back, one setting a line, the asked-for ones first. A setting that
 * nobody asked for is listed too: it is part of what was measured.
 */
export function settingsBeside(
  requested: Readonly<Record<string, Scalar>>,
  effective: Readonly<Record<string, Scalar>> | null,
): Setting[] {
  const names = new Set([...Object.keys(requested), ...Object.keys(effective ?? {})]);
  return [...names].map((name) => {
    const inForce = effective?.[name];
    return {
      name,
      requested: requested[name] ?? null,
      effective: inForce ?? null,
      source: inForce === undefined ? 'unknown' : 'server',
    };
  });
}

/** Load settings under the names of our own types. */
export function requestedLoad(load: LoadSettings): Record<string, Scalar> {
  return {
    context_tok: load.context_tok,
    gpuOffload: load.gpuOffload,
    flashAttention: load.flashAttention,
    parallel: load.parallel,
  };
}

export const NO_LOAD_REQUEST: LoadSettings = {
  context_tok: null,
  gpuOffload: null,
  flashAttention: null,
  parallel: null,
};

/** Nested configuration as dotted names, with the server's names for ours where `renamed` knows them. */
export function flattened(
  config: JsonObject,
  renamed: Readonly<Record<string, string>>,
): Record<string, Scalar> {
  const flat: Record<string, Scalar> = {};
  const visit = (object: JsonObject, prefix: string): void => {
    for (const [key, value] of Object.entries(object)) {
      const path = `${prefix}${key}`;
      if (isObject(value)) visit(value, `${path}.`);
      else flat[renamed[path] ?? path] = scalarOf(value);
    }
  };
  visit(config, '');
  return flat;
}

function scalarOf(value: unknown): Scalar {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** Inference settings as requested; no server reads them back, so none is claimed to be in force. */
export function inferenceSettings(inference: InferenceSettings): Setting[] {
  return settingsBeside({ ...inference }, null);
}
