import { describe, expect, test } from 'vitest';
import { CLI } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { HAS_TMUX, openPane } from '../support/tmux.ts';

const LONG_MS = 60_000;

// tmux is the terminal emulator: Debian's package of that name, installed by .ci/run.
describe.skipIf(!HAS_TMUX)('a run, on a terminal of tmux', () => {
  test(
    'is one line of 80 columns with phase, tokens, joules, watts and their course; longer where there is room; gone after Ctrl-C',
    async () => {
      const pane = openPane({ folder: temporaryFolder() });
      await pane.shows(/^[$#]/m);
      pane.type(`${process.execPath} ${CLI} demo; echo "ended with $?"`, 'Enter');
      const lines = await pane.shows(
        /^\[1\/3\] demo-short {2}inference \d+\/\d+ s {2}\d+ tok {2}[\d.]+ J {2}soc [\d.]+ W [▁▂▃▄▅▆▇█]+ {2}0:\d\d left$/m,
      );
      expect(lines.filter((line) => line.includes('left'))).toHaveLength(1);
      pane.resize(140, 24);
      await pane.shows(/ soc [\d.]+ W [▁▂▃▄▅▆▇█]+ {2}cpu [\d.]+ W {2}gpu [\d.]+ W/);
      pane.type('C-c');
      const last = await pane.shows(/^ended with 130$/m);
      expect(last.join('\n')).not.toMatch(/\d:\d\d left/);
      expect(pane.says('#{alternate_on} #{cursor_flag} #{wrap_flag}')).toBe('0 1 1');
    },
    LONG_MS,
  );
});
