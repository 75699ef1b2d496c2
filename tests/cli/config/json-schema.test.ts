import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configJsonSchema } from '../../../src/cli/config/json-schema.ts';
import { readConfigText } from '../../../src/cli/config/read-file.ts';
import { isRepeatable, type Setting, takesOf } from '../../../src/cli/config/settings.ts';
import { LmpowerError } from '../../../src/core/errors.ts';
import { programIn, vocabulary } from '../../support/commands.ts';
import { fits } from '../../support/json-schema.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const words = vocabulary();
const settings = [...words.settings.values()];
const schema: unknown = JSON.parse(JSON.stringify(configJsonSchema(programIn('/nowhere').commands)));

/** Whether the program takes a file with this in it. */
async function isTaken(path: string, json: unknown): Promise<boolean> {
  try {
    await readConfigText(path, JSON.stringify(json), words);
    return true;
  } catch (thrown) {
    if (thrown instanceof LmpowerError && thrown.code !== 'BUG') return false;
    throw thrown;
  }
}

/** Values that some flag takes, and some that none does. */
const one = fc.oneof(
  fc.constantFrom(
    'on',
    'off',
    'q8_0',
    'fresh',
    'net',
    'speed',
    'stream',
    'max',
    '',
    ' ',
    '1B..8B',
    '32k',
    '8',
    '-1',
  ),
  fc.constantFrom(0, 1, -1, 0.5, 3, 1234, 70_000, 1e8, true, false, null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ maxLength: 4 }),
);
const value = fc.oneof(one, fc.array(one, { maxLength: 3 }), fc.constant({}), fc.constant({ host: 'x' }));

const file = fc.oneof(
  fc
    .tuple(fc.constantFrom(...settings), value)
    .map(([{ key, section }, json]) => ({ [section]: { [key]: json } })),
  fc
    .tuple(
      fc.constantFrom(...words.backends, 'vllm'),
      fc.constantFrom('host', 'ports', 'token', 'url'),
      value,
    )
    .map(([id, key, json]) => ({ backends: { [id]: { [key]: json } } })),
  fc
    .tuple(fc.constantFrom('db', '$schema', 'run', 'backends', 'else'), value)
    .map(([key, json]) => ({ [key]: json })),
);

test('what the program takes, the published schema takes', async () => {
  const path = `${temporaryFolder()}/config.json`;
  await fc.assert(
    fc.asyncProperty(file, async (json) => {
      if (await isTaken(path, json)) expect([json, fits(schema, json)]).toEqual([json, true]);
    }),
    { numRuns: 2000 },
  );
});

/** Parsers of words of their own (`1B..8B`, patterns) and numbers in quotes are beyond a schema. */
function isToldBySchema(json: Readonly<Record<string, unknown>>): boolean {
  return settings.every((setting) => {
    const said = inSection(json, setting);
    return said === undefined || (hasNoWords(setting) && typeof said !== 'string') || isWord(setting);
  });
}

function inSection(json: Readonly<Record<string, unknown>>, { key, section }: Setting): unknown {
  const content = json[section];
  return typeof content === 'object' && content !== null && key in content
    ? Object.getOwnPropertyDescriptor(content, key)?.value
    : undefined;
}

function hasNoWords(setting: Setting): boolean {
  return !isRepeatable(setting) && takesOf(setting) !== undefined;
}

function isWord(setting: Setting): boolean {
  return setting.option.isBoolean() || Array.isArray(takesOf(setting));
}

test('what the published schema takes, the program takes, as far as a schema can tell', async () => {
  const path = `${temporaryFolder()}/config.json`;
  let told = 0;
  await fc.assert(
    fc.asyncProperty(file, async (json) => {
      if (!isToldBySchema(json) || !fits(schema, json)) return;
      told++;
      expect([json, await isTaken(path, json)]).toEqual([json, true]);
    }),
    { numRuns: 2000 },
  );
  expect(told).toBeGreaterThan(100);
});

test.each([
  [
    { run: { trials: 3, model: ['a', 5], quants: 'q4,q5', warmup: false, maxSize: '8', timeout_s: 1.5 } },
    true,
  ],
  [{ run: { includeModels: ['^a', 'b{1,2}'], params: ['1B..8B', '12B'], quants: ['q4', 'q5'] } }, true],
  [
    { extends: ['a.json'], db: 'x.db', backends: { ollama: { host: 'box', ports: [1, 2], token: 't' } } },
    true,
  ],
  [{ run: { limit: 0 } }, false],
  [{ run: { timeout_s: 0 } }, false],
  [{ run: { model: [] } }, false],
  [{ backends: { ollama: { ports: [] } } }, false],
  [{ backends: { ollama: { host: ' ' } } }, false],
])('%j: %s', async (json, isGood) => {
  expect(fits(schema, json)).toBe(isGood);
  if (!('extends' in json)) expect(await isTaken(`${temporaryFolder()}/config.json`, json)).toBe(isGood);
});
