import { newestNote, standing } from './configuration.ts';
import { frontierChart, type Spread } from './frontier.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';

/** J/token against tok/s with the frontier: configurations that no other beats in both. */
export const speedAgainstEnergy: Report = {
  id: 'speed-against-energy',
  question: 'Who is both fast and frugal?',
  caption:
    'Right is faster, down is cheaper. The line joins the configurations that no other beats in both; crosses are 95 % intervals, where there are enough repetitions. Names that would cover another are left out: pointing at a dot tells.',
  note: ({ documents }: ReportRows): string | null => newestNote(documents),
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const candidates = standing(documents).flatMap(({ label, summary: { tokPerS, net_JPerTok } }) => {
      const [x, y] = [spreadOf(tokPerS), spreadOf(net_JPerTok)];
      return x === null || y === null ? [] : [{ label, x, y }];
    });
    if (candidates.length < 2) return null;
    return frontierChart({
      candidates,
      xTitle: 'output tokens per second',
      yTitle: 'net J per output token',
      isMoreBetter: true,
    });
  },
};

interface Estimated {
  readonly value: number | null;
  readonly ci95: readonly [number, number] | null;
}

/** Null where there is no figure. */
export function spreadOf({ value, ci95 }: Estimated): Spread | null {
  return value === null ? null : { value, low: ci95?.[0] ?? value, high: ci95?.[1] ?? value };
}
