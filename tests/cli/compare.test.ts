import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { RunDocument } from '../../src/core/result.ts';
import { openStore } from '../../src/storage/store.ts';
import { newRun } from '../support/any-recording.ts';
import { captureOutput } from '../support/captured-output.ts';
import { launchIn } from '../support/commands.ts';
import { abba, type ComparedRun, comparedRun } from '../support/compared-runs.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { trueChange, virtualComparison } from '../support/virtual-comparison.ts';

interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LAUNCH = { ...launchIn('/nowhere'), version: '0.0.0-test' };

/** Runs the command on these documents, each in a file of its own; `…` in the arguments stands for the files. */
async function compare(documents: readonly unknown[], ...flags: string[]): Promise<Answer> {
  const folder = temporaryFolder();
  const files = documents.map((document, i) => {
    const path = join(folder, `${i}.json`);
    writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
    return path;
  });
  const output = captureOutput(80);
  const exitCode = await runProgram(['--db', join(folder, 'db'), 'compare', ...files, ...flags], LAUNCH);
  return { exitCode, stdout: output.stdout(), stderr: output.stderr() };
}

/** Twelve trials of 1 % scatter about `level` J/token. */
function lone(level: number, run: ComparedRun, model = 'm'): RunDocument {
  const random = seededRandom(level * 1000);
  return comparedRun(
    Array.from({ length: 12 }, (_, repetition) => ({
      model,
      net_JPerTok: level * Math.exp(0.01 * random.normal()),
      at_s: 30 * repetition,
      repetition,
    })),
    run,
  );
}

const pair = (ratio: number): RunDocument => {
  const random = seededRandom(5);
  return comparedRun(abba(12, (model) => (model === 'a' ? 1 : ratio) * Math.exp(0.01 * random.normal())));
};

describe('lmpower compare', () => {
  test('two quantizations of the lab: worse, with the true difference beside', async () => {
    const decodePower = { cpu_W: 3.2, gpu_W: 12, ane_W: 0 };
    const models = [
      { key: 'q4', decodeTokPerS: 48, decodePower },
      { key: 'q8', decodeTokPerS: 28, decodePower },
    ];
    const recording = virtualComparison({ models, order: 'interleaved', trials: 6, seed: 4 });
    const truth = trueChange(recording, ['q4', 'q8']);
    const document = analyze(recording);
    const { exitCode, stdout } = await compare([document]);
    expect(exitCode).toBe(4);
    expect(stdout).toContain('truth of the lab: q8 +');
    expect(stdout).toMatch(/inside the interval/);
    const { comparisons } = JSON.parse((await compare([document], '--json')).stdout);
    expect(comparisons[0].trueChange).toBeCloseTo(truth, 3);
    expect(comparisons[0].change / truth).toBeCloseTo(1, 1);
  });

  test('the models of one run: worse exits 4, better 0, and the table fits 80 columns', async () => {
    const worse = await compare([pair(1.2)]);
    expect(worse.exitCode).toBe(4);
    expect(worse.stdout).toMatch(/^b +1\.2\d.*worse$/m);
    expect(worse.stdout).toMatch(/^a +1\.0\d? .*reference$|^a +0\.99.*reference$/m);
    expect(Math.max(...worse.stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
    const better = await compare([pair(0.8)]);
    expect(better.exitCode).toBe(0);
    expect(better.stdout).toMatch(/^b .*better$/m);
  });

  test('the reference can be named, and only one that is there', async () => {
    const turned = await compare([pair(1.2)], '--reference', 'b');
    expect(turned).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^b .*reference$/m) });
    const unknown = await compare([pair(1.2)], '--reference', 'c');
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('a, b') });
  });

  test('three runs are ranked by energy, the first being the reference', async () => {
    const documents = [
      lone(1, { id: 'one' }, 'x'),
      lone(1.3, { id: 'two' }, 'y'),
      lone(0.7, { id: 'three' }, 'z'),
    ];
    const { exitCode, stdout } = await compare(documents, '--json');
    expect(exitCode).toBe(4);
    const parsed = JSON.parse(stdout);
    expect(parsed.rankings).toEqual([
      [
        { run: 'three', model: 'z' },
        { run: 'one', model: 'x' },
        { run: 'two', model: 'y' },
      ],
    ]);
    expect(parsed.comparisons.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'worse',
      'better',
    ]);
  });

  test('two runs of one model are told apart by their ids', async () => {
    const { stdout } = await compare([lone(1, { id: 'old' }), lone(1, { id: 'new' })]);
    expect(stdout).toContain('m (old)');
    expect(stdout).toContain('m (new)');
    expect(stdout).toContain('DRIFT_CONFOUNDED');
  });

  test('runs of several models are compared model by model', async () => {
    const { stdout } = await compare(
      [pair(1.2), { ...pair(1.2), run: { ...pair(1).run, id: 'again' } }],
      '--json',
    );
    const parsed = JSON.parse(stdout);
    expect(
      parsed.comparisons.map((one: { reference: { model: string }; candidate: { model: string } }) => [
        one.reference.model,
        one.candidate.model,
      ]),
    ).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
  });

  test('the threshold, the energy and the Markdown table', async () => {
    expect((await compare([pair(1.2)], '--threshold', '50')).exitCode).toBe(0);
    const gross = await compare([pair(1.2)], '--by', 'gross', '--markdown');
    expect(gross.stdout).toMatch(/^J\/token gross/);
    expect(gross.stdout).toMatch(/^\| b \| 1\.4\d? \|/m);
    expect(gross.stdout).toMatch(/^\| --- \| ---: \|/m);
  });

  test('what is not comparable is refused with the way out, and compared when told so', async () => {
    const { workload } = pair(1).plan;
    const documents = [
      lone(1, { id: 'old' }),
      lone(1.2, { id: 'new', plan: { workload: { ...workload, version: 2 } } }),
    ];
    const refused = await compare(documents);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('--across') });
    const across = await compare(documents, '--across');
    expect(across).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('ACROSS') });
  });

  test('an arm without any energy exits 4: there is nothing that could be called no regression', async () => {
    const dead = comparedRun(abba(12, (model) => (model === 'a' ? 1 : null)));
    expect(await compare([dead])).toMatchObject({
      exitCode: 4,
      stdout: expect.stringContaining('inconclusive'),
    });
  });

  test.each<[string, unknown[], string[], RegExp]>([
    ['one model alone', [lone(1, {})], [], /two runs, or one run of two models/],
    ['a run without trials', [comparedRun([]), lone(1, { id: 'b' })], [], /no trials/],
    ['a file that is not JSON', ['{', lone(1, {})], [], /not JSON/],
    ['a file that is something else', ['{"a":1}', lone(1, {})], [], /not a run document/],
    ['a newer document', [{ ...lone(1, {}), schemaVersion: 99 }, lone(1, {})], [], /newer lmpower/],
    ['a threshold of nothing', [pair(1)], ['--threshold', '0'], /--threshold/],
    ['a threshold that is no number', [pair(1)], ['--threshold', 'x'], /--threshold/],
    ['an energy that is none', [pair(1)], ['--by', 'total'], /--by/],
  ])('%s is refused with exit 2', async (_what, documents, flags, why) => {
    const { exitCode, stdout, stderr } = await compare(documents, ...flags);
    expect(stderr).toMatch(why);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  test('ids of recorded runs are resolved, and unknown ones refused', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'runs.db');
    const store = openStore(path);
    store.createRun(newRun('019a0000-0000-7000-8000-000000000001'));
    store.close();
    const output = captureOutput(80);
    expect(await runProgram(['--db', path, 'compare', 'latest', 'latest'], LAUNCH)).toBe(2);
    expect(output.stderr()).toContain('no trials');
    expect(await runProgram(['--db', path, 'compare', 'latest', 'nowhere'], LAUNCH)).toBe(2);
    expect(output.stderr()).toContain("no run 'nowhere'");
  });
});
