import type { RunDocument } from '../src/core/result.ts';
import type { Phase } from '../src/core/run.ts';
import type { Seconds } from '../src/core/units.ts';
import { drawing, drawn, noteOf, WIDTH_PX } from './drawing.ts';
import type { PowerPoint, Report, ReportRows, VegaLiteSpec } from './report.ts';
import { HUES, INK, PHASE_BANDS } from './theme.ts';

const HEIGHT_PX = 260;
/** A hole this many times as wide as the reading before it breaks the line. */
const HOLE_WIDTHS = 1.5;
const T_DIGITS = 7;

/** Power of each rail over the run, the phases behind it and the tokens below. */
export const powerOverTime: Report = {
  id: 'power-over-time',
  question: 'When was the power drawn?',
  caption:
    'Each step is one reading over the source’s own window. Bands are phases; the bar at the bottom marks where tokens arrived.',
  note({ documents, timeline }: ReportRows): string | null {
    const merged = timeline.reduce((sum, point) => sum + point.count, 0);
    const first =
      documents.length > 1 ? `Shown is the first of ${documents.length} runs, ${documents[0]?.run.id}.` : '';
    const thin =
      merged > timeline.length
        ? `${merged} readings are drawn as ${timeline.length} points: the line is their mean, the shade spans their least and greatest, so no peak is lost. Phases narrower than half a pixel are not shaded.`
        : '';
    return noteOf(first, thin);
  },
  build({ documents, timeline }: ReportRows): VegaLiteSpec | null {
    const document = documents[0];
    if (document === undefined || timeline.length === 0) return null;
    const span_s = timeline.reduce((latest_s, point) => Math.max(latest_s, point.end_s), 0);
    const pixel_s = span_s / WIDTH_PX;
    return drawing({
      height: HEIGHT_PX,
      datasets: {
        power: powerRows(timeline),
        bands: bandRows(document, pixel_s / 2),
        tokens: tokenRows(document, pixel_s),
      },
      layer: [bandLayer(document), ...powerLayers(document, timeline), tokenLayer()],
      resolve: { scale: { color: 'independent' } },
    });
  },
};

function powerLayers(document: RunDocument, timeline: readonly PowerPoint[]): object[] {
  const found = [...new Set(timeline.map((point) => point.domain))];
  const rails = [
    ...found.filter((rail) => rail === document.headline),
    ...found.filter((rail) => rail !== document.headline),
  ];
  const scale = { domain: rails, range: rails.map((_, i) => HUES[i % HUES.length]) };
  const color = { field: 'rail', type: 'nominal', title: null, scale };
  const x = {
    field: 't_s',
    type: 'quantitative',
    title: 'time since the start of the run (s)',
    scale: { nice: false },
    axis: { grid: false },
  };
  return [
    {
      data: { name: 'power' },
      mark: { type: 'area', interpolate: 'step-after', opacity: 0.3 },
      encoding: {
        x,
        y: { field: 'low_W', type: 'quantitative', title: 'power (W)', stack: null },
        y2: { field: 'high_W' },
        color: { ...color, legend: null },
      },
    },
    {
      data: { name: 'power' },
      mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.5 },
      encoding: {
        x,
        y: { field: 'mean_W', type: 'quantitative', title: 'power (W)' },
        color: { ...color, legend: { symbolType: 'stroke', columns: { expr: 'width < 460 ? 1 : 4' } } },
      },
    },
  ];
}

/** Every point at its start; one at the end of each unbroken stretch closes its last step, an empty one breaks the line. */
function powerRows(timeline: readonly PowerPoint[]): object[] {
  return timeline.flatMap((point, i) => {
    const next = timeline[i + 1];
    const values = { low_W: drawn(point.min_W), high_W: drawn(point.max_W), mean_W: drawn(point.mean_W) };
    const start = { rail: point.domain, t_s: drawn(point.start_s, T_DIGITS), ...values };
    const width_s = (point.end_s - point.start_s) / point.count;
    const goesOn =
      next !== undefined &&
      next.domain === point.domain &&
      next.start_s - point.end_s <= HOLE_WIDTHS * width_s;
    if (goesOn) return [start];
    const t_s = drawn(point.end_s, T_DIGITS);
    return [start, { ...start, t_s }, { rail: point.domain, t_s, low_W: null, high_W: null, mean_W: null }];
  });
}

interface Band {
  readonly kind: string;
  readonly prompt: string;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
}

function bandRows(document: RunDocument, least_s: Seconds): Band[] {
  const bands: Band[] = [];
  const add = ({ kind, start_s, end_s }: Phase, prompt: string): void => {
    if (end_s - start_s < least_s) return;
    bands.push({ kind, prompt, start_s: drawn(start_s, T_DIGITS), end_s: drawn(end_s, T_DIGITS) });
  };
  for (const phase of document.phases) add(phase, '');
  for (const { phases, promptId } of document.trials) for (const phase of phases) add(phase, promptId);
  return bands;
}

function bandLayer(document: RunDocument): object {
  const present = new Set(document.phases.map(({ kind }) => kind));
  for (const { phases } of document.trials) for (const { kind } of phases) present.add(kind);
  const kinds = PHASE_BANDS.domain.filter((kind) => present.has(kind));
  const range = kinds.map((kind) => PHASE_BANDS.range[PHASE_BANDS.domain.indexOf(kind)]);
  return {
    data: { name: 'bands' },
    mark: { type: 'rect' },
    encoding: {
      x: { field: 'start_s', type: 'quantitative' },
      x2: { field: 'end_s' },
      color: {
        field: 'kind',
        type: 'nominal',
        title: null,
        scale: { domain: kinds, range },
        legend: {
          columns: { expr: 'width < 460 ? 2 : 6' },
          symbolStrokeColor: 'var(--muted)',
          symbolStrokeWidth: 0.5,
        },
      },
      tooltip: [
        { field: 'kind', title: 'phase' },
        { field: 'prompt' },
        { field: 'start_s', title: 'from (s)', format: '.2f' },
        { field: 'end_s', title: 'to (s)', format: '.2f' },
      ],
    },
  };
}

/** Stretches in which tokens follow each other closer than a pixel. */
function tokenRows(document: RunDocument, pixel_s: Seconds): object[] {
  const stretches: { start_s: number; end_s: number }[] = [];
  for (const trial of document.trials) {
    for (const { arrival_s } of trial.completion?.tokens ?? []) {
      const last = stretches.at(-1);
      if (last !== undefined && arrival_s >= last.start_s && arrival_s - last.end_s <= pixel_s)
        last.end_s = arrival_s;
      else stretches.push({ start_s: arrival_s, end_s: arrival_s });
    }
  }
  return stretches.map(({ start_s, end_s }) => ({
    start_s: drawn(start_s, T_DIGITS),
    end_s: drawn(Math.max(end_s, start_s + pixel_s), T_DIGITS),
  }));
}

function tokenLayer(): object {
  return {
    data: { name: 'tokens' },
    mark: { type: 'rect', color: INK, opacity: 0.75, tooltip: 'tokens arrive' },
    encoding: {
      x: { field: 'start_s', type: 'quantitative' },
      x2: { field: 'end_s' },
      y: { value: HEIGHT_PX - 5 },
      y2: { value: HEIGHT_PX },
    },
  };
}
