import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runDocumentJsonSchema } from '../src/core/schemas/run-document.ts';
import { workloadJsonSchema } from '../src/core/schemas/workload.ts';

/** Part of the build: the JSON Schemas that the package publishes. */
const folder = new URL('../schema/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const [name, schema] of [
  ['run-document.json', runDocumentJsonSchema()],
  ['workload.json', workloadJsonSchema()],
] as const) {
  await writeFile(fileURLToPath(new URL(name, folder)), `${JSON.stringify(schema, null, 2)}\n`);
}
