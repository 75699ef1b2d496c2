import { describe, expect, test } from 'vitest';
import { checkWorkload, workloadJsonSchema } from '../../../src/core/schemas/workload.ts';

const GOOD = {
  id: 'mine-v1',
  version: 1,
  title: 'Mine',
  identity: 'text',
  nonce: true,
  system: null,
  prompts: [{ id: 'a', category: 'short', text: 'Hello?', maxOutput_tok: 64 }],
};
const [PROMPT] = GOOD.prompts;

describe('checkWorkload', () => {
  test('takes a complete file, with and without the hint for editors', () => {
    expect(checkWorkload(GOOD)).toEqual({ ok: true, file: GOOD });
    expect(checkWorkload({ ...GOOD, $schema: './workload.json' }).ok).toBe(true);
  });

  test.each([
    ['not an object', 'text', []],
    ['no prompts', { ...GOOD, prompts: [] }, ['prompts']],
    ['a missing title', { ...GOOD, title: undefined }, ['title']],
    ['an unknown key', { ...GOOD, colour: 'red' }, ['colour']],
    ['an unknown key of a prompt', { ...GOOD, prompts: [{ ...PROMPT, max: 1 }] }, ['prompts', 0, 'max']],
    ['an unknown identity', { ...GOOD, identity: 'bytes' }, ['identity']],
    ['an id with blanks', { ...GOOD, id: 'my prompts' }, ['id']],
    ['an id that climbs folders', { ...GOOD, id: '../x' }, ['id']],
    ['a version of 0', { ...GOOD, version: 0 }, ['version']],
    ['a blank prompt', { ...GOOD, prompts: [{ ...PROMPT, text: ' \n' }] }, ['prompts', 0, 'text']],
    [
      'an answer of no tokens',
      { ...GOOD, prompts: [{ ...PROMPT, maxOutput_tok: 0 }] },
      ['prompts', 0, 'maxOutput_tok'],
    ],
    [
      'half a token',
      { ...GOOD, prompts: [{ ...PROMPT, maxOutput_tok: 1.5 }] },
      ['prompts', 0, 'maxOutput_tok'],
    ],
    [
      'a number as text',
      { ...GOOD, prompts: [{ ...PROMPT, maxOutput_tok: '64' }] },
      ['prompts', 0, 'maxOutput_tok'],
    ],
    ['an id used twice', { ...GOOD, prompts: [PROMPT, PROMPT] }, ['prompts', 1, 'id']],
  ])('%s is refused at its place', (_what, value, path) => {
    const check = checkWorkload(value);
    expect(check.ok ? [] : check.faults[0]).toMatchObject({ path });
    expect(check.ok ? '' : check.faults[0].reason).not.toBe('');
  });
});

describe('workloadJsonSchema', () => {
  test('is a closed object whose prompts are closed objects', () => {
    const schema = workloadJsonSchema();
    expect(schema).toMatchObject({
      title: 'lmpower workload',
      type: 'object',
      additionalProperties: false,
      required: ['id', 'version', 'title', 'identity', 'nonce', 'system', 'prompts'],
      properties: {
        identity: { enum: ['text', 'lexicon', 'tokens'] },
        prompts: { items: { anyOf: [{ additionalProperties: false }, { additionalProperties: false }] } },
      },
    });
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });
});
