import { type Clock, systemClock } from '../../src/core/clock.ts';
import { METER_PATH } from '../privileged/meter-command.ts';
import { desktopIsThere } from './desktop.ts';
import type { GuardHandle } from './guard-launch.ts';

/** What the roads to the meter depend on. Only ever given in code. */
export interface MeterSession {
  /** What `sudo lmpower` left behind; null when it was not started that way. */
  readonly guard: GuardHandle | null;
  /** This process has root's rights itself: a container, or a login of root. */
  readonly root: boolean;
  /** A person can type a password here. */
  readonly terminal: boolean;
  readonly meter: string;
  readonly sudo: string;
  /** Limits the time of a probe. */
  readonly clock: Clock;
  readonly hasDesktop: () => Promise<boolean>;
  /** One sentence for the person, before sudo speaks. */
  readonly say: (text: string) => void;
  /** Runs a command line as root after asking in a window; resolves with its error output when it has ended. */
  readonly askOnDesktop: (commandLine: string) => Promise<string>;
}

/** This process's own session, with what the caller knows better. */
export function meterSession(known: Partial<MeterSession> = {}): MeterSession {
  return {
    guard: null,
    root: process.getuid?.() === 0,
    terminal: process.stdin.isTTY === true && process.stderr.isTTY === true,
    meter: METER_PATH,
    sudo: '/usr/bin/sudo',
    clock: systemClock,
    hasDesktop: () => desktopIsThere(),
    say: (text) => void process.stderr.write(text),
    askOnDesktop: askWithSudoPrompt,
    ...known,
  };
}

async function askWithSudoPrompt(commandLine: string): Promise<string> {
  // Loaded here: one person in many needs it.
  const { exec } = await import('@vscode/sudo-prompt');
  return new Promise((resolve, reject) => {
    exec(commandLine, { name: 'lmpower' }, (error, _stdout, stderr) => {
      if (error === undefined || error === null) resolve(String(stderr ?? ''));
      else reject(error);
    });
  });
}
