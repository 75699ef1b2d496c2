import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Quantization, SizeName } from '../../../scripts/gguf/llama.ts';
import { writeModel } from '../../../scripts/gguf/model-file.ts';
import { readWords } from '../../../scripts/gguf/words.ts';

export type ModelName = `${SizeName}-${Quantization}`;

const CACHE = resolve(import.meta.dirname, '../.cache');
const GENERATOR = resolve(import.meta.dirname, '../../../scripts/gguf');
const SEED = 1;

/** Path of a generated model, made on first use and whenever the generator or its words changed. */
export async function cachedModel(name: ModelName): Promise<string> {
  const words = await readWords();
  const version = await versionOf(words);
  const path = join(CACHE, version, `${name}.gguf`);
  if (existsSync(path)) return path;
  await dropOthers(version);
  const [size, quantization] = partsOf(name);
  await writeModel(path, words, { size, quantization, seed: SEED });
  return path;
}

async function versionOf(words: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(words.join(' '));
  for (const file of (await readdir(GENERATOR)).sort()) hash.update(await readFile(join(GENERATOR, file)));
  return hash.digest('hex').slice(0, 16);
}

async function dropOthers(version: string): Promise<void> {
  const folders = await readdir(CACHE).catch((): string[] => []);
  for (const folder of folders.filter((one) => one !== version))
    await rm(join(CACHE, folder), { recursive: true, force: true });
}

function partsOf(name: ModelName): [SizeName, Quantization] {
  const size = (['tiny', 'small', 'base'] as const).find((one) => name.startsWith(`${one}-`));
  const quantization = (['F16', 'Q8_0', 'Q4_0'] as const).find((one) => name.endsWith(`-${one}`));
  if (size === undefined || quantization === undefined) throw new RangeError(`no model ${name}`);
  return [size, quantization];
}
