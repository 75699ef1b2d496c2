// Writes generated GGUF models: node dist/scripts/gguf/write-gguf.js FOLDER [NAME…], NAME as small-Q8_0; all nine without one.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Quantization, SIZES, SizeName } from './llama.ts';
import { modelName, writeModel } from './model-file.ts';
import { readWords } from './words.ts';

const QUANTIZATIONS: readonly Quantization[] = ['F16', 'Q8_0', 'Q4_0'];
const SIZE_NAMES: readonly SizeName[] = ['tiny', 'small', 'base'] satisfies (keyof typeof SIZES)[];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' } },
});
const [folder, ...names] = positionals;
const known = SIZE_NAMES.flatMap((size) => QUANTIZATIONS.map((quantization) => ({ size, quantization })));
const unknown = names.filter((name) => !known.some((spec) => modelName(spec) === name));
if (folder === undefined || unknown.length > 0) {
  process.stderr.write(`a folder, then any of: ${known.map(modelName).join(' ')}\n`);
  process.exitCode = 2;
} else {
  const words = await readWords();
  for (const spec of known) {
    if (names.length > 0 && !names.includes(modelName(spec))) continue;
    const path = join(folder, `${modelName(spec)}.gguf`);
    await writeModel(path, words, { ...spec, seed: Number(values.seed) });
    process.stdout.write(`${path}\n`);
  }
}
