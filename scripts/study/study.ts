import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/core/clock.ts';
import { chartFile } from './chart-file.ts';
import { type Effort, effortOf, pageText, type Section, verdictOf } from './page.ts';
import { PREFACE, SECTIONS } from './sections.ts';

/**
 * `npm run study`: thousands of simulated experiments against the closed-form truth; writes RESULTS.md and its charts.
 * `-- --quick`: a look in under a minute, printed only. `--output FOLDER`: write there. `--only NAME`: one section. `--strict`: exit 1 where a bar is missed.
 */
const FULL = 1;
const QUICK = 0.01;

const {
  quick: isQuick = false,
  strict = false,
  ...words
} = parseArgs({
  options: {
    quick: { type: 'boolean' },
    strict: { type: 'boolean' },
    output: { type: 'string' },
    only: { type: 'string' },
  },
}).values;
const { only = null } = words;
if (only !== null && !(only in SECTIONS))
  throw new Error(`there is no section '${only}': ${Object.keys(SECTIONS).join(', ')}`);
// One section, or a look, is no page to keep.
const isPrinted = isQuick || only !== null;
const own = fileURLToPath(new URL('../../../scripts/study/', import.meta.url));
const output = words.output ?? (isPrinted ? null : own);
const effort = effortOf(isQuick ? QUICK : FULL);
const sections: Section[] = [];
for (const [name, run] of Object.entries(SECTIONS)) {
  if (only !== null && only !== name) continue;
  sections.push(timed(name, run, effort));
}
if (output === null) process.stdout.write(pageText(sections, PREFACE));
else await writeAll(output);
const hasFailed = sections.some(({ findings }) => findings.some(({ passed }) => passed === false));
if (hasFailed && strict) process.exitCode = 1;

function timed(name: string, run: (effort: Effort) => Section, given: Effort): Section {
  const from_s = systemClock.now_s();
  const section = run(given);
  process.stderr.write(`${(systemClock.now_s() - from_s).toFixed(1)} s  ${name}\n`);
  for (const one of section.findings)
    process.stderr.write(`    ${verdictOf(one)}  ${one.what}: ${one.found} (${one.bar})\n`);
  return section;
}

async function writeAll(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const base = pathToFileURL(folder.endsWith('/') ? folder : `${folder}/`);
  for (const chart of sections.flatMap(({ charts }) => charts)) {
    await writeFile(new URL(chart.file, base), await chartFile(chart));
  }
  await writeFile(new URL('RESULTS.md', base), pageText(sections, PREFACE));
}
