import type { PowerPoint } from '../../reports/report.ts';
import type { SampleSeries } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';

/** Width of the time axis: more points cannot be told apart. */
const PIXELS = 720;

interface Span {
  readonly from_s: Seconds;
  readonly to_s: Seconds;
}

/**
 * Power of each series over time. A series of at most `pixels` readings stays as it is; of a longer one, the readings
 * whose middle lies in the same pixel become one point with their least, greatest and time-weighted mean power and
 * their summed energy: no peak and no joule is lost.
 */
export function timelineOf(series: readonly SampleSeries[], pixels: number = PIXELS): PowerPoint[] {
  const span = spanOf(series);
  return series.flatMap((one) => pointsOf(one, span, pixels));
}

function spanOf(series: readonly SampleSeries[]): Span {
  let from_s = Number.POSITIVE_INFINITY;
  let to_s = Number.NEGATIVE_INFINITY;
  for (const { start_s, end_s } of series) {
    from_s = Math.min(from_s, start_s[0] ?? from_s);
    to_s = Math.max(to_s, end_s.at(-1) ?? to_s);
  }
  return { from_s, to_s };
}

function pointsOf(series: SampleSeries, span: Span, pixels: number): PowerPoint[] {
  const count = series.end_s.length;
  const perSecond = pixels / (span.to_s - span.from_s);
  const pixelOf = (i: number): number => {
    if (count <= pixels) return i;
    const middle_s = ((series.start_s[i] ?? 0) + (series.end_s[i] ?? 0)) / 2;
    return Math.min(pixels - 1, Math.floor((middle_s - span.from_s) * perSecond));
  };
  const points: PowerPoint[] = [];
  for (let from = 0; from < count; ) {
    const pixel = pixelOf(from);
    let to = from + 1;
    while (to < count && pixelOf(to) === pixel) to++;
    points.push(merged(series, from, to));
    from = to;
  }
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
    energy_J += sample_J;
    if (!(width_s > 0)) continue;
    covered_s += width_s;
    const mean_W = sample_J / width_s;
    // A gauge read its power at both ends of the sample: the peak is there, not in the mean.
    const first_W = series.startPower_W[i] ?? mean_W;
    const last_W = series.endPower_W[i] ?? mean_W;
    min_W = Math.min(min_W, mean_W, first_W, last_W);
    max_W = Math.max(max_W, mean_W, first_W, last_W);
  }
  const known = covered_s > 0;
  return {
    domain: series.domain,
    start_s: series.start_s[from] ?? 0,
    end_s: series.end_s[to - 1] ?? 0,
    min_W: known ? min_W : 0,
    max_W: known ? max_W : 0,
    mean_W: known ? energy_J / covered_s : 0,
    energy_J,
    count: to - from,
  };
}
