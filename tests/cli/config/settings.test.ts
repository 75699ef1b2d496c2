import { describe, expect, test } from 'vitest';
import { BACKEND_IDS } from '../../../src/backends/ids.ts';
import { BACKENDS } from '../../../src/backends/index.ts';
import { configJsonSchema } from '../../../src/cli/config/json-schema.ts';
import { settingsOf, variableOf } from '../../../src/cli/config/settings.ts';
import { commandGiven, programIn } from '../../support/commands.ts';

const run = settingsOf(commandGiven('/nowhere', 'run'));
const commands = programIn('/nowhere').commands;

test('a key ends in the unit that the flag’s placeholder names', () => {
  const keys = run.map(({ key }) => key);
  expect(keys).toEqual(
    expect.arrayContaining(['interval_ms', 'baseline_s', 'untilCi_pct', 'trials', 'warmup', 'model']),
  );
});

test('a variable is the key in capitals', () => {
  expect(['interval_ms', 'baselineMax_s', 'topP'].map((key) => variableOf({ key }))).toEqual([
    'LMPOWER_INTERVAL_MS',
    'LMPOWER_BASELINE_MAX_S',
    'LMPOWER_TOP_P',
  ]);
});

test('no key of a command stands for two flags, and no variable for two keys', () => {
  for (const command of commands) {
    const settings = settingsOf(command);
    expect(new Set(settings.map(({ key }) => key)).size).toBe(settings.length);
    expect(new Set(settings.map(variableOf)).size).toBe(settings.length);
  }
});

test('what belongs to one call, and secrets, are no settings', () => {
  const keys = run.map(({ key }) => key);
  for (const key of ['output', 'csv', 'report', 'json', 'dryRun', 'token']) expect(keys).not.toContain(key);
});

test('the ids that a file may name are those of the backends', () => {
  expect(BACKENDS.map(({ id }) => id)).toEqual([...BACKEND_IDS]);
});

describe('the published schema', () => {
  const schema = configJsonSchema(commands) as {
    properties: Record<string, { properties: Record<string, unknown> }>;
  };

  test('has a section for each command with settings, and one for servers', () => {
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(['run', 'sample', 'backends', 'extends', 'db']),
    );
  });

  test('says what a key takes', () => {
    expect(schema.properties['run']?.properties).toMatchObject({
      interval_ms: { anyOf: [{ type: 'number' }, { type: 'string' }] },
      limit: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'string' }] },
      flashAttention: { enum: ['on', 'off', true, false] },
      warmup: { type: 'boolean' },
      baselineStrategy: { enum: ['fresh', 'cached', 'validated'] },
      model: { anyOf: [{ type: ['string', 'number'] }, { type: 'array', minItems: 1 }] },
      gpu: { type: ['string', 'number'] },
    });
  });
});
