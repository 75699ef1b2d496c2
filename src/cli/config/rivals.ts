import type { Layer } from './layer.ts';
import { pathOf } from './layer.ts';
import type { Setting } from './settings.ts';

const FILTERS = [
  'quants',
  'arch',
  'params',
  'minContext',
  'minSize',
  'maxSize',
  'onlyVision',
  'onlyTools',
  'includeModels',
  'excludeModels',
];
const STOP_RULE = ['untilCi', 'maxTrials', 'maxMinutes'];
const ORDER = ['order', 'orderSeed', 'interleave'];

/**
 * What each flag, once it is said, takes back of weaker places: `--trials 60` means 60, whatever a file says of when to
 * stop. Flags of one place still contradict each other, and are refused as on the command line.
 */
const TAKES_BACK: Readonly<Record<string, readonly string[]>> = {
  trials: STOP_RULE,
  untilCi: ['trials'],
  maxTrials: ['trials'],
  maxMinutes: ['trials'],
  gpu: ['gpuLayers'],
  gpuLayers: ['gpu'],
  kvCache: ['kCache', 'vCache'],
  order: ['interleave', 'orderSeed'],
  interleave: ['order', 'orderSeed'],
  experiment: ['workload', ...ORDER],
  workload: ['closedServer'],
  baseline: ['baselineMax'],
  baselineStrategy: ['baselineTtl'],
  model: ['all', 'limit', ...FILTERS],
  all: ['model'],
  limit: ['model'],
  ...Object.fromEntries(FILTERS.map((filter) => [filter, ['model']])),
  samples: ['duration'],
  duration: ['samples'],
};

/** The layers less what a stronger one, or a flag that was typed (its paths), takes back. */
export function withoutRivals(
  layers: readonly Layer[],
  typed: readonly string[],
  settings: readonly Setting[],
): Layer[] {
  const gone = new Set(typed.flatMap((path) => takenBack(path, settings)));
  return layers.map((layer) => {
    const kept = new Map([...layer].filter(([path]) => !gone.has(path)));
    // A switch that is off asks for nothing.
    for (const [path, { value }] of kept)
      if (value !== false) for (const rival of takenBack(path, settings)) gone.add(rival);
    return kept;
  });
}

/** Paths of the same command that this one takes back. */
export function takenBack(path: string, settings: readonly Setting[]): string[] {
  const said = settings.find((one) => pathOf(one.section, one.key) === path);
  if (said === undefined || !Object.hasOwn(TAKES_BACK, said.attribute)) return [];
  const rivals = TAKES_BACK[said.attribute] ?? [];
  return settings.flatMap(({ attribute, key, section }) =>
    section === said.section && rivals.includes(attribute) ? [pathOf(section, key)] : [],
  );
}
