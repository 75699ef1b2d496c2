import type { JsonRecord } from './json.ts';

/** An error as LM Studio puts it on the wire: `title` for people, `displayData` for programs. */
export interface WireError {
  readonly title: string;
  readonly rootTitle: string;
  readonly cause?: string;
  readonly suggestion?: string;
  readonly displayData?: { readonly code: string } & Readonly<Record<string, unknown>>;
}

/** Thrown inside the stand-in wherever LM Studio itself would refuse; each transport words it in its own way. */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly wire: WireError;
  readonly parameter: RefusedParameter | null;

  constructor(kind: RefusalKind, wire: Omit<WireError, 'rootTitle'>, parameter?: RefusedParameter) {
    super(wire.title);
    this.name = 'Refusal';
    this.kind = kind;
    this.wire = { rootTitle: wire.title, ...wire };
    this.parameter = parameter ?? null;
  }
}

/** REST's `error.type`. Source: LM Studio documentation, streaming events. */
export type RefusalKind = 'invalid_request' | 'model_not_found' | 'internal_error';

/** REST says which parameter it did not like, and why. */
export interface RefusedParameter {
  readonly code: string;
  readonly param: string;
}

/** LM Studio's own statuses are not documented; these are the usual ones. */
const STATUS = { invalid_request: 400, model_not_found: 404, internal_error: 500 } as const;

export function statusOf(refusal: Refusal): number {
  return STATUS[refusal.kind];
}

/** REST's form of a refusal. Source: LM Studio documentation, streaming events, `error`. */
export function restError({ kind, wire, parameter }: Refusal): JsonRecord {
  const message = wire.cause === undefined ? wire.title : `${wire.title}: ${wire.cause}`;
  return { type: kind, message, ...parameter };
}

const SAMPLE_SIZE = 5;

export function pathNotFound(path: string, keys: readonly string[]): Refusal {
  return new Refusal('model_not_found', {
    title: `Cannot find a model with path "${path}"`,
    displayData: {
      code: 'generic.pathNotFound',
      path,
      availablePathsSample: keys.slice(0, SAMPLE_SIZE),
      totalModels: keys.length,
    },
  });
}

export function identifierNotFound(identifier: string, loaded: readonly string[]): Refusal {
  return new Refusal('model_not_found', {
    title: `Cannot find a loaded model with identifier "${identifier}"`,
    displayData: { code: 'generic.identifierNotFound', identifier, ...sampleOf(loaded) },
  });
}

export function noModelMatching(query: unknown, loaded: readonly string[]): Refusal {
  return new Refusal('model_not_found', {
    title: 'No model found that fits the query',
    displayData: { code: 'generic.noModelMatchingQuery', query, ...sampleOf(loaded) },
  });
}

/** Source of the wording: LM Studio bug tracker, issue 1492. */
export function modelUnloaded(): Refusal {
  return new Refusal('internal_error', {
    title: 'Model is unloaded.',
    displayData: { code: 'generic.specificModelUnloaded' },
  });
}

export function domainMismatch(path: string, actual: string, expected: string): Refusal {
  return new Refusal('invalid_request', {
    title: `Model "${path}" is of type ${actual}, not ${expected}`,
    displayData: { code: 'generic.domainMismatch', path, actualDomain: actual, expectedDomain: expected },
  });
}

export function invalidRequest(title: string): Refusal {
  return new Refusal('invalid_request', { title });
}

export function missingParameter(param: string): Refusal {
  const parameter = { code: 'missing_required_parameter', param };
  return new Refusal('invalid_request', { title: `"${param}" is required` }, parameter);
}

export function invalidParameter(param: string, title: string): Refusal {
  return new Refusal('invalid_request', { title }, { code: 'invalid_parameter', param });
}

/** Null where `body` has no key but the known ones. Wording: as LM Studio 0.4 answers. */
export function unknownKeys(body: JsonRecord, known: readonly string[]): Refusal | null {
  const [first, ...others] = Object.keys(body).filter((key) => !known.includes(key));
  if (first === undefined) return null;
  const names = [first, ...others].map((key) => `'${key}'`).join(', ');
  const parameter = { code: 'unrecognized_keys', param: first };
  return new Refusal('invalid_request', { title: `Unrecognized key(s) in object: ${names}` }, parameter);
}

export function engineFailed(title: string, cause: string): Refusal {
  return new Refusal('internal_error', { title, cause });
}

function sampleOf(loaded: readonly string[]): { loadedModelsSample: string[]; totalLoadedModels: number } {
  return { loadedModelsSample: loaded.slice(0, SAMPLE_SIZE), totalLoadedModels: loaded.length };
}
