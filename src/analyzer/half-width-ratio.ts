import type { RunDocument } from '../core/result.ts';

/**
 * Half-width of the 95 % interval of a model's J/token over the whole workload, relative to it: net where there is one,
 * else gross; of the headline domain. Null without an interval.
 */
export function halfWidthRatio({ summary }: RunDocument, model: string): number | null {
  const whole = summary.find((one) => one.headline && one.category === 'all' && one.model === model);
  if (whole === undefined) return null;
  const { ci95, value } = whole.net_JPerTok.ci95 === null ? whole.gross_JPerTok : whole.net_JPerTok;
  return ci95 === null || value === null || value === 0 ? null : (ci95[1] - ci95[0]) / 2 / Math.abs(value);
}
