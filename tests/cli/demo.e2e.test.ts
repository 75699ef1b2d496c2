import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnergyRow, RunDocument } from '../../src/core/result.ts';
import type { Truth } from '../../src/core/run.ts';
import { runDocumentSchema } from '../../src/core/schemas/run-document.ts';
import { type CliEnd, cli, startCli } from '../support/cli.ts';

const LONG_MS = 120_000;
const GROSS_TOLERANCE = 0.01;
const NET_TOLERANCE = 0.02;

const folder = mkdtempSync(join(tmpdir(), 'lmpower-demo-'));
const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const lmpower = (...args: string[]): Promise<CliEnd> => cli(args, { folder });
let demo: CliEnd;
let document: RunDocument;

/** One run for all that is looked at here. */
beforeAll(async () => {
  const outputs = ['--output', 'demo.json', '--csv', 'demo.csv', '--report', 'demo.html'];
  demo = await lmpower('demo', '--trials', '1', '--seed', '7', ...outputs);
  document = runDocumentSchema.parse(JSON.parse(file('demo.json')));
}, LONG_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Compared {
  readonly promptId: string;
  readonly row: EnergyRow;
  readonly truth: Truth;
}

function compared(): Compared[] {
  return document.trials.map(({ energy, promptId, truth }) => {
    const row = energy.find((one) => one.domain === document.headline);
    if (row === undefined || truth === undefined) throw new Error(`${promptId} has no row or no truth`);
    return { promptId, row, truth };
  });
}

const error_J = (measured_J: number | null, true_J: number): number =>
  Math.abs((measured_J ?? Number.NaN) - true_J);

describe('demo', () => {
  test('ends well, with one prompt of each length', () => {
    expect(demo.code).toBe(0);
    expect(document.trials.map((trial) => trial.category)).toEqual(['short', 'medium', 'long']);
    expect(document.run.state).toBe('finished');
  });

  test('gives gross energy within 1 % of the truth, and within its own bound', () => {
    for (const { promptId, row, truth } of compared()) {
      const off_J = error_J(row.gross_J, truth.gross_J);
      expect(off_J / truth.gross_J, promptId).toBeLessThan(GROSS_TOLERANCE);
      expect(off_J, promptId).toBeLessThanOrEqual(row.uncertainty.bound_J ?? 0);
    }
  });

  test('gives net energy within 2 % of the truth, and within its own bound', () => {
    for (const { promptId, row, truth } of compared()) {
      const off_J = error_J(row.net_J, truth.net_J);
      const { baseline_J, bound_J } = row.uncertainty;
      expect(off_J / truth.net_J, promptId).toBeLessThan(NET_TOLERANCE);
      expect(off_J, promptId).toBeLessThanOrEqual((bound_J ?? 0) + (baseline_J ?? 0));
    }
  });

  test('prints the truth beside the measured', () => {
    for (const { promptId, truth } of compared()) {
      expect(demo.stdout).toMatch(new RegExp(`^${promptId} gross .*${truth.gross_J.toFixed(2)}`, 'm'));
      expect(demo.stdout).toMatch(new RegExp(`^${promptId} net .*${truth.net_J.toFixed(2)}`, 'm'));
    }
  });

  test('follows the true tokens: 150, 160 and 170 of them, none from a cache', () => {
    expect(document.trials.map((trial) => trial.completion?.output_tok)).toEqual([150, 160, 170]);
  });
});

describe('every output of demo is labelled SIMULATED', () => {
  test('the table and the messages', () => {
    expect(demo.stdout).toMatch(/^SIMULATED: /);
    expect(demo.stderr).toMatch(/^SIMULATED: /m);
  });

  test('the run document, its rows and its summary', () => {
    expect(document.simulated).toBe(true);
    expect(document.warnings.map((warning) => warning.code)).toContain('SIMULATED');
    for (const { row } of compared()) expect(row.codes).toContain('SIMULATED');
    for (const { codes } of document.summary) expect(codes).toContain('SIMULATED');
  });

  test('the page', () => {
    expect(file('demo.html')).toMatch(/<title>[^<]*SIMULATED/);
    expect(file('demo.html')).toMatch(
      /SIMULATED: these numbers come from a simulation, not from a real machine/,
    );
  });

  test('every line of the CSV', () => {
    const [heading, ...lines] = file('demo.csv').trimEnd().split('\n');
    expect(heading).toMatch(/,simulated$/);
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.every((line) => line.endsWith(',true'))).toBe(true);
  });

  test('the list of runs and the look at one', async () => {
    expect((await lmpower('runs')).stdout).toMatch(/finished \(SIMULATED\)/);
    expect(JSON.parse((await lmpower('runs', '--json')).stdout).runs).toMatchObject([{ simulated: true }]);
    expect((await lmpower('analyze', 'latest')).stdout).toMatch(/^SIMULATED: /);
  });

  test.each([
    [['--format', 'classic-json'], /^\{\n {2}"simulated": true,\n/],
    [['--format', 'json'], /^ {2}"simulated": true,$/m],
    [['--format', 'jsonl'], /^\{"run":"[^"]*","simulated":true,/],
    [['--format', 'md'], /SIMULATED/],
    [['--format', 'csv'], /,simulated\n.*,true\n/],
    [['--format', 'csv', '--what', 'tokens'], /,simulated\n.*,true\n/],
    [['--format', 'csv', '--what', 'timeseries'], /,simulated\n.*,true\n/],
  ])('export %j', async (words, label) => {
    const { code, stdout } = await lmpower('export', 'latest', ...words);
    expect(code).toBe(0);
    expect(stdout).toMatch(label);
  });
});

describe('the recording of demo', () => {
  test('gives the same bytes again: --output, analyze and export', async () => {
    const text = file('demo.json');
    expect((await lmpower('analyze', 'latest', '--json')).stdout).toBe(text);
    expect((await lmpower('export', document.run.id, '--format', 'json')).stdout).toBe(text);
  });
});

test(
  'a demo that is killed leaves no run that could pass for a real one, and no meter behind',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'lmpower-killed-'));
    const { child, ended, said } = startCli(['demo', '--json'], { folder: home });
    await said('warmup');
    child.kill('SIGKILL');
    await ended;
    const { runs } = JSON.parse((await cli(['runs', '--json'], { folder: home })).stdout);
    expect(runs).toMatchObject([{ state: 'running', simulated: true }]);
    rmSync(home, { recursive: true, force: true });
  },
  LONG_MS,
);
