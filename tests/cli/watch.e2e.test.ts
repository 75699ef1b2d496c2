import { describe, expect, test } from 'vitest';
import { beaconPath } from '../../src/cli/live/find-run.ts';
import { openBeacon } from '../../src/cli/live/run-beacon.ts';
import { CLI, cli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { HAS_TMUX, openPane, type Pane } from '../support/tmux.ts';

const LONG_MS = 60_000;
const WATCH = `${process.execPath} ${CLI} watch --sampler synthetic --interval 100`;
const SOC = /^soc +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[▁▂▃▄▅▆▇█]+$/m;

/** A terminal on which something stands. */
async function terminal(): Promise<Pane> {
  const pane = openPane({ folder: temporaryFolder() });
  await pane.shows(/^[$#]/m);
  pane.type('set -m; clear; echo what stood here before', 'Enter');
  await pane.shows(/^what stood here before$/m);
  return pane;
}

/** The same, on which `lmpower watch` has drawn a reading. */
async function watching(command = WATCH): Promise<Pane> {
  const pane = await terminal();
  pane.type(`${command}; echo "ended with $?"`, 'Enter');
  await pane.shows(SOC);
  return pane;
}

/** What was on the terminal is back, as are cursor and wrapping. */
function expectClean(pane: Pane): void {
  expect(pane.says('#{alternate_on} #{cursor_flag} #{wrap_flag}')).toBe('0 1 1');
  expect(pane.screen()).toContain('what stood here before');
}

describe('watch, not on a terminal', () => {
  test(
    'writes plain lines, then the summary',
    async () => {
      const folder = temporaryFolder();
      const args = ['watch', '--sampler', 'synthetic', '--interval', '100', '--duration', '1'];
      const { code, stdout } = await cli(args, { folder });
      expect(code).toBe(0);
      expect(stdout).not.toContain('\u001b');
      expect(stdout).toMatch(/^\d+ s · cpu [\d.]+ W [\d.]+ J · .*soc [\d.]+ W [\d.]+ J$/m);
      expect(stdout).toMatch(/^domain +samples +min W/m);
    },
    LONG_MS,
  );

  test(
    'says that no source answers by that name',
    async () => {
      const { code, stderr } = await cli(['watch', '--sampler', 'no-such'], { folder: temporaryFolder() });
      expect(code).toBe(2);
      expect(stderr).toContain('lmpower doctor lists the samplers');
    },
    LONG_MS,
  );
});

// tmux is the terminal emulator: Debian's package of that name, installed by .ci/run.
describe.skipIf(!HAS_TMUX)('watch, on a terminal of tmux', () => {
  test(
    'fills 80x24, says that it is simulated, and draws anew every second',
    async () => {
      const pane = await watching();
      expect(pane.says('#{alternate_on} #{cursor_flag} #{wrap_flag}')).toBe('1 0 0');
      const [head = ''] = pane.screen();
      expect(head).toMatch(/^lmpower watch · synthetic \(SIMULATED\) · \d+ s +Ctrl-C ends$/);
      expect(head).toHaveLength(80);
      expect(pane.screen()).not.toContain('what stood here before');
      await pane.shows(/· 2 s/);
    },
    LONG_MS,
  );

  test(
    'fits a terminal that becomes smaller, and one that becomes larger',
    async () => {
      const pane = await watching();
      pane.resize(34, 8);
      const small = await pane.shows(/^domain +W +mean W +J$/m);
      expect(small).toHaveLength(8);
      pane.resize(120, 30);
      const large = await pane.shows(/^lmpower watch .{94} Ctrl-C ends$/m);
      expect(large.join('\n')).toMatch(SOC);
    },
    LONG_MS,
  );

  test(
    'shows a run that is on, its tokens as they come, and that it has ended',
    async () => {
      const folder = temporaryFolder();
      const home = { platform: process.platform, home: folder, env: { XDG_DATA_HOME: folder } };
      let tokens = 41;
      const beacon = await openBeacon(beaconPath(home, 1), () => ({
        ...{
          phase: 'inference',
          model: 'qwen\u001b[31m',
          prompt: 'short-2',
          trial: 2,
          trials: 9,
          elapsed_s: 3,
        },
        ...{ planned_s: null, remaining_s: 92, tokPerS: 20, energy_J: 128, domain: 'soc', tokens: tokens++ },
      }));
      const pane = openPane({ folder });
      await pane.shows(/^[$#]/m);
      pane.type(WATCH, 'Enter');
      const lines = await pane.shows(
        /^run {2}\[2\/9\] short-2 {2}inference 3 s {2}4\d tok {2}20\.0 tok\/s {2}128 J/m,
      );
      expect(lines.join('\n')).not.toContain('\u001b');
      await pane.shows(/ 4[3-9] tok /);
      beacon?.close();
      await pane.shows(/^lmpower watch[^[]*$/);
    },
    LONG_MS,
  );

  test(
    'Ctrl-C ends it, sums up, and leaves the terminal as it was',
    async () => {
      const pane = await watching();
      pane.type('C-c');
      const lines = await pane.shows(/^ended with 130$/m);
      expectClean(pane);
      expect(lines.join('\n')).toMatch(/^soc +\d+ /m);
      expect(lines).toContain('stopping …');
    },
    LONG_MS,
  );

  test(
    'Ctrl-Z gives the terminal back, and fg takes it again',
    async () => {
      const pane = await terminal();
      pane.type(WATCH, 'Enter');
      await pane.shows(SOC);
      pane.type('C-z');
      await pane.shows(/Stopped/);
      expectClean(pane);
      pane.type('fg', 'Enter');
      await pane.shows(SOC);
      expect(pane.says('#{alternate_on}')).toBe('1');
      pane.type('C-c');
      await pane.shows(/^domain +samples/m);
      expectClean(pane);
    },
    LONG_MS,
  );

  test(
    'an error that nobody foresaw leaves the terminal as it was, with its stack on it',
    async () => {
      const bomb = "data:text/javascript,setTimeout(()=>{throw new Error('unforeseen')},2500)";
      const pane = await watching(WATCH.replace(CLI, `--import "${bomb}" ${CLI}`));
      const lines = await pane.shows(/^ended with 1$/m);
      expectClean(pane);
      expect(lines.join('\n')).toContain('Error: unforeseen');
    },
    LONG_MS,
  );
});
