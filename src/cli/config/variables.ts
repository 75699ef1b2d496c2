import { LmpowerError } from '../../core/errors.ts';
import type { Vocabulary } from './flatten.ts';
import { type Given, type Layer, pathOf } from './layer.ts';
import { nearest } from './nearest.ts';
import type { ConfigPlaces } from './places.ts';
import { type Setting, settingFromText, shownValue, variableOf } from './settings.ts';

/** The database of recorded runs, for every command. */
const DB_VARIABLE = 'LMPOWER_DB';

/** Read elsewhere, and no settings. */
const OTHERS: readonly string[] = ['LMPOWER_SYSFS'];

/** What the environment says of these settings; an empty variable says nothing. @throws {LmpowerError} USAGE */
export function environmentLayer(settings: readonly Setting[], env: ConfigPlaces['env']): Layer {
  const values = new Map<string, Given>();
  const db = env[DB_VARIABLE] ?? '';
  if (db !== '') values.set('db', { value: db, said: db, origin: DB_VARIABLE });
  for (const setting of settings) {
    const origin = variableOf(setting);
    const text = env[origin] ?? '';
    if (text === '') continue;
    const value = fromVariable(setting, text);
    values.set(pathOf(setting.section, setting.key), {
      value,
      said: shownValue(setting, text, value),
      origin,
    });
  }
  return values;
}

function fromVariable(setting: Setting, text: string): unknown {
  try {
    return settingFromText(setting, text);
  } catch (thrown) {
    if (!(thrown instanceof LmpowerError)) throw thrown;
    throw new LmpowerError('USAGE', `${variableOf(setting)}: ${thrown.message}`, { remedy: thrown.remedy });
  }
}

/** One line for each variable that begins as ours do and that nothing reads: most likely misspelt. */
export function strayVariableLines(env: ConfigPlaces['env'], { settings }: Vocabulary): string[] {
  const known = [...new Set([...[...settings.values()].map(variableOf), DB_VARIABLE, ...OTHERS])];
  return Object.keys(env)
    .filter((name) => name.startsWith('LMPOWER_') && !known.includes(name) && (env[name] ?? '') !== '')
    .map((name) => {
      const meant = nearest(name, known);
      const hint = meant === undefined ? 'lmpower config keys lists them' : `did you mean ${meant}?`;
      return `The variable ${name} is none that lmpower reads: ${hint}`;
    });
}
