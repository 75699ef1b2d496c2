import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { buildProgram, runProgram } from '../../src/cli/program.ts';
import { captureOutput } from '../support/captured-output.ts';
import { launchIn } from '../support/commands.ts';

const LAUNCH = launchIn('/nowhere');
const NAMES = buildProgram({ ...LAUNCH, exitCode: 0 }).commands.map((command) => command.name());

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function say(...argv: string[]): Promise<Said> {
  const output = captureOutput();
  const code = await runProgram(argv, LAUNCH);
  return { code, stdout: output.stdout(), stderr: output.stderr() };
}

describe('help', () => {
  test('of the program names every command, and gives examples', async () => {
    const { code, stderr, stdout } = await say('--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(stdout).toContain('sudo lmpower run --baseline 15 --cooldown 15');
    expect(NAMES).toHaveLength(COMMANDS.length);
  });

  test.each(NAMES)('of %s goes to stdout and fits 80 columns', async (name) => {
    const { code, stderr, stdout } = await say(name, '--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^Usage: lmpower ${name}`));
    expect(stdout).toContain('--db <file>');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect((await say('help', name)).stdout).toBe(stdout);
  });
});

test('a version beside other words is still the version', async () => {
  expect(await say('--debug', '--version')).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
});

describe('wrong words', () => {
  test.each<[string[], RegExp, string]>([
    [[], /which command\?/, 'lmpower --help'],
    [['frobnicate'], /unknown command 'frobnicate'/, 'lmpower --help'],
    [['rnu'], /Did you mean run\?/, 'lmpower --help'],
    [['run', '--trails', '3'], /'--trails' \(Did you mean --trials\?\)/, 'lmpower run --help'],
    [['sample', '--sampels=3'], /Did you mean --samples\?/, 'lmpower sample --help'],
    [['run', '--interval'], /argument missing/, 'lmpower run --help'],
    [['runs', 'extra'], /too many arguments/, 'lmpower runs --help'],
    [['analyze'], /missing required argument 'run'/, 'lmpower analyze --help'],
    [['export'], /missing required argument/, 'lmpower export --help'],
    [['explain', 'NOSUCH'], /'NOSUCH' is not a code/, 'lmpower explain'],
    [['workloads', 'nosuch'], /nosuch/, 'classic-v1'],
    [['help', 'nosuch'], /nosuch|which command/, 'lmpower --help'],
  ])('%j exits 2 and says what to type', async (argv, message, remedy) => {
    const { code, stderr, stdout } = await say(...argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).toContain(remedy);
    expect(stderr).not.toMatch(/ at .*\.ts:\d/);
  });
});

/** Every number of the command line: flag, and values that are no use. */
const NUMBERS: readonly (readonly [string, string, readonly string[]])[] = [
  ['run', '--interval', ['-5', '0', '19', '10001', '1e99', '500.5']],
  ['run', '--trials', ['-1', '0', '1.5', '1e99']],
  ['run', '--baseline', ['-5', '0', '1e99', '0.3']],
  ['run', '--baseline-max', ['-5', '0', '1', '1e99']],
  ['run', '--cooldown', ['-5', '0', '1e99']],
  ['run', '--timeout', ['-1', '0', '1e99']],
  ['run', '--max-tokens', ['-1', '0', '1.5', '1e99']],
  ['run', '--temperature', ['-1', '3']],
  ['run', '--top-p', ['-1', '2']],
  ['run', '--top-k', ['-1', '1.5']],
  ['run', '--min-p', ['-1', '2']],
  ['run', '--repeat-penalty', ['-1', '11']],
  ['run', '--seed', ['-1', '1.5', '1e99']],
  ['run', '--context', ['-1', '0', '1.5']],
  ['run', '--gpu', ['-1', '7', 'all']],
  ['run', '--parallel', ['-1', '0', '1.5']],
  ['sample', '--interval', ['-5', '0', '1e99']],
  ['sample', '--samples', ['-1', '0', '1.5', '1e99']],
  ['sample', '--duration', ['-1', '0', '1e99']],
  ['models', '--timeout', ['-1', '0']],
  ['demo', '--trials', ['-1', '0', '1.5']],
  ['demo', '--seed', ['-1', '1.5', '1e99']],
  ['demo', '--interval', ['-5', '0', '1e99']],
];

describe('numbers', () => {
  const cases = NUMBERS.flatMap(([command, flag, values]) =>
    [...values, 'abc', '', 'NaN', 'Infinity', '0x10'].map((value) => [command, flag, value] as const),
  );

  test.each(cases)('%s %s %j is refused before anything is done', async (command, flag, value) => {
    const { code, stderr, stdout } = await say(command, flag, value);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^lmpower: .*\n {2}→ .*\n$/);
    expect(stderr).toContain(flag === '--baseline-max' ? 'baseline' : flag);
  });
});

test('--debug names the code of an error, so that it can be explained', async () => {
  const { stderr } = await say('--debug', 'workloads', 'nosuch');
  expect(stderr).toContain('lmpower explain WORKLOAD_INVALID');
  expect((await say('workloads', 'nosuch')).stderr).not.toContain('WORKLOAD_INVALID');
});

describe('other values', () => {
  test.each([
    ['run', '--flash-attention', 'maybe'],
    ['run', '--format', 'xml'],
    ['run', '--url', 'nowhere'],
    ['run', '--url', 'ftp://127.0.0.1'],
    ['run', '--backend', 'vllm'],
    ['run', '--model', ' '],
    ['run', '--sampler', 'nosuch'],
    ['run', '--sampler', 'replay:nosuch:file'],
    ['run', '--workload', '/nonexistent/file.json'],
    ['run', '--output', '/nonexistent/folder/x.json'],
    ['sample', '--mode', 'both'],
    ['sample', '--sampler', ''],
    ['sample', '--csv', '/nonexistent/folder/x.csv'],
    ['demo', '--output', '/'],
  ])('%s %s %j exits 2', async (...argv) => {
    const { code, stderr, stdout } = await say(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^lmpower: .*\n {2}→ .*\n$/);
  });
});

describe('explain', () => {
  test('tells one code, in any case', async () => {
    expect((await say('explain', 'few_samples')).stdout).toMatch(
      /^FEW_SAMPLES \(doubt\)\n(?: {2}\S.*\n){2,} {2}→ /,
    );
  });

  test('tells one error too', async () => {
    expect((await say('explain', 'store_locked')).stdout).toMatch(
      /^STORE_LOCKED \(error, exit 3\)\n(?: {2}\S.*\n){2,} {2}→ /,
    );
  });

  test('--json is one document', async () => {
    const document = JSON.parse((await say('explain', '--json')).stdout);
    expect(document).toMatchObject({ schemaVersion: 1 });
    expect(document.codes[0]).toEqual(
      expect.objectContaining({ code: 'NOT_BRACKETED', severity: 'void', message: expect.any(String) }),
    );
  });
});

describe('workloads', () => {
  test('lists the built-in ones', async () => {
    expect((await say('workloads')).stdout).toMatch(/^id +prompts[\s\S]*^classic-v1 +9 /m);
  });

  test('shows the prompts of one, none of its lines wider than the screen', async () => {
    const { stdout } = await say('workloads', 'classic-v1');
    expect(stdout).toMatch(/^classic-v1 v1: /);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('--json is one document', async () => {
    const { schemaVersion, workloads } = JSON.parse((await say('workloads', 'demo-v1', '--json')).stdout);
    expect(schemaVersion).toBe(1);
    expect(workloads[0].prompts).toHaveLength(3);
  });
});

test('run --dry-run says what would be done; with --json as one document', async () => {
  const { code, stdout } = await say('run', '--dry-run', '--trials', '3');
  expect(code).toBe(0);
  expect(stdout).toContain('classic-v1');
  expect(stdout).toMatch(/^sources/m);
  const { composition, plan, schemaVersion } = JSON.parse(
    (await say('run', '--dry-run', '--json', '--trials', '3', '--sampler', 'synthetic')).stdout,
  );
  expect(composition).toEqual({ kept: [{ id: 'synthetic', reason: 'named by --sampler' }], leftOut: [] });
  expect(schemaVersion).toBe(1);
  expect(plan).toMatchObject({ trials: 3, workload: { id: 'classic-v1' } });
});
