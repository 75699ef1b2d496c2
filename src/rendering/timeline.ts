import type { PowerPoint } from '../../reports/report.ts';
import type { SampleSeries } from '../core/sample.ts';

/** Points a chart can tell apart at its width. */
const PIXELS = 1400;

/**
 * Power of each series over time, at most `pixels` points each. Where several readings share a pixel, it holds their
 * least, greatest and time-weighted mean power and their summed energy: no peak and no joule is lost.
 */
export function timelineOf(series: readonly SampleSeries[], pixels: number = PIXELS): PowerPoint[] {
  return series.flatMap((one) => pointsOf(one, pixels));
}

function pointsOf(series: SampleSeries, pixels: number): PowerPoint[] {
  const count = series.end_s.length;
  const perPoint = Math.max(1, Math.ceil(count / pixels));
  const points: PowerPoint[] = [];
  for (let from = 0; from < count; from += perPoint)
    points.push(merged(series, from, Math.min(count, from + perPoint)));
  return points;
}

function merged(series: SampleSeries, from: number, to: number): PowerPoint {
  let min_W = Number.POSITIVE_INFINITY;
  let max_W = Number.NEGATIVE_INFINITY;
  let energy_J = 0;
  let covered_s = 0;
  for (let i = from; i < to; i++) {
    const width_s = (series.end_s[i] ?? 0) - (series.start_s[i] ?? 0);
    const sample_J = series.energy_J[i] ?? 0;
    min_W = Math.min(min_W, sample_J / width_s);
    max_W = Math.max(max_W, sample_J / width_s);
    energy_J += sample_J;
    covered_s += width_s;
  }
  return {
    domain: series.domain,
    start_s: series.start_s[from] ?? 0,
    end_s: series.end_s[to - 1] ?? 0,
    min_W,
    max_W,
    mean_W: energy_J / covered_s,
    energy_J,
  };
}
