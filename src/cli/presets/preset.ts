import { LmpowerError } from '../../core/errors.ts';

/** A named set of flags of `lmpower run`, in the words of a configuration file's `run` section. */
export interface Preset {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  readonly run: Readonly<Record<string, unknown>>;
}

/** Names of files too, on every system. Source: seed 000's rule for preset names. */
const NAME = /^[A-Za-z0-9_-]{1,50}$/;

/** @throws {LmpowerError} USAGE */
export function checkPresetName(name: string): string {
  if (NAME.test(name)) return name;
  throw new LmpowerError('USAGE', `'${name}' is no name for a preset.`, {
    remedy: '1 to 50 letters, digits, hyphens or underscores: lmpower presets save my-evening',
  });
}
