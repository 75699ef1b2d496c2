import { describe, expect, test } from 'vitest';
import type { Environment, Plan } from '../../src/core/run.ts';
import { type Configured, configurationsOf } from '../../src/orchestrator/configuration.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { newRun } from '../support/any-recording.ts';
import { scriptedWorkload } from '../support/scripted-run.ts';

const { environment } = newRun('run');

const identity = (key: string, changes: object = {}) => ({
  key,
  digest: null,
  size_B: 4_000_000_000,
  format: 'gguf',
  quantization: 'Q4_K_M',
  instance: null,
  ...changes,
});

const plan: Plan = {
  ...planRun({ workload: scriptedWorkload(2), backend: 'lmstudio', models: ['a', 'b'], url: 'http://h:1' }),
  identities: [identity('a'), identity('b')],
  sources: [{ id: 'powermetrics', domains: ['cpu', 'gpu'] }],
};

const run: Configured = { plan, environment, simulated: false };
const withPlan = (changes: Partial<Plan>): Configured => ({ ...run, plan: { ...plan, ...changes } });
const withMachine = (changes: Partial<Environment>): Configured => ({
  ...run,
  environment: { ...environment, ...changes },
});
const hashes = (configured: Configured): string[] => [...configurationsOf(configured).values()];
const first = (configured: Configured): string | undefined => configurationsOf(configured).get(0);

describe('configurationsOf', () => {
  test('gives each model and prompt a SHA-256 of its own', () => {
    expect(new Set(hashes(run)).size).toBe(4);
    expect(hashes(run).every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  });

  test('repetitions of one prompt are one configuration', () => {
    const all = hashes(withPlan({ trials: 3 }));
    expect(all).toHaveLength(12);
    expect(new Set(all)).toEqual(new Set(hashes(run)));
  });

  test('depends on no order of keys, and not on whether a setting is null or not given', () => {
    const reversed = Object.fromEntries(Object.entries(plan.inference).toReversed());
    expect(hashes(withPlan({ inference: { ...plan.inference, ...reversed, draftModel: null } }))).toEqual(
      hashes(run),
    );
    const [source] = plan.sources ?? [];
    expect(hashes(withPlan({ sources: [{ id: source?.id ?? '', domains: ['gpu', 'cpu'] }] }))).toEqual(
      hashes(run),
    );
  });

  test('a hash stays what it is: what is known must be found again', () => {
    expect(first(run)).toMatchInlineSnapshot(
      `"4177dd12b9295fcf4a7eae8b389f441f52c102dedb40c85994b9162b5015984b"`,
    );
  });

  test.each<[string, Partial<Plan>]>([
    ['another workload', { workload: { ...plan.workload, sha256: '1'.repeat(64) } }],
    ['another version of it', { workload: { ...plan.workload, version: 2 } }],
    ['another backend', { backend: 'ollama' }],
    ['another temperature', { inference: { ...plan.inference, temperature: 0.5 } }],
    ['another context', { load: { ...plan.load, context_tok: 8192 } }],
    ['another cache type', { load: { ...plan.load, kCacheType: 'q8_0' } }],
    ['another interval', { interval_ms: 250 }],
    ['another baseline', { baseline_s: 20 }],
    ['no warm-up', { warmup: false }],
    ['shared baselines', { baselineStrategy: 'validated' }],
    ['models by turns', { order: 'interleaved' }],
    ['another source', { sources: [{ id: 'macmon', domains: ['cpu', 'gpu'] }] }],
    ['another command that reads a plug', { samplers: ['command[unit=mW]:read-plug kitchen'] }],
    ['a domain more', { sources: [{ id: 'powermetrics', domains: ['cpu', 'gpu', 'ane'] }] }],
    ['another file of the model', { identities: [identity('a', { digest: 'ff' })] }],
    ['another size of it', { identities: [identity('a', { size_B: 5 })] }],
    ['a model that drafts', { inference: { ...plan.inference, draftModel: 'small' } }],
    ['an instance that was found in memory', { identities: [identity('a', { instance: '00' })] }],
  ])('%s is another configuration', (_what, changes) => {
    expect(first(withPlan(changes))).not.toBe(first(run));
  });

  test.each<[string, Partial<Environment>]>([
    ['chip', { chip: 'Apple M4 Pro' }],
    ['build of the system', { osBuild: '25A1' }],
    ['version of the server', { backendVersion: '0.4.2' }],
    ['engine', { engine: 'llama.cpp 2.0' }],
    ['power source', { powerSource: 'battery' }],
    ['governor', { governor: 'powersave' }],
  ])('another %s is another configuration', (_what, changes) => {
    expect(first(withMachine(changes))).not.toBe(first(run));
  });

  test.each<[string, Configured]>([
    ['models in a drawn order', withPlan({ order: 'shuffled', orderSeed: 3, models: ['a'] })],
    ['residency', withPlan({ residency: true })],
    [
      'a rule for stopping',
      withPlan({ until: { ciRatio: 0.03, leastTrials: 10, mostTrials: 2, most_s: 60 } }),
    ],
    ['the version of Node', withMachine({ node: '24.1.0' })],
    ['the address of a server that tells its models apart', withPlan({ url: 'http://h:2' })],
  ])('%s changes nothing', (_what, configured) => {
    expect(hashes(run)).toEqual(expect.arrayContaining(hashes(configured)));
  });

  test('another file of the model that drafts is another configuration', () => {
    const drafting = (digest: string): Configured =>
      withPlan({
        inference: { ...plan.inference, draftModel: 'small' },
        identities: [identity('a'), identity('b'), identity('small', { digest })],
      });
    expect(first(drafting('aa'))).not.toBe(first(drafting('bb')));
  });

  test('a server that says nothing of its models is told from others by its address', () => {
    const unknown = [identity('a', { size_B: null })];
    expect(first(withPlan({ identities: unknown }))).not.toBe(
      first(withPlan({ identities: unknown, url: 'http://h:2' })),
    );
  });

  test('simulated is never real', () => {
    expect(first({ ...run, simulated: true })).not.toBe(first(run));
  });
});
