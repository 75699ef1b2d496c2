import { LmpowerError } from '../../core/errors.ts';
import { isThisMachine } from '../../core/this-machine.ts';
import type { ConfigFile } from './layer.ts';

/**
 * What a project's file may not say, since it comes with whatever folder one happens to stand in: commands to start,
 * files to write, tokens, and other machines to send prompts to. @throws {LmpowerError} CONFIG_INVALID
 */
export function checkProjectFile({ values }: ConfigFile): void {
  for (const [key, { value, origin }] of values) {
    if (key === 'db') throw refused(origin, key, 'would write to a file that you did not choose');
    if (key.endsWith('.startServer') && value !== false) throw refused(origin, key, 'would start a program');
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    if (key.endsWith('.sampler') && texts.some((one) => one.includes('command:')))
      throw refused(origin, key, 'would start a command');
    if (key.endsWith('.url') && !texts.every((url) => isThisMachine(hostOf(url))))
      throw refused(origin, key, 'names another machine');
    if (!key.startsWith('backends.')) continue;
    if (key.endsWith('.token')) throw refused(origin, key, 'is a secret in a file that is passed on');
    if (key.endsWith('.host') && !texts.every(isThisMachine))
      throw refused(origin, key, 'names another machine');
  }
}

function hostOf(url: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
  return URL.canParse(text) ? new URL(text).hostname : '';
}

function refused(origin: string, key: string, why: string): LmpowerError {
  return new LmpowerError('CONFIG_INVALID', `${origin}: ${key} ${why}; a project's file may not say that.`, {
    remedy: 'say it on the command line or in your own file: lmpower config path',
  });
}
