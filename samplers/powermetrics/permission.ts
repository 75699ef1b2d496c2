import { userInfo } from 'node:os';
import { METER_PATH, MIN_INTERVAL_ms, meterArguments } from '../privileged/meter-command.ts';

/**
 * The line for `sudo visudo -f /etc/sudoers.d/lmpower` that lets this user start the meter without a password, with our
 * arguments and no others: the bare path would permit `powermetrics -o FILE`, which overwrites any file as root.
 * Regular expressions need sudo 1.9.10 (macOS 14); an older one goes on asking. Source: sudoers(5).
 */
export function sudoersLine(user: string = userName()): string {
  const fixed = meterArguments(MIN_INTERVAL_ms).slice(0, -1).join(' ');
  return `${user} ALL=(root) NOPASSWD: ${METER_PATH} ^${fixed} [0-9]+$`;
}

/** What to type when nothing permits the meter. */
export function permissionRemedy(): string {
  return `sudo lmpower run, or allow the meter alone: sudo visudo -f /etc/sudoers.d/lmpower, with the line: ${sudoersLine()}`;
}

function userName(): string {
  try {
    const { username } = userInfo();
    // sudoers gives other characters a meaning of their own.
    return /^[A-Za-z0-9._-]+$/.test(username) ? username : `#${userInfo().uid}`;
  } catch {
    // No entry in the user database: sudoers takes the number.
    return `#${process.getuid?.() ?? 'UID'}`;
  }
}
