import { parseArgs } from 'node:util';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import { METER_SAMPLERS, type MeterSampler } from './frame-text.ts';

/** What powermetrics was asked to do. */
export interface MeterRequest {
  readonly interval_ms: number;
  /** Infinity: until told to end. */
  readonly frames: number;
  readonly samplers: readonly MeterSampler[];
  /** False: output gathers in blocks, as standard output into a pipe does. */
  readonly unbuffered: boolean;
}

const FLAGS = {
  format: { type: 'string', short: 'f', default: 'text' },
  samplers: { type: 'string', short: 's', default: 'default' },
  'sample-rate': { type: 'string', short: 'i', default: '5000' },
  'sample-count': { type: 'string', short: 'n', default: '-1' },
  'buffer-size': { type: 'string', short: 'b' },
  'handle-invalid-values': { type: 'boolean' },
} as const;

/**
 * The arguments of powermetrics(1) that concern a plist stream; anything else is refused, as the real one refuses what it does not
 * know. @throws {LmpowerError} USAGE
 */
export function parseMeterFlags(args: readonly string[]): MeterRequest {
  const flags = readFlags(args);
  if (flags.format !== 'plist') throw refused(`this meter writes plist only, not ${flags.format}`);
  const count = wholeNumber('sample-count', flags['sample-count'], -1);
  return {
    interval_ms: wholeNumber('sample-rate', flags['sample-rate'], 1),
    frames: count <= 0 ? Number.POSITIVE_INFINITY : count,
    samplers: samplersOf(flags.samplers),
    unbuffered: flags['buffer-size'] === '0' || flags['buffer-size'] === '1',
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    throw asLmpowerError(thrown, 'USAGE');
  }
}

function samplersOf(list: string): MeterSampler[] {
  if (list === 'default' || list === 'all') return [...METER_SAMPLERS];
  return list.split(',').map((name) => {
    const known = METER_SAMPLERS.find((sampler) => sampler === name);
    if (known === undefined) throw refused(`unrecognized sampler: ${name}`);
    return known;
  });
}

function wholeNumber(flag: string, given: string, least: number): number {
  const value = Number(given);
  if (given.trim() !== '' && Number.isInteger(value) && value >= least) return value;
  throw refused(`--${flag} needs a whole number of at least ${least}, not ${given}`);
}

function refused(message: string): LmpowerError {
  return new LmpowerError('USAGE', message, { remedy: 'see powermetrics(1)' });
}
