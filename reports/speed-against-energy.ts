import { type Configuration, configurations } from './configuration.ts';
import { drawing, drawn } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { HUES, INK, MUTED } from './theme.ts';

interface Place {
  readonly label: string;
  readonly tokPerS: number;
  readonly net_JPerTok: number;
  readonly lowTokPerS: number;
  readonly highTokPerS: number;
  readonly low_JPerTok: number;
  readonly high_JPerTok: number;
  readonly front: boolean;
}

/** Names beyond this many would cover each other; every point keeps its tooltip. */
const NAMED = 12;

/** J/token against tok/s with the frontier: configurations that no other beats in both. */
export const speedAgainstEnergy: Report = {
  id: 'speed-against-energy',
  question: 'Who is both fast and frugal?',
  caption:
    'Right is faster, down is cheaper. The line joins the configurations that no other beats in both; crosses are 95 % intervals, where there are enough repetitions. Model sizes are not recorded with a run, so points are alike in size.',
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const places = placesOf(configurations(documents));
    if (places.length < 2) return null;
    const front = places.filter((place) => place.front).sort((a, b) => a.tokPerS - b.tokPerS);
    return drawing({
      height: 340,
      datasets: { places, front, ...namesOf(places.length > NAMED ? front : places) },
      layer: [frontLayer(), ...intervalLayers(), pointLayer(), nameLayer('left'), nameLayer('right')],
    });
  },
};

function placesOf(all: readonly Configuration[]): Place[] {
  const places = all.flatMap(({ label, summary: { tokPerS, net_JPerTok } }) =>
    tokPerS.value === null || net_JPerTok.value === null
      ? []
      : [
          {
            label,
            tokPerS: drawn(tokPerS.value),
            net_JPerTok: drawn(net_JPerTok.value),
            lowTokPerS: drawn(tokPerS.ci95?.[0] ?? tokPerS.value),
            highTokPerS: drawn(tokPerS.ci95?.[1] ?? tokPerS.value),
            low_JPerTok: drawn(net_JPerTok.ci95?.[0] ?? net_JPerTok.value),
            high_JPerTok: drawn(net_JPerTok.ci95?.[1] ?? net_JPerTok.value),
          },
        ],
  );
  return places.map((place) => ({
    ...place,
    front: !places.some(
      (other) =>
        other.tokPerS >= place.tokPerS &&
        other.net_JPerTok <= place.net_JPerTok &&
        (other.tokPerS > place.tokPerS || other.net_JPerTok < place.net_JPerTok),
    ),
  }));
}

const X = { field: 'tokPerS', type: 'quantitative', title: 'output tokens per second' } as const;
const Y = { field: 'net_JPerTok', type: 'quantitative', title: 'net J per output token' } as const;

function frontLayer(): object {
  return {
    data: { name: 'front' },
    mark: { type: 'line', strokeWidth: 1.5, strokeDash: [4, 3], color: MUTED },
    encoding: { x: X, y: Y },
  };
}

function intervalLayers(): object[] {
  const mark = { type: 'rule', strokeWidth: 1.3, opacity: 0.6, color: INK };
  return [
    {
      data: { name: 'places' },
      mark,
      encoding: {
        x: X,
        y: { field: 'low_JPerTok', type: 'quantitative' },
        y2: { field: 'high_JPerTok' },
      },
    },
    {
      data: { name: 'places' },
      mark,
      encoding: {
        y: Y,
        x: { field: 'lowTokPerS', type: 'quantitative' },
        x2: { field: 'highTokPerS' },
      },
    },
  ];
}

function pointLayer(): object {
  return {
    data: { name: 'places' },
    mark: { type: 'point', filled: true, size: 90, opacity: 1, stroke: 'var(--paper)', strokeWidth: 1 },
    encoding: {
      x: X,
      y: Y,
      color: {
        field: 'front',
        type: 'nominal',
        scale: { domain: [true, false], range: [HUES[0], MUTED] },
        legend: null,
      },
      tooltip: [
        { field: 'label', title: 'model' },
        { field: 'tokPerS', title: 'tok/s', format: '.4g' },
        { field: 'net_JPerTok', title: 'net J/token', format: '.4g' },
      ],
    },
  };
}

/** Names of the faster half stand left of their points, so that none leaves the picture. */
function namesOf(places: readonly Place[]): { left: Place[]; right: Place[] } {
  const speeds = places.map(({ tokPerS }) => tokPerS);
  const middle = (Math.min(...speeds) + Math.max(...speeds)) / 2;
  return {
    left: places.filter(({ tokPerS }) => tokPerS <= middle),
    right: places.filter(({ tokPerS }) => tokPerS > middle),
  };
}

function nameLayer(side: 'left' | 'right'): object {
  const dx = side === 'left' ? 9 : -9;
  return {
    data: { name: side },
    mark: { type: 'text', align: side, dx, dy: -9, fontSize: 11, limit: 220 },
    encoding: { x: X, y: Y, text: { field: 'label' } },
  };
}
