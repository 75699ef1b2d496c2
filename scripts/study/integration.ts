import { limitsBound_J } from '../../src/analyzer/bound.ts';
import { withSteps } from '../../src/analyzer/gauge-steps.ts';
import type { Timeline } from '../../src/analyzer/timeline.ts';
import { timelinesOf } from '../../src/analyzer/timelines.ts';
import { type Window, windowEnergy } from '../../src/analyzer/window-energy.ts';
import { SAMPLE_KINDS, type SampleKind } from '../../src/core/sample.ts';
import { domainOf } from '../../tests/support/recording.ts';
import { type SeededRandom, seededRandom } from '../../tests/support/seeded-random.ts';
import { exactFindings } from './exact-windows.ts';
import { mean, percent, quantile, relativeError, shareOf, whole } from './numbers.ts';
import type { Effort, Finding, Section, Table } from './page.ts';
import {
  AVERAGING_s,
  LEAST_W,
  MOST_W,
  readingsOf,
  TRACES,
  type Trace,
  type TraceName,
  traceOf,
} from './traces.ts';

const SEED = 101;
const INTERVALS_s = [0.1, 0.25, 0.5, 1, 2] as const;
const MISALIGNMENT_s = 0.02;
const QUANTUM_J = 1e-3;
const JITTER = 0.08;
const TRACE_s = 600;
/** Random ones, and as many at phase edges, of each kind. */
const WINDOWS = 10_000;
/** Traces with readings of their own that the windows of one kind, interval and trace are spread over. */
const COURSES = 5;

/** What makes windows alike. */
interface Sort {
  readonly kind: SampleKind;
  readonly trace: TraceName;
  readonly interval_s: number;
  readonly edges: 'random' | 'phase';
}

interface Outcome {
  readonly error: number;
  readonly boundRatio: number;
  readonly isInside: boolean;
  /** By what the declared limits allow. */
  readonly limitsRatio: number;
  readonly isWithinLimits: boolean;
}

interface Cell extends Sort {
  readonly outcomes: readonly Outcome[];
}

/** Energy of windows by kind, trace and interval, against the closed-form integral. */
export function integrationSection(effort: Effort): Section {
  const windows = effort.count(WINDOWS, 400);
  const cells = SAMPLE_KINDS.flatMap((kind) =>
    cellsOf(kind, Math.ceil(windows / TRACES.length / INTERVALS_s.length / COURSES)),
  );
  return {
    title: 'Energy of a window',
    method: [
      `Seed ${SEED}. Power courses of 0–60 W, ${TRACE_s} s each, drawn anew ${COURSES} times per kind, trace and interval: steps ` +
        '(a new level every 4 s), ramps, spikes (20–200 ms peaks on 5 W) and squares (idle and busy by turns). Read with widths ' +
        `up to ${percent(JITTER, 0)} too long, a clock off by a constant within ±20 ms (declared as such), in steps of 1 mJ. Windows ` +
        `of 3–30 s: ${whole(windows)} random ones and ${whole(windows)} whose edges are edges of phases, for each kind. ` +
        'Truth is the closed-form integral of the course. Declared limits are 0 and 60 W.',
      'An instantaneous gauge knows nothing of what happens between two of its readings. Its bound (`bound_J`) takes power to stay ' +
        'between them, which peaks that begin and end there do not: no formula of the readings could cover those. What the declared ' +
        'limits alone allow is printed beside it (`limits_J`): it holds for any course, and says little.',
    ],
    findings: [...exactFindings(), ...SAMPLE_KINDS.flatMap((kind) => coverageFindings(cells, kind))],
    tables: [...SAMPLE_KINDS.map((kind) => errorTable(cells, kind)), coverageTable(cells), traceTable(cells)],
    charts: [boundChart(cells)],
  };
}

function cellsOf(kind: SampleKind, each: number): Cell[] {
  const random = seededRandom(SEED + 1000 * SAMPLE_KINDS.indexOf(kind));
  return INTERVALS_s.flatMap((interval_s) =>
    TRACES.flatMap((trace) => {
      const outcomes: Record<Sort['edges'], Outcome[]> = { random: [], phase: [] };
      for (let course = 0; course < COURSES; course++) {
        const drawn = traceOf(trace, TRACE_s, random);
        const timeline = timelineOf(kind, drawn, interval_s, random);
        for (let i = 0; i < each; i++) {
          outcomes.random.push(outcomeOf(timeline, drawn, randomWindow(random)));
          const request = phaseWindow(drawn, random);
          const stepped = withSteps(timeline, Float64Array.of(request.start_s, request.end_s));
          outcomes.phase.push(outcomeOf(stepped, drawn, request));
        }
      }
      return EDGES.map((edges) => ({ kind, trace, interval_s, edges, outcomes: outcomes[edges] }));
    }),
  );
}

const EDGES = ['random', 'phase'] as const;

function outcomeOf(timeline: Timeline, { course }: Trace, window: Window): Outcome {
  const energy = windowEnergy(timeline, window);
  const truth_J = course.energy_J(window.start_s, window.end_s);
  const error_J = Math.abs(energy.gross_J - truth_J);
  const limits_J = limitsBound_J(timeline, energy.gross_J, window.end_s - window.start_s);
  return {
    error: relativeError(energy.gross_J, truth_J),
    boundRatio: energy.bound_J / truth_J,
    isInside: error_J <= energy.bound_J,
    limitsRatio: limits_J / truth_J,
    isWithinLimits: error_J <= limits_J,
  };
}

function timelineOf(kind: SampleKind, trace: Trace, interval_s: number, random: SeededRandom): Timeline {
  const shift_s = random.between(-MISALIGNMENT_s, MISALIGNMENT_s);
  const reading = { interval_s, end_s: TRACE_s, quantum_J: QUANTUM_J, jitter: JITTER, shift_s };
  const domain = domainOf({
    ...{
      kind,
      quantum_J: QUANTUM_J,
      misalignment_s: MISALIGNMENT_s,
      minPower_W: LEAST_W,
      maxPower_W: MOST_W,
    },
    averaging_s: kind === 'averaged' ? AVERAGING_s : null,
  });
  const series = [readingsOf(kind, trace.course, reading, random)];
  const timeline = timelinesOf({ domains: [domain], series, events: [] })[0];
  if (timeline === undefined) throw new Error('no readings');
  return timeline;
}

function randomWindow(random: SeededRandom) {
  const start_s = random.between(6, TRACE_s - 50);
  return { start_s, end_s: start_s + random.between(3, 30), beforeStart_s: null, beforeEnd_s: null };
}

/** From one change of power to a later one, 3–30 s on, as a request lies between its phases. */
function phaseWindow({ changes_s }: Trace, random: SeededRandom) {
  let place = 0;
  do place = Math.floor(random.between(0, changes_s.length));
  while (!isWithin(changes_s[place] ?? 0));
  const start_s = changes_s[place] ?? 0;
  let last = place + 1;
  while ((changes_s[last] ?? TRACE_s) < start_s + random.between(3, 20)) last++;
  const end_s = changes_s[last] ?? TRACE_s;
  return { start_s, end_s, beforeStart_s: changes_s[place - 1] ?? 0, beforeEnd_s: changes_s[last - 1] ?? 0 };
}

function isWithin(at_s: number): boolean {
  return at_s > 12 && at_s < TRACE_s - 50;
}

/** Random windows and phase edges apart. A gauge claims courses between its readings with one bound, any course with the other. */
function coverageFindings(cells: readonly Cell[], kind: SampleKind): Finding[] {
  return EDGES.flatMap((edges) => {
    const where = edges === 'random' ? 'random windows' : 'phase edges';
    const judged = (what: string, covered: number): Finding => ({
      what: `\`${kind}\`${what}, ${where}: truth inside the printed bound`,
      bar: '≥ 99 %',
      found: percent(covered),
      passed: covered >= 0.99,
    });
    if (kind !== 'gauge') return [judged('', inside(cells, { kind, edges }))];
    const seen = cells.filter(({ trace }) => trace !== 'spikes');
    return [
      judged(
        ' (`limits_J`)',
        shareOf(having(cells, { kind, edges }), (one) => one.isWithinLimits),
      ),
      judged(' (`bound_J`) on steps, ramps, squares', inside(seen, { kind, edges })),
      {
        what: `\`${kind}\` (\`bound_J\`) on spikes between its readings, ${where}: truth inside the printed bound`,
        bar: 'not claimed',
        found: percent(inside(cells, { kind, edges, trace: 'spikes' })),
        passed: null,
      },
    ];
  });
}

function inside(cells: readonly Cell[], part: Partial<Sort>): number {
  return shareOf(having(cells, part), (one) => one.isInside);
}

function having(cells: readonly Cell[], part: Partial<Sort>): Outcome[] {
  const { kind, trace, interval_s, edges } = part;
  const isAlike = (one: Cell): boolean =>
    (kind ?? one.kind) === one.kind &&
    (trace ?? one.trace) === one.trace &&
    (interval_s ?? one.interval_s) === one.interval_s &&
    (edges ?? one.edges) === one.edges;
  return cells.filter(isAlike).flatMap(({ outcomes }) => outcomes);
}

function errorTable(cells: readonly Cell[], kind: SampleKind): Table {
  return {
    title: `\`${kind}\`: relative error of gross energy, median / 95th percentile`,
    head: ['trace, edges', ...INTERVALS_s.map((interval_s) => `${interval_s} s`)],
    rows: TRACES.flatMap((trace) =>
      EDGES.map((edges) => [
        `${trace}, ${edges}`,
        ...INTERVALS_s.map((interval_s) => {
          const errors = having(cells, { kind, trace, interval_s, edges }).map(({ error }) => error);
          return `${percent(quantile(errors, 0.5))} / ${percent(quantile(errors, 0.95))}`;
        }),
      ]),
    ),
  };
}

function coverageTable(cells: readonly Cell[]): Table {
  return {
    title: 'Truth inside the printed bound, random / phase edges, and the mean bound relative to the energy',
    head: ['kind', ...INTERVALS_s.map((interval_s) => `${interval_s} s`)],
    rows: SAMPLE_KINDS.map((kind) => [
      `\`${kind}\``,
      ...INTERVALS_s.map((interval_s) => {
        const covers = (edges: Sort['edges']): string => percent(inside(cells, { kind, interval_s, edges }));
        const bound = mean(having(cells, { kind, interval_s }).map(({ boundRatio }) => boundRatio));
        return `${covers('random')} / ${covers('phase')}, ± ${percent(bound, 1)}`;
      }),
    ]),
    note:
      'A bound that covers because it is loose would show here: it must shrink with the interval. What the declared limits alone allow ' +
      `a \`gauge\` is ± ${percent(mean(having(cells, { kind: 'gauge' }).map(({ limitsRatio }) => limitsRatio)), 0)} on average, at any interval.`,
  };
}

function traceTable(cells: readonly Cell[]): Table {
  return {
    title: 'Truth inside the printed bound by trace, all intervals and edges',
    head: ['kind', ...TRACES],
    rows: SAMPLE_KINDS.map((kind) => [
      `\`${kind}\``,
      ...TRACES.map((trace) => percent(inside(cells, { kind, trace }))),
    ]),
  };
}

function boundChart(cells: readonly Cell[]) {
  const values = SAMPLE_KINDS.flatMap((kind) =>
    INTERVALS_s.flatMap((interval_s) => {
      const own = having(cells, { kind, interval_s });
      const p95 = quantile(
        own.map(({ error }) => error),
        0.95,
      );
      const bound = mean(own.map(({ boundRatio }) => boundRatio));
      return [
        { kind, interval_s, what: 'error, 95th percentile', ratio: p95 },
        { kind, interval_s, what: 'printed bound, mean', ratio: bound },
      ];
    }),
  );
  return {
    file: 'window-energy.svg',
    title: 'How far off is the energy of a window, and how far does lmpower say it may be?',
    subtitle: 'Windows of 3–30 s on steps, ramps, spikes and squares, by kind of source and interval',
    spec: {
      data: { values },
      facet: { field: 'kind', type: 'nominal', title: null, sort: [...SAMPLE_KINDS] },
      columns: 2,
      spec: {
        width: 260,
        height: 150,
        mark: { type: 'line', point: true },
        encoding: {
          x: {
            field: 'interval_s',
            type: 'quantitative',
            scale: { type: 'log', domain: [0.09, 2.2], nice: false },
            title: 'interval in s',
            axis: { values: [...INTERVALS_s] },
          },
          y: {
            field: 'ratio',
            type: 'quantitative',
            scale: { type: 'log' },
            title: 'of the energy',
            axis: { format: '~%', tickCount: 4 },
          },
          color: { field: 'what', type: 'nominal', title: null },
        },
      },
    },
  };
}
