import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from '../src/cli/config/json-schema.ts';
import { buildProgram } from '../src/cli/program.ts';
import { runDocumentJsonSchema } from '../src/core/schemas/run-document.ts';
import { workloadJsonSchema } from '../src/core/schemas/workload.ts';

/** Part of the build: the JSON Schemas that the package publishes. */
const { commands } = buildProgram({
  version: '',
  elevation: { guard: null, dropped: false, reason: null },
  exitCode: 0,
});
const folder = new URL('../schema/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, schema] of [
  ['run-document.json', runDocumentJsonSchema()],
  ['workload.json', workloadJsonSchema()],
  ['config.json', configJsonSchema(commands)],
] as const) {
  await writeFile(fileURLToPath(new URL(name, folder)), `${JSON.stringify(schema, null, 2)}\n`);
}
