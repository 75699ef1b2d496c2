import { isCommandSpec } from './command/spec.ts';

/** How a power source is named on the command line: an id, recorded bytes of one, or a command of the user's own. */
export type SamplerSpec =
  | { readonly sort: 'id'; readonly id: string }
  | { readonly sort: 'command'; readonly text: string }
  | { readonly sort: 'replay'; readonly format: string; readonly file: string; readonly speed: number };

const REPLAY = /^replay:([^:]*):(.*)$/s;
/** Greedy, so that only the last `@` counts; `@` before anything but a number belongs to the name. */
const SPEED = /^(.+)@(\d+(?:\.\d+)?|\.\d+)$/s;
export const DEFAULT_SPEED = 1;

/**
 * Reads `ID`, `command[OPTIONS]:CMD` (its options are read by who starts it) or `replay:<format>:<file>[@speed]`, split at the first two colons, so `C:\…` works. Null where `replay` is
 * not followed by both. A file whose name ends in `@2` is given as `NAME@2@1`.
 */
export function parseSamplerSpec(text: string): SamplerSpec | null {
  if (isCommandSpec(text)) return { sort: 'command', text };
  if (text !== 'replay' && !text.startsWith('replay:')) return { sort: 'id', id: text };
  const [, format, rest] = REPLAY.exec(text) ?? [];
  if (!format || !rest) return null;
  const [, file, speed] = SPEED.exec(rest) ?? [];
  if (file === undefined) return { sort: 'replay', format, file: rest, speed: DEFAULT_SPEED };
  return { sort: 'replay', format, file, speed: Number(speed) };
}

/** Names of a `--sampler` value: a list at its commas, but a replay or a command whole, since either may hold one. */
export function splitSamplerList(text: string): string[] {
  if (text.startsWith('replay:') || isCommandSpec(text)) return [text];
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
