import type { Observation } from '../src/core/sample.ts';
import { drawing, drawn } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { HUES } from './theme.ts';

const PRESSURE = 'thermal_pressure';
/** Apple's words, coolest first; others follow in order of appearance. Source: `man powermetrics`, thermal pressure. */
const LEVELS = ['nominal', 'moderate', 'heavy', 'trapping', 'sleeping'];

/** Levels that nobody listed come last. */
const UNKNOWN = LEVELS.length + 1;

interface Level {
  readonly level: string;
  readonly start_s: number;
  readonly end_s: number;
}

/** Thermal pressure over the run, as the machine itself says it. */
export const thermal: Report = {
  id: 'thermal',
  question: 'Did the machine get too warm?',
  caption:
    'Thermal pressure as the system reports it. Anything but the lowest level means that it may have slowed the chip down: such trials carry THROTTLED.',
  note({ observations }: ReportRows): string | null {
    const levels = new Set(levelsOf(observations).map(({ level }) => level));
    return levels.size === 1 ? `It stayed at “${[...levels][0]}” throughout.` : null;
  },
  build({ observations }: ReportRows): VegaLiteSpec | null {
    const spans = levelsOf(observations);
    if (spans.length === 0) return null;
    const found = [...new Set(spans.map(({ level }) => level))];
    const place = (level: string): number => (LEVELS.indexOf(level.toLowerCase()) + UNKNOWN) % UNKNOWN;
    const order = [...found].sort((a, b) => place(a) - place(b));
    return drawing({
      height: { step: 26 },
      datasets: { spans },
      layer: [
        {
          data: { name: 'spans' },
          mark: { type: 'bar', height: { band: 0.7 } },
          encoding: {
            x: {
              field: 'start_s',
              type: 'quantitative',
              title: 'time since the start of the run (s)',
              scale: { nice: false },
            },
            x2: { field: 'end_s' },
            y: { field: 'level', type: 'nominal', title: null, sort: order },
            color: {
              field: 'level',
              type: 'nominal',
              scale: {
                domain: order,
                range: order.map((level) => (level.toLowerCase() === LEVELS[0] ? HUES[2] : HUES[5])),
              },
              legend: null,
            },
            tooltip: [
              { field: 'level' },
              { field: 'start_s', title: 'from (s)' },
              { field: 'end_s', title: 'to (s)' },
            ],
          },
        },
      ],
    });
  },
};

/** Neighbouring observations of one level as one span; the last one lasts until it was last seen. */
function levelsOf(observations: readonly Observation[]): Level[] {
  const spans: { level: string; start_s: number; end_s: number }[] = [];
  for (const { name, at_s, value } of observations) {
    if (name !== PRESSURE) continue;
    const last = spans.at(-1);
    if (last !== undefined) last.end_s = drawn(at_s, 7);
    if (last?.level !== String(value))
      spans.push({ level: String(value), start_s: drawn(at_s, 7), end_s: drawn(at_s, 7) });
  }
  return spans.filter(({ start_s, end_s }) => end_s > start_s);
}
