import type { Environment } from '../core/run.ts';

/** What a platform can tell beyond Node; null: could not be read. */
export type PlatformFacts = Pick<
  Environment,
  'machine' | 'chip' | 'os' | 'osBuild' | 'powerSource' | 'lowPowerMode' | 'governor'
>;
