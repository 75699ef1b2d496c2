import type { LabModel } from './catalog.ts';
import type { Engine } from './engine.ts';
import type { Instance } from './instance.ts';
import type { JsonRecord } from './json.ts';
import { booleanAt, recordAt, textAt } from './json.ts';
import type { Refusal } from './refusal.ts';
import { identifierNotFound, modelUnloaded, noModelMatching, pathNotFound } from './refusal.ts';

/** What a handle addresses: one instance for good, or whatever fits a query now. */
export type Found = { readonly instance: Instance } | { readonly missing: Refusal };

export function resolveSpecifier(engine: Engine, specifier: JsonRecord, domain: LabModel['type']): Found {
  if (textAt(specifier, 'type') === 'instanceReference') {
    const reference = textAt(specifier, 'instanceReference');
    const instance = engine.loaded().find(({ origin }) => origin.reference === reference);
    return instance === undefined ? { missing: modelUnloaded() } : { instance };
  }
  const query = recordAt(specifier, 'query');
  const instance = engine.loaded().find((entry) => entry.origin.model.type === domain && fits(entry, query));
  return instance === undefined ? { missing: missingFor(engine, query) } : { instance };
}

/** @throws {Refusal} where nothing fits. */
export function instanceFor(engine: Engine, specifier: JsonRecord, domain: LabModel['type']): Instance {
  const found = resolveSpecifier(engine, specifier, domain);
  if ('missing' in found) throw found.missing;
  return found.instance;
}

function fits({ origin }: Instance, query: JsonRecord): boolean {
  const identifier = textAt(query, 'identifier');
  const path = textAt(query, 'path');
  const vision = booleanAt(query, 'vision');
  const device = query['deviceIdentifier'];
  return (
    (identifier === undefined || origin.identifier === identifier || origin.model.key === identifier) &&
    (path === undefined || origin.model.path === path || origin.model.key === path) &&
    (vision === undefined || origin.model.vision === vision) &&
    (device === undefined || origin.model.deviceIdentifier === device)
  );
}

function missingFor(engine: Engine, query: JsonRecord): Refusal {
  const identifier = textAt(query, 'identifier');
  if (identifier !== undefined) return identifierNotFound(identifier, engine.identifiers());
  const path = textAt(query, 'path');
  if (path !== undefined) {
    return pathNotFound(
      path,
      engine.loaded().map(({ origin }) => origin.model.path),
    );
  }
  return noModelMatching(query, engine.identifiers());
}
