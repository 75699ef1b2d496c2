import { drawing, drawn, WIDTH_PX } from './drawing.ts';
import {
  CORNERS,
  type Corner,
  NAME_DX_PX,
  NAME_LIMIT_PX,
  type NamedPoint,
  namesBeside,
} from './names-beside.ts';
import type { VegaLiteSpec } from './report.ts';
import { HUES, INK, MUTED } from './theme.ts';

/** A figure with its interval. */
export interface Spread {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Candidate {
  readonly label: string;
  /** What it costs: less is better. */
  readonly y: Spread;
  readonly x: Spread;
}

export interface FrontierChart {
  readonly candidates: readonly Candidate[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly isMoreBetter: boolean;
}

const HEIGHT_PX = 340;
const AXES_PX = 60;
/** Below this width of the plot names are placed anew, as for a phone. */
const NARROW_PX = 460;
const PHONE_PX = 300;
/** Names beyond this many would cover each other; every point keeps its tooltip. */
const NAMED = 12;

/** Two figures of each candidate, and the line through those that no other beats in both. */
export function frontierChart(chart: FrontierChart): VegaLiteSpec {
  const places = placesOf(chart);
  const front = places.filter((place) => place.front).sort((a, b) => a.x - b.x);
  const named = places.length > NAMED ? front : places;
  const names = [WIDTH_PX - AXES_PX, PHONE_PX].flatMap((width_px) =>
    namesBeside({ named, all: places, width_px, height_px: HEIGHT_PX - AXES_PX }).map(
      ({ label, corner }) => ({
        ...pick(places, label),
        corner: CORNERS.indexOf(corner),
        narrow: width_px === PHONE_PX,
      }),
    ),
  );
  return drawing({
    height: HEIGHT_PX,
    datasets: { places, front, names },
    layer: [
      frontLayer(),
      ...intervalLayers(),
      pointLayer(chart),
      ...CORNERS.flatMap((corner, i) =>
        names.some((name) => name.corner === i) ? nameLayers(corner, i) : [],
      ),
    ],
  });
}

interface Place extends NamedPoint {
  readonly low: number;
  readonly high: number;
  readonly from: number;
  readonly to: number;
  readonly front: boolean;
}

function placesOf({ candidates, isMoreBetter }: FrontierChart): Place[] {
  const gain = ({ x }: Candidate): number => (isMoreBetter ? x.value : -x.value);
  const beats = (a: Candidate, b: Candidate): boolean =>
    gain(a) >= gain(b) && a.y.value <= b.y.value && (gain(a) > gain(b) || a.y.value < b.y.value);
  return candidates.map((one) => ({
    label: one.label,
    ...{ x: drawn(one.x.value), from: drawn(one.x.low), to: drawn(one.x.high) },
    ...{ y: drawn(one.y.value), low: drawn(one.y.low), high: drawn(one.y.high) },
    front: !candidates.some((other) => beats(other, one)),
  }));
}

function pick(places: readonly Place[], label: string): { x: number; y: number; label: string } {
  const place = places.find((one) => one.label === label);
  return { label, x: place?.x ?? 0, y: place?.y ?? 0 };
}

const X = { field: 'x', type: 'quantitative', scale: { zero: false, padding: 10 } } as const;
const Y = { field: 'y', type: 'quantitative', scale: { zero: true } } as const;

function frontLayer(): object {
  return {
    data: { name: 'front' },
    mark: { type: 'line', strokeWidth: 1.5, strokeDash: [4, 3], color: MUTED },
    encoding: { x: X, y: Y },
  };
}

function intervalLayers(): object[] {
  const mark = { type: 'rule', strokeWidth: 1.3, opacity: 0.6, color: INK };
  const data = { name: 'places' };
  return [
    { data, mark, encoding: { x: X, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } } },
    { data, mark, encoding: { y: Y, x: { field: 'from', type: 'quantitative' }, x2: { field: 'to' } } },
  ];
}

function pointLayer({ xTitle, yTitle }: FrontierChart): object {
  return {
    data: { name: 'places' },
    mark: { type: 'point', filled: true, size: 90, opacity: 1, stroke: 'var(--paper)', strokeWidth: 1 },
    encoding: {
      x: { ...X, title: xTitle },
      y: { ...Y, title: yTitle },
      color: {
        field: 'front',
        type: 'nominal',
        scale: { domain: [true, false], range: [HUES[0], MUTED] },
        legend: null,
      },
      tooltip: [
        { field: 'label', title: 'model' },
        { field: 'x', title: xTitle, format: '.4g' },
        { field: 'y', title: yTitle, format: '.4g' },
      ],
    },
  };
}

function nameLayers({ side, dy_px }: Corner, index: number): object[] {
  const isRight = side === 'right';
  return [false, true].map((narrow) => ({
    data: { name: 'names' },
    transform: [
      {
        filter: {
          and: [
            { field: 'corner', equal: index },
            { field: 'narrow', equal: narrow },
          ],
        },
      },
    ],
    mark: {
      type: 'text',
      align: isRight ? 'left' : 'right',
      dx: isRight ? NAME_DX_PX : -NAME_DX_PX,
      dy: dy_px,
      baseline: 'middle',
      fontSize: 11,
      limit: NAME_LIMIT_PX,
      opacity: { expr: `(width < ${NARROW_PX}) === ${narrow} ? 1 : 0` },
    },
    encoding: { x: X, y: Y, text: { field: 'label' } },
  }));
}
