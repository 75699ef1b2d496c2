import type { KnownTrial } from '../core/arms.ts';
import type { Configured } from './configuration.ts';
import { configurationsOf } from './configuration.ts';

/** A finished trial somewhere in the store. */
export interface Finished {
  readonly run: string;
  readonly trial: number;
  /** Answered, and its energy not withheld. */
  readonly isUsable: boolean;
}

/** All that was measured of a configuration, the newest first. */
export type FinishedOf = (configuration: string) => readonly Finished[];

/**
 * Trials of a plan that need not be run, since a trial of the same configuration is known: as many repetitions as there
 * are. `isWhole`: the trials are compared with each other, so that only a run that has all of them counts.
 */
export function knownTrials(run: Configured, finishedOf: FinishedOf, isWhole: boolean): KnownTrial[] {
  const configurations = configurationsOf(run);
  const usable = new Map<string, Finished[]>();
  for (const configuration of new Set(configurations.values())) {
    usable.set(
      configuration,
      finishedOf(configuration).filter(({ isUsable }) => isUsable),
    );
  }
  if (isWhole) return knownTogether(configurations, usable);
  return taken(configurations, usable);
}

function knownTogether(
  configurations: ReadonlyMap<number, string>,
  usable: ReadonlyMap<string, readonly Finished[]>,
): KnownTrial[] {
  const runs = new Set([...usable.values()].flatMap((found) => found.map(({ run }) => run)));
  for (const run of runs) {
    const own = [...usable].map(([key, found]) => [key, found.filter((one) => one.run === run)] as const);
    const known = taken(configurations, new Map(own));
    if (known.length === configurations.size) return known;
  }
  return [];
}

/** Each repetition takes another of those that are known, the newest first. */
function taken(
  configurations: ReadonlyMap<number, string>,
  usable: ReadonlyMap<string, readonly Finished[]>,
): KnownTrial[] {
  const used = new Map<string, number>();
  return [...configurations].flatMap(([index, configuration]) => {
    const place = used.get(configuration) ?? 0;
    const found = usable.get(configuration)?.[place];
    if (found === undefined) return [];
    used.set(configuration, place + 1);
    return [{ index, run: found.run, trial: found.trial }];
  });
}
