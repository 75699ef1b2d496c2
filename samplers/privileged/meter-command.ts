/** The one program that lmpower ever starts as root. Absolute, so that no PATH can redirect it. */
export const METER_PATH = '/usr/bin/powermetrics';

/** All that root's processes see of the environment. `NSUnbufferedIO` does what `-b 0` does, should a release drop the flag. */
export const METER_ENV = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LANG: 'C', NSUnbufferedIO: 'YES' } as const;

/** Below this the meter's own work disturbs what it measures. */
export const MIN_INTERVAL_ms = 20;
export const MAX_INTERVAL_ms = 60_000;
export const DEFAULT_INTERVAL_ms = 500;

/** The nearest interval that the meter may be asked for: an integer in [20, 60000] ms; 500 for what is no finite number. */
export function clampInterval(interval_ms: number): number {
  if (!Number.isFinite(interval_ms)) return DEFAULT_INTERVAL_ms;
  return Math.min(MAX_INTERVAL_ms, Math.max(MIN_INTERVAL_ms, Math.round(interval_ms)));
}

/**
 * The whole argument list; the interval is its only variable part, and an integer.
 * Only spellings that macOS 11 to 27 share, for an unknown flag or sampler ends the tool: `-n` (0 or -1 for endless),
 * `-o`/`-u` and `-r` changed their meaning between 11 and 12, `--handle-invalid-values` is not documented for 11, and
 * ANE power comes with `cpu_power`. `-b 0` writes each frame when it is complete: sudo drops NSUnbufferedIO.
 * Source: powermetrics(1) and `powermetrics -h`, macOS 10.9, 11.6, 12, 14.
 */
export function meterArguments(interval_ms: number): readonly string[] {
  return [
    ...['-f', 'plist'],
    ...['--samplers', 'cpu_power,gpu_power,thermal'],
    ...['-b', '0'],
    ...['-i', String(clampInterval(interval_ms))],
  ];
}
