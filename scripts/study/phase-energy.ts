import { analyze } from '../../src/analyzer/analyze.ts';
import type { EnergyRow } from '../../src/core/result.ts';
import type { Recording } from '../../src/core/run.ts';
import type { SampleKind } from '../../src/core/sample.ts';
import { type NoisySession, noisySession } from '../../tests/support/noisy-session.ts';
import { edgesBetween, gaugeSeries } from '../../tests/support/power-course.ts';
import { domainOf } from '../../tests/support/recording.ts';
import { seededRandom } from '../../tests/support/seeded-random.ts';
import { leastGaugeError } from './gauge-floor.ts';
import { percent, quantile, relativeError, whole } from './numbers.ts';
import type { Effort, Finding, Section, Table } from './page.ts';
import { AVERAGING_s, averaged, counterSeries } from './traces.ts';

const SEED = 201;
const TRIALS = 1000;
/** Of the kinds that are there to compare with. */
const OTHERS_PART = 0.3;
const PER_SESSION = 10;
const INTERVALS_s = [0.25, 0.5] as const;
/** Requests by the least and most publications inside. */
const LENGTHS = [
  [5, 9],
  [10, 19],
  [20, 39],
  [40, 80],
] as const;
const KINDS = ['mean', 'counter', 'gauge', 'averaged'] as const satisfies readonly SampleKind[];

interface Errors {
  readonly gross: number;
  readonly net: number;
  readonly proRatedGross: number;
  readonly proRatedNet: number;
}

interface Cell {
  readonly kind: SampleKind;
  readonly interval_s: number;
  readonly length: readonly [number, number];
  readonly errors: readonly Errors[];
}

/** Gross and net energy of whole requests under noise and lag, by publications, kind and edge method. */
export function phaseEnergySection(effort: Effort): Section {
  const count = effort.count(TRIALS, 20);
  const cells = KINDS.flatMap((kind) =>
    INTERVALS_s.flatMap((interval_s) =>
      LENGTHS.map((length) =>
        cellOf({ kind, interval_s, length }, kind === 'mean' ? count : count * OTHERS_PART),
      ),
    ),
  );
  return {
    title: 'Energy of a request',
    method: [
      `Seed ${SEED}. ${whole(count)} requests per length and interval (a third of that for kinds other than \`mean\`) through the whole analyzer: 4 W idle, 30 W busy, 8 % AR(1) noise on ` +
        'all power (correlation 0.3 s), a first-order lag between 0 and 200 ms, widths up to 4 % too long, 15 s of baseline, ' +
        'fresh, before and after interpolated. True gross is the closed-form integral with the very noise, true net takes ' +
        'the noiseless idle power off it. `counter`, `gauge` and `averaged` (1 s) read the same courses.',
      'A gauge reads instants: what noise does between two of them cannot be had from its readings. The least error that is left, ' +
        'for whoever knows the law of the noise, the lag and the edges, is given in closed form beside what lmpower reaches.',
    ],
    findings: [
      ...findings(cells, 'mean', [10, 19]),
      ...findings(cells, 'mean', [20, 39]),
      ...findings(cells, 'counter', [10, 19]),
      ...findings(cells, 'gauge', [10, 19]),
      floorFinding([10, 19]),
    ],
    tables: [
      edgeTable(cells, 'mean', 'causal split'),
      edgeTable(cells, 'gauge', 'step at edges'),
      kindTable(cells),
    ],
    charts: [chart(cells)],
  };
}

function cellOf(cell: Omit<Cell, 'errors'>, count: number): Cell {
  const sessions = Array.from({ length: Math.ceil(count / PER_SESSION) }, (_, i) => {
    const seed = SEED + 7919 * i + Math.round(100 * cell.interval_s) + 13 * cell.length[0];
    const settings = { trials: PER_SESSION, interval_s: cell.interval_s, publications: cell.length, seed };
    const made = noisySession(settings);
    return { ...made, recording: readAs(made, cell) };
  });
  return { ...cell, errors: sessions.flatMap(errorsOf) };
}

/** The same session seen by another kind of source. */
function readAs({ recording, course }: NoisySession, { kind, interval_s }: Omit<Cell, 'errors'>): Recording {
  if (kind === 'mean') return recording;
  const random = seededRandom(SEED);
  const to_s = (recording.phases.at(-1)?.end_s ?? 0) + 2;
  const edges_s = edgesBetween({ from_s: 2, to_s }, interval_s, () => random.between(0, 0.04));
  const series = {
    counter: () => counterSeries(course, { edges_s, quantum_J: 1e-3 }),
    gauge: () => gaugeSeries(course, { edges_s }),
    averaged: () => ({ ...gaugeSeries(averaged(course), { edges_s }), kind: 'averaged' as const }),
  }[kind]();
  const averaging_s = kind === 'averaged' ? AVERAGING_s : null;
  return { ...recording, series: [series], domains: [domainOf({ kind, quantum_J: 1e-3, averaging_s })] };
}

function errorsOf({ recording, course, idle_W }: NoisySession): Errors[] {
  return analyze(recording).trials.flatMap(({ energy, phases }) => {
    const request = phases.find(({ kind }) => kind === 'inference');
    const row = energy[0];
    if (request === undefined || row === undefined) return [];
    const gross_J = course.energy_J(request.start_s, request.end_s);
    const net_J = gross_J - idle_W * (request.end_s - request.start_s);
    return [rowErrors(row, gross_J, net_J)];
  });
}

function rowErrors({ gross_J, net_J, proRated }: EnergyRow, trueGross_J: number, trueNet_J: number): Errors {
  return {
    gross: relativeError(gross_J, trueGross_J),
    net: relativeError(net_J, trueNet_J),
    proRatedGross: relativeError(proRated.gross_J, trueGross_J),
    proRatedNet: relativeError(proRated.net_J, trueNet_J),
  };
}

function errorsAt(
  cells: readonly Cell[],
  kind: SampleKind,
  interval_s: number | null,
  length: readonly [number, number],
) {
  return cells
    .filter((cell) => cell.kind === kind && (interval_s ?? cell.interval_s) === cell.interval_s)
    .filter((cell) => cell.length[0] === length[0])
    .flatMap(({ errors }) => errors);
}

function findings(cells: readonly Cell[], kind: SampleKind, length: readonly [number, number]): Finding[] {
  const errors = errorsAt(cells, kind, null, length);
  const judged = (what: string, values: readonly number[], bar: number): Finding => {
    const p95 = quantile(values, 0.95);
    return {
      what: `\`${kind}\`, ${what}, ${length.join('–')} publications: error at p95`,
      bar: `≤ ${percent(bar, 1)}`,
      found: percent(p95),
      passed: p95 <= bar,
    };
  };
  return [
    judged(
      'gross',
      errors.map(({ gross }) => gross),
      0.01,
    ),
    judged(
      'net',
      errors.map(({ net }) => net),
      0.015,
    ),
  ];
}

function pair(values: readonly number[]): string {
  return `${percent(quantile(values, 0.5))} / ${percent(quantile(values, 0.95))}`;
}

function floorFinding(publications: readonly [number, number]): Finding {
  const noise = { deviationRatio: 0.08, correlation_s: 0.3 };
  const least = leastGaugeError({ widths_s: INTERVALS_s, publications }, noise, seededRandom(SEED));
  return {
    what: `\`gauge\`, gross, ${publications.join('–')} publications: the least p95 that any reckoning could have`,
    bar: 'none',
    found: percent(least),
    passed: null,
  };
}

function edgeTable(cells: readonly Cell[], kind: SampleKind, method: string): Table {
  const other = kind === 'gauge' ? 'line' : 'pro-rated';
  return {
    title: `\`${kind}\` source: error p50 / p95, ${method} against ${other}`,
    head: [
      'interval, publications',
      `gross, ${method}`,
      `gross, ${other}`,
      `net, ${method}`,
      `net, ${other}`,
    ],
    rows: INTERVALS_s.flatMap((interval_s) =>
      LENGTHS.map((length) => {
        const errors = errorsAt(cells, kind, interval_s, length);
        return [
          `${interval_s} s, ${length.join('–')}`,
          pair(errors.map((one) => one.gross)),
          pair(errors.map((one) => one.proRatedGross)),
          pair(errors.map((one) => one.net)),
          pair(errors.map((one) => one.proRatedNet)),
        ];
      }),
    ),
  };
}

function kindTable(cells: readonly Cell[]): Table {
  return {
    title: 'Net error p95 by kind of source (the edge method that each uses)',
    head: ['publications', ...KINDS.map((kind) => `\`${kind}\``)],
    rows: LENGTHS.map((length) => [
      length.join('–'),
      ...KINDS.map((kind) =>
        percent(
          quantile(
            errorsAt(cells, kind, null, length).map(({ net }) => net),
            0.95,
          ),
        ),
      ),
    ]),
    note:
      '`mean` and `counter` are split causally at phase edges, a `gauge` steps there, an `averaged` one is interpolated. ' +
      'Beside the grades: A from 20 publications, B from 10, C from 5. A running mean needs windows of many averaging times.',
  };
}

function chart(cells: readonly Cell[]) {
  const values = LENGTHS.flatMap((length) => {
    const errors = errorsAt(cells, 'mean', null, length);
    const publications = length.join('–');
    return [
      ...errors.slice(0, 600).map(({ net }) => ({ publications, edges: 'causal split', ratio: net })),
      ...errors
        .slice(0, 600)
        .map(({ proRatedNet }) => ({ publications, edges: 'pro-rated', ratio: proRatedNet })),
    ];
  });
  return {
    file: 'request-energy.svg',
    title: 'What does the causal split at phase edges bring?',
    subtitle:
      'Error of net energy of a request by readings inside it: median, quartiles, 5th and 95th percentile',
    spec: quantileSpec(values),
  };
}

function quantileSpec(
  values: readonly { readonly publications: string; readonly edges: string; readonly ratio: number }[],
) {
  const groups = LENGTHS.flatMap((length) =>
    ['causal split', 'pro-rated'].map((edges) => {
      const publications = length.join('–');
      const own = values
        .filter((one) => one.publications === publications && one.edges === edges)
        .map(({ ratio }) => ratio);
      const [low, quarter, middle, upper, high] = [0.05, 0.25, 0.5, 0.75, 0.95].map((part) =>
        quantile(own, part),
      );
      return { publications, edges, low, quarter, middle, upper, high };
    }),
  );
  const y = {
    field: 'publications',
    type: 'nominal',
    sort: LENGTHS.map((length) => length.join('–')),
    title: 'publications',
  };
  const base = { y, yOffset: { field: 'edges' }, color: { field: 'edges', type: 'nominal', title: null } };
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    title: 'error of net energy',
    axis: { format: '~%' },
  });
  return {
    data: { values: groups },
    width: 520,
    height: 220,
    layer: [
      { mark: { type: 'rule' }, encoding: { ...base, x: x('low'), x2: { field: 'high' } } },
      { mark: { type: 'bar', height: 10 }, encoding: { ...base, x: x('quarter'), x2: { field: 'upper' } } },
      {
        mark: { type: 'tick', color: 'white', thickness: 2, height: 10 },
        encoding: { y, yOffset: base.yOffset, x: x('middle') },
      },
    ],
  };
}
