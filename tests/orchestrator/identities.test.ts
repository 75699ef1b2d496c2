import { expect, test } from 'vitest';
import { identitiesOf } from '../../src/orchestrator/identities.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { bareModel } from '../support/any-model.ts';
import { scriptedModel, scriptedWorkload } from '../support/scripted-run.ts';

const models = [bareModel({ key: 'large', digest: 'aa' }), bareModel({ key: 'small', digest: 'bb' })];

const told = (given: Partial<Parameters<typeof planRun>[0]>, loaded: readonly string[] = []) =>
  identitiesOf(planRun({ workload: scriptedWorkload(1), backend: 'x', ...given }), {
    models,
    instances: loaded.map((key) => scriptedModel(key)),
  });

test('a model that drafts is told from others of its name too, after those that are asked', async () => {
  const found = await told({ models: ['large'], inference: { draftModel: 'small' } });
  expect(found.map(({ digest, key }) => [key, digest])).toEqual([
    ['large', 'aa'],
    ['small', 'bb'],
  ]);
});

test('of a plan without a key the first is the one in memory, whatever drafts for it', async () => {
  const found = await told({ inference: { draftModel: 'small' } }, ['large']);
  expect(found.map(({ key }) => key)).toEqual(['large', 'small']);
});

test('settings that are asked for are loaded anew: the instance in memory is not the one that answers', async () => {
  const [asItIs] = await told({ models: ['large'] }, ['large']);
  const [anew] = await told({ models: ['large'], load: { context_tok: 8192 } }, ['large']);
  expect([asItIs?.instance === null, anew?.instance]).toEqual([false, null]);
});
