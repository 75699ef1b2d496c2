import { HZ_PER_MHz } from '../core/units.ts';
import { array, dict, integer, real } from './plist-text.ts';

/** Where a core, a cluster or the GPU spent its window: idle, and at each of its frequencies. Sums to the window. */
export interface Residency {
  readonly window_ns: number;
  readonly idle_ns: number;
  readonly used_ns: readonly number[];
  readonly freqs_MHz: readonly number[];
  /** Mean frequency over the time in use; 0 when never used. */
  readonly freq_MHz: number;
}

/**
 * Spreads the busy part of a window over the frequencies next to the operating point, which rises with the load.
 * `busyRatio` is clamped to 0–1. For show: no joule depends on it.
 */
export function residencyOf(window_ns: number, busyRatio: number, freqs_MHz: readonly number[]): Residency {
  const busy = Math.min(1, Math.max(0, busyRatio));
  const point = busy * (freqs_MHz.length - 1);
  const weights = freqs_MHz.map((_, i) => Math.exp(-((i - point) ** 2)));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const used_ns = weights.map((weight) => Math.floor((busy * window_ns * weight) / whole));
  const inUse_ns = used_ns.reduce((sum, part_ns) => sum + part_ns, 0);
  const weighted = used_ns.reduce((sum, part_ns, i) => sum + part_ns * (freqs_MHz[i] ?? 0), 0);
  const freq_MHz = inUse_ns === 0 ? 0 : weighted / inUse_ns;
  return { window_ns, idle_ns: window_ns - inUse_ns, used_ns, freqs_MHz, freq_MHz };
}

/** `freq_hz` of cores and clusters, in hertz. */
export function clusterFreqText({ freq_MHz }: Residency): string {
  return real('freq_hz', freq_MHz * HZ_PER_MHz);
}

/** `freq_hz` of the GPU block, which holds megahertz whatever its name says. Source: power-sources 2.3. */
export function gpuFreqText({ freq_MHz }: Residency): string {
  return real('freq_hz', freq_MHz);
}

export function idleText({ idle_ns, window_ns }: Residency): string {
  return integer('idle_ns', idle_ns) + real('idle_ratio', idle_ns / window_ns);
}

export function statesText({ freqs_MHz, used_ns, window_ns }: Residency): string {
  return array(
    'dvfm_states',
    freqs_MHz.map((freq_MHz, i) =>
      dict(
        integer('freq', freq_MHz) +
          integer('used_ns', used_ns[i] ?? 0) +
          real('used_ratio', (used_ns[i] ?? 0) / window_ns),
      ),
    ),
  );
}
