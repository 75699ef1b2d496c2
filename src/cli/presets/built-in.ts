import { LmpowerError } from '../../core/errors.ts';
import type { Preset } from './preset.ts';

/** Presets that come with lmpower; nobody can replace them, so that a name means the same everywhere. */
export const BUILT_IN: readonly Preset[] = [
  {
    name: 'classic',
    title: 'nine prompts in three sizes, 15 s of baseline and of cooldown',
    run: { workload: 'classic-v1', trials: 1, interval_ms: 500, baseline_s: 15, cooldown_s: 15 },
  },
  {
    name: 'quick',
    title: 'one short prompt: does everything work?',
    run: { workload: 'quick-v1', trials: 1, interval_ms: 250, baseline_s: 5, cooldown_s: 5 },
  },
  {
    name: 'standard',
    title: 'nine prompts, five times each: enough for an interval',
    run: { workload: 'classic-v1', trials: 5, interval_ms: 500, baseline_s: 10, cooldown_s: 10 },
  },
  {
    name: 'thorough',
    title: 'nine prompts, repeated until J/token is known to ± 3 %',
    run: { workload: 'classic-v1', untilCi_pct: 3, interval_ms: 500, baseline_s: 30, cooldown_s: 15 },
  },
  {
    name: 'resource-limited',
    title: 'for a small machine: models up to 8 GB, small batches, 2,048 tokens of context',
    run: {
      workload: 'quick-v1',
      trials: 3,
      interval_ms: 500,
      baseline_s: 10,
      cooldown_s: 10,
      maxSize: '8',
      context: 2048,
      batch: 256,
      flashAttention: 'on',
      mmap: true,
    },
  },
  {
    name: 'compatibility',
    title: 'one short prompt to each of up to ten models: which of them answer?',
    run: {
      workload: 'quick-v1',
      trials: 1,
      interval_ms: 500,
      baseline_s: 5,
      cooldown_s: 5,
      all: true,
      limit: 10,
    },
  },
];

/** Names that LM-Studio-Bench gave to the like; the second spelling of the compatibility test is its own slip. */
export const ALIASES: Readonly<Record<string, string>> = {
  default: 'classic',
  default_classic: 'classic',
  'lmstudio-bench-classic': 'classic',
  quick_test: 'quick',
  high_quality: 'thorough',
  resource_limited: 'resource-limited',
  default_compatibility_test: 'compatibility',
  default_compatability_test: 'compatibility',
};

/** By its name or an alias; undefined: none of ours. */
export function builtIn(name: string): Preset | undefined {
  const meant = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  return BUILT_IN.find((preset) => preset.name === meant);
}

/** Upper and lower case are one on many file systems, hence here too. @throws {LmpowerError} PRESET_READ_ONLY */
export function refuseBuiltIn(name: string): void {
  if (builtIn(name.toLowerCase()) === undefined) return;
  throw new LmpowerError('PRESET_READ_ONLY', `'${name}' comes with lmpower and stays as it is.`);
}
