import type { SampleKind } from '../../src/core/sample.ts';
import type { Seconds, Watts } from '../../src/core/units.ts';
import {
  J_PER_kWh,
  J_PER_mJ,
  J_PER_mWh,
  J_PER_Wh,
  W_PER_kW,
  W_PER_mW,
  W_PER_uW,
} from '../../src/core/units.ts';

/** What a command prints and what that number is; from `command[unit=W,kind=gauge,domain=wall]:CMD`. */
export interface CommandSpec {
  /** Null: only its recorded output is read. */
  readonly command: string | null;
  readonly unit: string;
  readonly kind: SampleKind;
  readonly domain: string;
  /** Path to the number in a line of JSON: `power`, `StatusSNS.ENERGY.Power`. */
  readonly field: string | null;
  readonly averaging_s: Seconds | null;
  readonly maxPower_W: Watts;
}

/** Factor to W or J. */
export const UNITS: Readonly<Record<string, { readonly factor: number; readonly isEnergy: boolean }>> = {
  W: { factor: 1, isEnergy: false },
  mW: { factor: W_PER_mW, isEnergy: false },
  uW: { factor: W_PER_uW, isEnergy: false },
  kW: { factor: W_PER_kW, isEnergy: false },
  J: { factor: 1, isEnergy: true },
  mJ: { factor: J_PER_mJ, isEnergy: true },
  mWh: { factor: J_PER_mWh, isEnergy: true },
  Wh: { factor: J_PER_Wh, isEnergy: true },
  kWh: { factor: J_PER_kWh, isEnergy: true },
};

/** A European household socket: 16 A at 230 V. */
const SOCKET_W: Watts = 3680;
const SPEC = /^command(?:\[([^\]]*)\])?:(.*)$/s;
const FORMAT = /^command(?:\[([^\]]*)\])?$/;
const OPTIONS = new Set(['unit', 'kind', 'domain', 'field', 'averaging', 'max']);

export const DEFAULT_COMMAND: CommandSpec = {
  command: null,
  unit: 'W',
  kind: 'gauge',
  domain: 'wall',
  field: null,
  averaging_s: null,
  maxPower_W: SOCKET_W,
};

/** True for what is meant as a command, whether or not its options are sound. */
export function isCommandSpec(text: string): boolean {
  return /^command(?:\[|:)/.test(text);
}

/** Reads `command[OPTIONS]:CMD`, or what is wrong with it. Options: unit, kind, domain, field, averaging (s), max (W). */
export function parseCommandSpec(text: string): CommandSpec | { readonly wrong: string } {
  const [, options, command] = SPEC.exec(text) ?? [];
  if (command === undefined || command.trim() === '') return { wrong: 'it names no command' };
  return withOptions(options ?? '', command);
}

/** The same options as the format of a recording: `command[unit=mW]`. Null: it is no command. */
export function parseCommandFormat(text: string): CommandSpec | { readonly wrong: string } | null {
  const match = FORMAT.exec(text);
  return match === null ? null : withOptions(match[1] ?? '', null);
}

function withOptions(text: string, command: string | null): CommandSpec | { readonly wrong: string } {
  const given = new Map<string, string>();
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [name = '', ...value] = part.split('=');
    if (!OPTIONS.has(name.trim())) return { wrong: `it has no option ${name.trim()}` };
    given.set(name.trim(), value.join('=').trim());
  }
  const unit = given.get('unit') ?? DEFAULT_COMMAND.unit;
  const known = UNITS[unit];
  if (known === undefined) return { wrong: `unit ${unit} is none of ${Object.keys(UNITS).join(', ')}` };
  const kind = kindOf(given.get('kind'), known.isEnergy);
  if (kind === null) {
    const kinds = known.isEnergy ? 'counter' : 'gauge, averaged, mean';
    return { wrong: `a number in ${unit} can be of kind ${kinds}, not ${given.get('kind')}` };
  }
  const averaging_s = given.has('averaging') ? Number(given.get('averaging')) : null;
  if (averaging_s !== null && !(averaging_s > 0)) return { wrong: 'averaging is a number of seconds' };
  const maxPower_W = given.has('max') ? Number(given.get('max')) : SOCKET_W;
  if (!(maxPower_W > 0) || !Number.isFinite(maxPower_W)) return { wrong: 'max is a number of watts' };
  const domain = given.get('domain') ?? DEFAULT_COMMAND.domain;
  if (!/^[a-z][a-z0-9:._-]*$/.test(domain)) return { wrong: `${domain} is no name of a domain` };
  return { command, unit, kind, domain, field: given.get('field') ?? null, averaging_s, maxPower_W };
}

function kindOf(text: string | undefined, isEnergy: boolean): SampleKind | null {
  if (isEnergy) return text === undefined || text === 'counter' ? 'counter' : null;
  if (text === undefined || text === 'gauge') return 'gauge';
  return text === 'averaged' || text === 'mean' ? text : null;
}
