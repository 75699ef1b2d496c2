import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { writtenPages } from './docs/pages.ts';

/** `npm run docs`: pages that follow from tables of the program. */
const root = new URL('../../', import.meta.url);
for (const [path, text] of writtenPages()) {
  await writeFile(fileURLToPath(new URL(path, root)), text);
  process.stdout.write(`${path}\n`);
}
