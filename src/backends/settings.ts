import { given } from '../core/given.ts';
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

/** Load settings under the names of our own types: those that every run has, and of the others what was asked for. */
export function requestedLoad(load: LoadSettings): Record<string, Scalar> {
  const { context_tok, gpuOffload, flashAttention, parallel, ...others } = load;
  return { context_tok, gpuOffload, flashAttention, parallel, ...given(others) };
}

/** What was asked for of `settings` that is not among the names that can be applied. */
export function unsupportedOf(
  settings: LoadSettings | InferenceSettings,
  applied: readonly string[],
): string[] {
  return Object.keys(given(settings)).filter((name) => !applied.includes(name));
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

/** What a server says of inference settings, under our names. */
export interface ToldInference {
  /** With which the last answer was made; not given: no server but LM Studio's socket says. */
  readonly inForce?: Readonly<Record<string, Scalar>> | null;
  /** What it does where a request asks for nothing else. */
  readonly defaults?: Readonly<Record<string, Scalar>>;
}

/** Inference settings as requested, beside what is in force as far as the server says it. */
export function inferenceSettings(
  inference: InferenceSettings,
  { defaults = {}, inForce = null }: ToldInference,
): Setting[] {
  const { stop, ...others } = inference;
  const requested: Record<string, Scalar> = {
    ...given(others),
    ...(stop === null || stop === undefined ? {} : { stop: JSON.stringify(stop) }),
  };
  const unasked = Object.entries(defaults).filter(([name]) => !(name in requested));
  return settingsBeside(requested, inForce ?? Object.fromEntries(unasked));
}
