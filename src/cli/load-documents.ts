import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { LmpowerError } from '../core/errors.ts';
import { RUN_SCHEMA_VERSION, type RunDocument } from '../core/result.ts';
import type { RunStore } from '../storage/store.ts';
import { openStoreOf } from './open-store.ts';

/**
 * The run documents that ids, unique prefixes, `latest` or files name, in that order. Runs of the database are analysed
 * anew; files are taken as they are. @throws {LmpowerError} RUN_NOT_FOUND, RUN_AMBIGUOUS, USAGE, STORE_*
 */
export async function loadDocuments(command: Command, refs: readonly string[]): Promise<RunDocument[]> {
  const documents: RunDocument[] = [];
  let store: RunStore | null = null;
  try {
    for (const ref of refs) {
      if (await isFile(ref)) {
        documents.push(await readDocument(ref));
        continue;
      }
      store ??= await openStoreOf(command);
      const { analyze } = await import('../analyzer/analyze.ts');
      documents.push(analyze(store.load(store.resolve(ref))));
    }
  } finally {
    store?.close();
  }
  return documents;
}

/** A run document from a file. @throws {LmpowerError} USAGE, naming the file and the first thing that is wrong */
export async function readDocument(path: string): Promise<RunDocument> {
  const value = parsedJson(await readFile(path, 'utf8'), path);
  const version = versionOf(value);
  if (version !== null && version > RUN_SCHEMA_VERSION)
    throw refused(path, `was written by a newer lmpower (document version ${version})`, 'update lmpower');
  const { runDocumentSchema } = await import('../core/schemas/run-document.ts');
  const checked = runDocumentSchema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  throw refused(path, `is not a run document: ${place === '' ? 'the file' : place}: ${issue?.message ?? ''}`);
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

function parsedJson(text: string, path: string): unknown {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return value;
  } catch {
    throw refused(path, 'is not JSON');
  }
}

function versionOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('schemaVersion' in value)) return null;
  return typeof value.schemaVersion === 'number' ? value.schemaVersion : null;
}

function refused(path: string, why: string, remedy?: string): LmpowerError {
  return new LmpowerError('USAGE', `${path} ${why}.`, {
    remedy: remedy ?? 'lmpower run --output FILE.json and lmpower export RUN write run documents',
  });
}
