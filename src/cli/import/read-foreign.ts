import { open, readFile } from 'node:fs/promises';
import { LmpowerError } from '../../core/errors.ts';
import { readForeignRows } from '../../storage/foreign-rows.ts';
import { classicRun } from './classic-report.ts';
import type { ForeignRun } from './imported-run.ts';
import { llamaBenchRuns } from './llama-bench.ts';
import { studioBenchRuns } from './studio-bench.ts';

const SQLITE_MAGIC = 'SQLite format 3\0';
const RESULTS_TABLE = 'benchmark_results';
/** What names a preset of LM-Studio-Bench or of lmpower: settings, and no result. */
const PRESET_KEYS = ['runs', 'num_runs', 'context', 'context_length', 'trials', 'extends'];

/** The runs that a file of another program holds, recognised by what stands in it. @throws {LmpowerError} IMPORT_INVALID, STORE_* */
export async function readForeign(path: string): Promise<ForeignRun[]> {
  if (await isSqlite(path)) return studioBench(readForeignRows(path, RESULTS_TABLE), path);
  const value = parsed(await readText(path), path);
  const [first] = Array.isArray(value) ? value : [value];
  if (hasKey(first, 'benchmark_id') && hasKey(first, 'prompts')) return classic(value, path);
  if (hasKey(first, 'samples_ns') || hasKey(first, 'build_commit')) return llamaBench(value, path);
  if (hasKey(first, 'avg_tokens_per_sec')) return studioBench(value, path);
  throw strange(path, first);
}

async function classic(value: unknown, path: string): Promise<ForeignRun[]> {
  const { classicReportSchema } = await import('../../core/schemas/foreign.ts');
  return [classicRun(checked(classicReportSchema, value, path))];
}

async function llamaBench(value: unknown, path: string): Promise<ForeignRun[]> {
  const { llamaBenchTestSchema } = await import('../../core/schemas/foreign.ts');
  return llamaBenchRuns(listOf(value).map((one, row) => checked(llamaBenchTestSchema, one, path, row)));
}

async function studioBench(value: unknown, path: string): Promise<ForeignRun[]> {
  const { studioBenchRowSchema } = await import('../../core/schemas/foreign.ts');
  const rows = listOf(value).map((one, row) => checked(studioBenchRowSchema, one, path, row));
  if (rows.length === 0) throw refused(path, 'holds no result');
  return studioBenchRuns(rows);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** @throws {LmpowerError} IMPORT_INVALID, with the first thing that is wrong and where */
function checked<T>(schema: Schema<T>, value: unknown, path: string, row?: number): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = [...(row === undefined ? [] : [`entry ${row + 1}`]), ...(issue?.path.map(String) ?? [])];
  throw refused(path, `cannot be imported: ${place.join('.') || 'the file'}: ${issue?.message ?? 'invalid'}`);
}

async function isSqlite(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw refused(path, 'cannot be read', cause);
  });
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(SQLITE_MAGIC.length),
      0,
      SQLITE_MAGIC.length,
      0,
    );
    return buffer.toString('latin1', 0, bytesRead) === SQLITE_MAGIC;
  } catch (cause) {
    throw refused(path, 'cannot be read', cause);
  } finally {
    await file.close();
  }
}

async function readText(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refused(path, 'cannot be read', cause);
  });
  return text.replace(/^\uFEFF/, '');
}

/** One JSON document, or one a line. */
function parsed(text: string, path: string): unknown {
  const whole = jsonOf(text);
  if (whole !== undefined) return whole;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const values = lines.map((line, place) => {
    const value = jsonOf(line);
    if (value !== undefined) return value;
    throw refused(path, place === 0 ? 'is neither JSON nor SQLite' : `has no JSON on line ${place + 1}`);
  });
  if (values.length === 0) throw refused(path, 'is empty');
  return values;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

/** Files that another command takes are sent there. */
function strange(path: string, first: unknown): LmpowerError {
  if (hasKey(first, 'schemaVersion') && hasKey(first, 'tool'))
    return new LmpowerError(
      'IMPORT_INVALID',
      `${path} is a run document of lmpower: commands read it as a file.`,
      {
        remedy: `lmpower compare ${path} latest; whole runs move by lmpower db export and db import`,
      },
    );
  if (PRESET_KEYS.some((key) => hasKey(first, key)))
    return new LmpowerError('IMPORT_INVALID', `${path} holds settings and no result: it is a preset.`, {
      remedy: `lmpower presets import ${path}`,
    });
  return refused(path, 'holds nothing that is known here');
}

function refused(path: string, why: string, cause?: unknown): LmpowerError {
  return new LmpowerError('IMPORT_INVALID', `${path} ${why}.`, cause === undefined ? {} : { cause });
}
