import type { Batch, Domain } from '../src/core/sample.ts';
import type { Seconds } from '../src/core/units.ts';
import { S_PER_MS } from '../src/core/units.ts';
import { sampleFromMean } from './from-mean.ts';
import { createSampleLineParser } from './sample-lines.ts';
import type { Sampler, StreamOptions } from './sampler.ts';
import { SYNTHETIC_RAILS, syntheticEnergy_J, syntheticMaxPower_W } from './synthetic-power.ts';

const ID = 'synthetic';
const DEFAULT_SEED = 1;

/** Made-up power of a known formula on a real clock: for dry runs and for trying lmpower without a meter. */
export function createSyntheticSampler(seed: number = DEFAULT_SEED): Sampler {
  return {
    id: ID,
    title: 'Made-up power of a known formula',
    privilege: 'none',
    probe: async () => ({ state: 'ready', detail: 'needs nothing, measures nothing', remedy: null }),
    domains: () => DOMAINS,
    stream: (options) => emit(seed, options),
    createParser: () => createSampleLineParser(ID, DOMAINS),
  };
}

async function* emit(seed: number, options: StreamOptions): AsyncGenerator<Batch, void, undefined> {
  const { clock, interval_ms } = options;
  const interval_s = interval_ms * S_PER_MS;
  const origin_s = clock.now_s();
  let from_s = 0;
  let due_s = origin_s + interval_s;
  while (await passed(due_s, options)) {
    const now_s = clock.now_s();
    const to_s = now_s - origin_s;
    yield batchOf({ seed, origin_s, from_s, to_s, isFirst: from_s === 0 });
    from_s = to_s;
    // A machine that slept does not make up for the beats it missed.
    due_s = Math.max(due_s + interval_s, now_s);
  }
}

/** Waits for the time; false when the signal came first. */
async function passed(due_s: Seconds, { clock, signal }: StreamOptions): Promise<boolean> {
  try {
    await clock.sleep(Math.max(0, due_s - clock.now_s()), signal);
    return !signal.aborted;
  } catch (thrown) {
    if (signal.aborted) return false;
    throw thrown;
  }
}

function batchOf(window: {
  readonly seed: number;
  readonly origin_s: Seconds;
  readonly from_s: Seconds;
  readonly to_s: Seconds;
  readonly isFirst: boolean;
}): Batch {
  const { seed, origin_s, from_s, to_s, isFirst } = window;
  const arrival_s = origin_s + to_s;
  const rails = SYNTHETIC_RAILS.map((rail) => ({
    domain: rail.id,
    energy_J: syntheticEnergy_J(rail, { seed, from_s, to_s }),
  }));
  const soc = { domain: 'soc', energy_J: rails.reduce((sum_J, rail) => sum_J + rail.energy_J, 0) };
  const samples = [...rails, soc].map((one) => sampleFromMean({ ...one, width_s: to_s - from_s, arrival_s }));
  return {
    samples: samples.filter((sample) => sample !== null),
    observations: [],
    events: isFirst
      ? [{ code: 'SIMULATED', source: ID, at_s: arrival_s, domain: null, detail: `formula, seed ${seed}` }]
      : [],
    ...(isFirst && { domains: DOMAINS }),
  };
}

const RAIL_DOMAINS: readonly Domain[] = SYNTHETIC_RAILS.map((rail) => ({
  id: rail.id,
  label: rail.id.toUpperCase(),
  parent: 'soc',
  scope: 'made-up power',
  source: ID,
  kind: 'mean',
  rank: 0,
  quantum_J: 0,
  rails: 1,
  minPower_W: 0,
  maxPower_W: syntheticMaxPower_W(rail),
  misalignment_s: 0,
  averaging_s: null,
  systematicRatio: 0,
}));

const DOMAINS: readonly Domain[] = [
  ...RAIL_DOMAINS,
  {
    id: 'soc',
    label: 'SoC',
    parent: null,
    scope: 'made-up power of CPU+GPU+ANE',
    source: ID,
    kind: 'mean',
    rank: 1,
    quantum_J: 0,
    rails: RAIL_DOMAINS.length,
    minPower_W: 0,
    maxPower_W: RAIL_DOMAINS.reduce((sum_W, rail) => sum_W + rail.maxPower_W, 0),
    misalignment_s: 0,
    averaging_s: null,
    systematicRatio: 0,
  },
];
