import { expect, test } from 'vitest';
import { applyConfiguration } from '../../../src/cli/config/apply.ts';
import { configurationOf, givenFor } from '../../../src/cli/config/configuration.ts';
import { settingsOf, variableOf } from '../../../src/cli/config/settings.ts';
import { environmentLayer, strayVariableLines } from '../../../src/cli/config/variables.ts';
import { captureOutput } from '../../support/captured-output.ts';
import { commandGiven, launchIn, programIn, vocabulary } from '../../support/commands.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const runSettings = settingsOf(commandGiven('/nowhere', 'run'));
const said = (env: Record<string, string>, key: string): unknown =>
  environmentLayer(runSettings, env).get(`run.${key}`)?.value;

test('a variable that nothing reads is named, with the one that was meant', () => {
  const env = {
    LMPOWER_TRAILS: '3',
    LMPOWER_INTERVAL: '250',
    LMPOWER_WHATEVER_THIS_IS: '1',
    LMPOWER_EMPTY: '',
    LMPOWER_TRIALS: '3',
    LMPOWER_SYSFS: '/x',
    LMPOWER_DB: 'x.db',
    PATH: '/bin',
  };
  expect(strayVariableLines(env, vocabulary())).toEqual([
    'The variable LMPOWER_TRAILS is none that lmpower reads: did you mean LMPOWER_TRIALS?',
    'The variable LMPOWER_INTERVAL is none that lmpower reads: did you mean LMPOWER_INTERVAL_MS?',
    'The variable LMPOWER_WHATEVER_THIS_IS is none that lmpower reads: lmpower config keys lists them',
  ]);
});

test('every variable that a setting has is known', () => {
  const all = [...vocabulary().settings.values()].map(variableOf);
  expect(strayVariableLines(Object.fromEntries(all.map((name) => [name, '1'])), vocabulary())).toEqual([]);
});

test('a run says so before anything else', async () => {
  const folder = temporaryFolder();
  const output = captureOutput();
  const launch = launchIn(folder, { LMPOWER_TRAILS: '3' });
  await applyConfiguration(commandGiven(folder, 'run'), { ...launch, exitCode: 0 });
  expect(output.stderr()).toContain('did you mean LMPOWER_TRIALS?');
});

test('an entry with a comma is said as JSON; a pattern keeps its commas', () => {
  expect(said({ LMPOWER_STOP: '[", ", "x"]' }, 'stop')).toEqual([', ', 'x']);
  expect(said({ LMPOWER_STOP: 'a, b' }, 'stop')).toEqual(['a', 'b']);
  expect(said({ LMPOWER_INCLUDE_MODELS: '^q{1,2}' }, 'includeModels')).toEqual([/^q{1,2}/i]);
  expect(said({ LMPOWER_INCLUDE_MODELS: '[ab]+' }, 'includeModels')).toEqual([/[ab]+/i]);
});

test('a flag that takes a word or none takes 1 and 0 as well', () => {
  expect(said({ LMPOWER_FLASH_ATTENTION: '0' }, 'flashAttention')).toBe('off');
  expect(said({ LMPOWER_FLASH_ATTENTION: 'on' }, 'flashAttention')).toBe('on');
});

test('the database has a variable, between flag and file', async () => {
  const folder = temporaryFolder();
  const configuration = await configurationOf(
    commandGiven(folder, 'runs'),
    { folder, project: folder, env: { LMPOWER_DB: 'mine.db' } },
    vocabulary(),
  );
  expect(givenFor(configuration, 'db')).toEqual({ value: 'mine.db', said: 'mine.db', origin: 'LMPOWER_DB' });
});

test('what is meant for run filters no list of runs, and confirms nothing', async () => {
  const env = {
    LMPOWER_MODEL: 'a,b',
    LMPOWER_LIMIT: '1',
    LMPOWER_WORKLOAD: 'x',
    LMPOWER_TRIALS: '60',
    LMPOWER_YES: '1',
  };
  const program = programIn('/nowhere');
  captureOutput();
  const commands = program.commands.filter((one) => ['runs', 'report', 'demo'].includes(one.name()));
  const under = commands.flatMap((one) => [one, ...one.commands]);
  expect(under.map((one) => one.name())).toEqual(expect.arrayContaining(['runs', 'report', 'delete']));
  for (const command of under) {
    const before = command.opts();
    await applyConfiguration(command, { ...launchIn('/nowhere', env), exitCode: 0 });
    expect(command.opts()).toEqual(before);
  }
});
