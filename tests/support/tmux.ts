import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { onTestFinished, vi } from 'vitest';

const LONG_MS = 20_000;

export const HAS_TMUX = spawnSync('tmux', ['-V']).status === 0;

export interface Pane {
  /** What stands on the screen now, line by line. */
  screen(): string[];
  /** Types, with names of keys such as `Enter` and `C-c`. */
  type(...keys: readonly string[]): void;
  resize(columns: number, rows: number): void;
  /** A tmux format such as `#{alternate_on}`. */
  says(format: string): string;
  /** Waits until the screen shows it; returns the screen. */
  shows(expected: RegExp): Promise<string[]>;
}

/** A shell on a real terminal emulator of 80x24, with a server of its own; gone when the test ends. */
export function openPane({ folder }: { readonly folder: string }): Pane {
  const socket = `lmpower-${randomUUID()}`;
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_DATA_HOME: folder, LANG: 'C.UTF-8', PS1: '$ ' };
  const tmux = (...args: readonly string[]): string =>
    execFileSync('tmux', ['-u', '-L', socket, '-f', '/dev/null', ...args], { env, encoding: 'utf8' });
  tmux('new-session', '-d', '-x', '80', '-y', '24', '-c', folder, 'sh');
  onTestFinished(() => void tmux('kill-server'));
  const screen = (): string[] => tmux('capture-pane', '-p').split('\n').slice(0, -1);
  return {
    screen,
    type: (...keys) => void tmux('send-keys', ...keys),
    resize: (columns, rows) => void tmux('resize-window', '-x', String(columns), '-y', String(rows)),
    says: (format) => tmux('display-message', '-p', format).trim(),
    shows: (expected) =>
      vi.waitFor(
        () => {
          const lines = screen();
          if (!expected.test(lines.join('\n')))
            throw new Error(`never showed ${expected}:\n${lines.join('\n')}`);
          return lines;
        },
        { timeout: LONG_MS, interval: 100 },
      ),
  };
}
