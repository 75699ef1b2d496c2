import {
  type Configuration,
  type ConfiguredTrial,
  configuredTrials,
  newestNote,
  standing,
} from './configuration.ts';
import { drawing, drawn, noteOf } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { BAND_IDLE, HUES, INK, PAPER } from './theme.ts';

/** Bars that stay readable in one picture. */
const BARS = 24;
const PARTS = ['prefill', 'decode', 'rest of the request', 'request, not split', 'idle power'] as const;
/** A part below this share of the bar would be narrower than a pixel. */
const LEAST_SHARE = 1e-3;
type Part = (typeof PARTS)[number];

interface Segment {
  readonly label: string;
  readonly part: Part;
  readonly from_JPerTok: number;
  readonly to_JPerTok: number;
}

/** Joules per token of each configuration: prefill, decode and rest add up to net, with idle power to gross. */
export const energyByModel: Report = {
  id: 'energy-by-model',
  question: 'What does a token cost, and which part of it is prefill?',
  caption:
    'All joules of a configuration divided by all its output tokens. Prefill, decode and the rest add up to net; the pale part is idle power, which makes it gross. The mark is net, the line through it the 95 % interval over repetitions, where there are enough. “Not split”: prefill or decode is too short for the meter.',
  note({ documents }: ReportRows): string | null {
    const count = standing(documents).filter(hasNet).length;
    const cut = count <= BARS ? '' : `Drawn are the ${BARS} cheapest of ${count} configurations.`;
    return noteOf(cut, newestNote(documents));
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const shown = standing(documents).filter(hasNet).slice(0, BARS);
    if (shown.length === 0) return null;
    const segments = shown.flatMap((configuration) =>
      segmentsOf(configuration, configuredTrials([configuration])),
    );
    const present = PARTS.filter((part) => segments.some((segment) => segment.part === part));
    return drawing({
      height: { step: STEP_PX },
      datasets: { segments, totals: shown.map(totalOf) },
      layer: [barLayer(present), intervalLayer(PAPER, 4), intervalLayer(INK, 1.6), markLayer(), nameLayer()],
    });
  },
};

function hasNet({ summary }: Configuration): boolean {
  return summary.net_JPerTok.value !== null;
}

/** Shares come from the trials' own sums, lengths from the summary, so that the bar agrees with the table. */
function segmentsOf({ label, summary }: Configuration, trials: readonly ConfiguredTrial[]): Segment[] {
  const net = summary.net_JPerTok.value ?? 0;
  const gross = summary.gross_JPerTok.value;
  const segments: Segment[] = [];
  const add = (part: Part, from_JPerTok: number, to_JPerTok: number): void => {
    if (to_JPerTok - from_JPerTok > LEAST_SHARE * (gross ?? net)) {
      segments.push({ label, part, from_JPerTok: drawn(from_JPerTok), to_JPerTok: drawn(to_JPerTok) });
    }
  };
  const shares = net > 0 ? partShares(trials) : null;
  if (shares === null) add('request, not split', Math.min(0, net), Math.max(0, net));
  else {
    add('prefill', 0, shares.prefill * net);
    add('decode', shares.prefill * net, (shares.prefill + shares.decode) * net);
    add('rest of the request', (shares.prefill + shares.decode) * net, net);
  }
  if (gross !== null) add('idle power', Math.max(0, net), gross);
  return segments;
}

/** Part of net that prefill and decode are, 0–1; null unless every trial resolves both. */
function partShares(trials: readonly ConfiguredTrial[]): { prefill: number; decode: number } | null {
  let prefill_J = 0;
  let decode_J = 0;
  let net_J = 0;
  for (const { row } of trials) {
    if (row.net_J === null) continue;
    const { prefill, decode } = row;
    if (prefill === null || decode === null || prefill.net_J === null || decode.net_J === null) return null;
    prefill_J += prefill.net_J;
    decode_J += decode.net_J;
    net_J += row.net_J;
  }
  if (!(net_J > 0) || prefill_J < 0 || decode_J < 0) return null;
  return { prefill: prefill_J / net_J, decode: decode_J / net_J };
}

function totalOf({ label, summary }: Configuration): object {
  const { value, ci95 } = summary.net_JPerTok;
  return {
    label,
    net_JPerTok: drawn(value ?? 0),
    low_JPerTok: drawn(ci95?.[0] ?? value ?? 0),
    high_JPerTok: drawn(ci95?.[1] ?? value ?? 0),
    gross_JPerTok: summary.gross_JPerTok.value === null ? null : drawn(summary.gross_JPerTok.value),
    n: summary.n,
  };
}

const LABEL = { field: 'label', type: 'nominal', sort: null, axis: null } as const;
/** The name stands in the upper part of a row, the bar below it. */
const STEP_PX = 44;
const BAR_PX = 17;
const BAR_DOWN_PX = 8;
const NAME_UP_PX = 11;

function barLayer(present: readonly Part[]): object {
  const hue: Record<Part, string> = {
    prefill: HUES[1],
    decode: HUES[0],
    'rest of the request': HUES[2],
    'request, not split': HUES[0],
    'idle power': BAND_IDLE,
  };
  return {
    data: { name: 'segments' },
    mark: { type: 'bar', height: BAR_PX, yOffset: BAR_DOWN_PX },
    encoding: {
      y: LABEL,
      x: { field: 'from_JPerTok', type: 'quantitative', title: 'J per output token' },
      x2: { field: 'to_JPerTok' },
      color: {
        field: 'part',
        type: 'nominal',
        title: null,
        scale: { domain: present, range: present.map((part) => hue[part]) },
        legend: { columns: { expr: 'width < 460 ? 2 : 5' } },
      },
      tooltip: [{ field: 'label', title: 'model' }, { field: 'part' }],
    },
  };
}

/** Drawn twice: on a bar of any colour the line needs paper around it. */
function intervalLayer(color: string, strokeWidth: number): object {
  return {
    data: { name: 'totals' },
    mark: { type: 'rule', strokeWidth, color, yOffset: BAR_DOWN_PX },
    encoding: {
      y: LABEL,
      x: { field: 'low_JPerTok', type: 'quantitative' },
      x2: { field: 'high_JPerTok' },
    },
  };
}

function markLayer(): object {
  return {
    data: { name: 'totals' },
    mark: { type: 'tick', thickness: 2, color: INK, height: BAR_PX, yOffset: BAR_DOWN_PX },
    encoding: {
      y: LABEL,
      x: { field: 'net_JPerTok', type: 'quantitative' },
      tooltip: [
        { field: 'label', title: 'model' },
        { field: 'net_JPerTok', title: 'net J/token', format: '.4g' },
        { field: 'low_JPerTok', title: 'interval from', format: '.4g' },
        { field: 'high_JPerTok', title: 'interval to', format: '.4g' },
        { field: 'gross_JPerTok', title: 'gross J/token', format: '.4g' },
        { field: 'n', title: 'trials' },
      ],
    },
  };
}

function nameLayer(): object {
  return {
    data: { name: 'totals' },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'middle',
      fontSize: 12,
      limit: { expr: 'width' },
      dy: -NAME_UP_PX,
    },
    encoding: { y: LABEL, x: { value: 0 }, text: { field: 'label' } },
  };
}
