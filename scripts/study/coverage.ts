import { analyze } from '../../src/analyzer/analyze.ts';
import { seededPicks } from '../../src/analyzer/random.ts';
import type { RunDocument } from '../../src/core/result.ts';
import type { Recording } from '../../src/core/run.ts';
import { domainOf } from '../../tests/support/recording.ts';
import { seededRandom } from '../../tests/support/seeded-random.ts';
import { mean, percent, shareOf, whole } from './numbers.ts';
import { type Interval, OTHER_INTERVALS, type OtherInterval, type TrialFacts } from './other-intervals.ts';
import type { Effort, Finding, Section, Table } from './page.ts';
import { resemblance } from './resemblance.ts';
import { expected_J, onGrid, type Request, type Session, session } from './session.ts';

const SEED = 401;
const EXPERIMENTS = 4000;
/** Of these the document's bootstrap is looked at. */
const CHECKED = 500;
/** Of these the intervals of others are computed as well. */
const OTHERS = 600;
const COUNTS = [5, 10, 30] as const;
/** A shared one is worth a minute where idle is more than a tenth of net (METHOD §3); 10 s show what too short a one does. */
const BASELINES = [
  { name: 'fresh', strategy: 'fresh', baseline_s: 10, seed: 0 },
  { name: 'shared 60 s', strategy: 'shared', baseline_s: 60, seed: 1 },
  { name: 'shared 10 s', strategy: 'shared', baseline_s: 10, seed: 1 },
] as const;
type Baseline = (typeof BASELINES)[number];
const LAG_s = 0.12;
const IDLE_W = 9;
const DRIFT = 0.05;
const SPREAD = 0.02;

interface Experiment {
  readonly isCovered: boolean;
  readonly halfRatio: number;
  readonly isCorrelated: boolean;
  readonly bootstrapCovers: boolean | null;
  readonly others: Readonly<Record<OtherInterval, boolean>> | null;
}

interface Cell {
  readonly count: number;
  readonly baseline: Baseline;
  readonly experiments: readonly Experiment[];
}

/** How often the printed 95 % interval of J/token holds the expected value, and what other intervals would claim. */
export function coverageSection(effort: Effort): Section {
  const experiments = effort.count(EXPERIMENTS, 30);
  const cells = BASELINES.flatMap((baseline) =>
    COUNTS.map((count) => ({
      count,
      baseline,
      experiments: Array.from({ length: experiments }, (_, i) => experiment(baseline, count, i)),
    })),
  );
  const correlated = resemblance(effort);
  const slack = 3 * Math.sqrt((0.95 * 0.05) / experiments);
  return {
    title: 'The interval of J/token',
    method: [
      `Seeds from ${SEED}. ${whole(experiments)} experiments per row through the whole analyzer, each of 5, 10 or 30 trials read at ` +
        `250 ms: 120–200 output tokens, 0.5 s of prefill at 19 W and 2–6 s of decode at about 15 W above ${IDLE_W} W of idle; 2 % spread between ` +
        'trials, 8 % AR(1) noise within (correlation 0.3 s, idle included), lag 120 ms, a linear drift between −5 and +5 % over the ' +
        'run. Baseline of 10 s for each trial (fresh), or one of 60 s, or of 10 s, before and one after the run (shared). Truth: expected ΣE/Σn at ' +
        `mid-run, in closed form. Other intervals on the first ${whole(Math.min(OTHERS, experiments))} of each row with fresh baselines.`,
    ],
    findings: [...cells.map((cell) => finding(cell, slack)), correlated.finding],
    tables: [ownTable(cells), correlated.table, otherTable(cells)],
    charts: [chart(cells)],
  };
}

function experiment(baseline: Baseline, count: number, index: number): Experiment {
  const random = seededRandom(SEED + 1e6 * baseline.seed + 1e5 * count + index);
  const requests = Array.from({ length: count }, (): Request => {
    const output_tok = Math.round(random.between(120, 200));
    const level = 1 + SPREAD * random.normal();
    const decode_s = onGrid(output_tok / 35);
    return {
      input_tok: 40,
      output_tok,
      prefill_s: 0.52,
      prefill_W: 19 * level,
      decode_s,
      decode_W: 15 * level,
    };
  });
  const run = session(
    {
      ...{
        requests,
        interval_s: 0.25,
        idle_W: IDLE_W,
        lag_s: LAG_s,
        baseline: baseline.strategy,
        baseline_s: baseline.baseline_s,
        cooldown_s: 2,
      },
      noise: { deviationRatio: 0.08, correlation_s: 0.3 },
      driftRatio: random.between(-DRIFT, DRIFT),
    },
    random,
  );
  const document = analyze(index < CHECKED ? run.recording : withWall(run.recording));
  const summary = document.summary.find(({ category, domain }) => category === 'all' && domain === 'soc');
  const truth = trueRatio(requests);
  const { ci95 = null, value = null, bootstrap95 } = summary?.net_JPerTok ?? {};
  const isWanted = index < OTHERS && baseline.name === 'fresh';
  return {
    isCovered: holds(ci95, truth),
    halfRatio: ci95 === null || value === null ? Number.NaN : (ci95[1] - ci95[0]) / 2 / value,
    isCorrelated: summary?.codes.includes('TRIALS_CORRELATED') ?? false,
    bootstrapCovers: bootstrap95 === undefined ? null : holds(bootstrap95, truth),
    others: isWanted ? othersHold(factsOf(run, document), truth, SEED + index) : null,
  };
}

/** A wider domain takes the headline, whose interval alone is checked by bootstrap: most of an analysis' time. */
function withWall(recording: Recording): Recording {
  const wall = domainOf({ id: 'wall', source: 'wall', rank: 4, kind: 'counter' });
  const series = { ...recording.series[0], domain: 'wall', kind: 'counter' as const };
  const [start_s, end_s, energy_J] = [Float64Array.of(0), Float64Array.of(1), Float64Array.of(1)];
  const none = new Float64Array(0);
  const one = { ...series, start_s, end_s, energy_J, startPower_W: none, endPower_W: none };
  return { ...recording, domains: [...recording.domains, wall], series: [...recording.series, one] };
}

/** Spread left out: the expected energy at these lengths. */
function trueRatio(requests: readonly Request[]): number {
  const energy_J = requests.map((one) => expected_J({ ...one, prefill_W: 19, decode_W: 15 }, LAG_s));
  return mean(energy_J) / mean(requests.map(({ output_tok }) => output_tok));
}

function holds(interval: Interval | null, truth: number): boolean {
  return interval !== null && interval[0] <= truth && truth <= interval[1];
}

function othersHold(
  facts: readonly TrialFacts[],
  truth: number,
  seed: number,
): Record<OtherInterval, boolean> {
  const covers = (name: OtherInterval): boolean =>
    holds(OTHER_INTERVALS[name](facts, seededPicks(seed)), truth);
  return {
    'percentile bootstrap of trials': covers('percentile bootstrap of trials'),
    'BCa bootstrap of trials': covers('BCa bootstrap of trials'),
    'studentised bootstrap of trials': covers('studentised bootstrap of trials'),
    '1.96·sd/√n of per-trial ratios': covers('1.96·sd/√n of per-trial ratios'),
    'i.i.d. bootstrap of power readings': covers('i.i.d. bootstrap of power readings'),
  };
}

/** Energies as the analyzer reports them; net powers of the readings wholly inside each request. */
function factsOf({ recording, plan }: Session, document: RunDocument): TrialFacts[] {
  const series = recording.series[0];
  return document.trials.flatMap(({ energy, index }) => {
    const row = energy.find(({ domain }) => domain === 'soc');
    const one = plan[index];
    if (row?.net_J == null || row.baseline === null || one === undefined || series === undefined) return [];
    const idle_W = row.baseline.power_W;
    const powers_W: number[] = [];
    series.end_s.forEach((end_s, i) => {
      const start_s = series.start_s[i] ?? 0;
      if (start_s < one.start_s || end_s > one.end_s) return;
      powers_W.push((series.energy_J[i] ?? 0) / (end_s - start_s) - idle_W);
    });
    const { output_tok } = one.request;
    return [{ energy_J: row.net_J, output_tok, duration_s: one.end_s - one.start_s, powers_W }];
  });
}

function finding({ count, baseline, experiments }: Cell, slack: number): Finding {
  const covered = shareOf(experiments, (one) => one.isCovered);
  const isEnough = experiments.length >= EXPERIMENTS;
  // Fewer experiments cannot tell 93 from 95: three standard errors of their own are allowed for.
  const [low, high] = isEnough ? [0.93, 0.97] : [0.95 - 0.02 - slack, 0.97 + slack];
  return {
    what: `${count} trials, ${baseline.name} baselines: the 95 % interval holds the truth`,
    bar: '93–97 %',
    found: percent(covered, 1),
    passed: covered >= low && covered <= high,
  };
}

function ownTable(cells: readonly Cell[]): Table {
  return {
    title:
      "lmpower's interval (linearised ratio, t) and its check (studentised bootstrap of the document, from 10 trials)",
    head: [
      'trials, baselines',
      'holds the truth',
      'mean half-width',
      'bootstrap95 holds',
      'TRIALS_CORRELATED raised',
    ],
    rows: cells.map(({ count, baseline, experiments }) => {
      const checked = experiments.flatMap((one) => one.bootstrapCovers ?? []);
      return [
        `${count}, ${baseline.name}`,
        percent(
          shareOf(experiments, (one) => one.isCovered),
          1,
        ),
        `± ${percent(mean(experiments.map((one) => one.halfRatio)))}`,
        percent(
          shareOf(checked, (covers) => covers),
          1,
        ),
        percent(
          shareOf(experiments, (one) => one.isCorrelated),
          1,
        ),
      ];
    }),
  };
}

function otherTable(cells: readonly Cell[]): Table {
  const fresh = cells.filter(({ baseline }) => baseline.name === 'fresh');
  return {
    title: 'What other intervals, each claiming 95 %, would hold (fresh baselines)',
    head: ['interval', ...COUNTS.map((count) => `${count} trials`)],
    rows: [
      [
        'lmpower',
        ...fresh.map(({ experiments }) =>
          percent(
            shareOf(experiments, (one) => one.isCovered),
            1,
          ),
        ),
      ],
      ...otherNames().map((name) => [name, ...fresh.map((cell) => percent(coverageOf(cell, name), 1))]),
    ],
    note:
      'The last two are the habits of published tools: 1.96·sd/√n (universal-llm-telemetry-suite), and resampling power readings as ' +
      'if they were independent (MLPerf Client power), which knows nothing of what differs between trials.',
  };
}

function coverageOf({ experiments }: Cell, name: OtherInterval): number {
  return shareOf(
    experiments.flatMap(({ others }) => others ?? []),
    (others) => others[name],
  );
}

function otherNames(): OtherInterval[] {
  return Object.keys(OTHER_INTERVALS).filter((name): name is OtherInterval => name in OTHER_INTERVALS);
}

function chart(cells: readonly Cell[]) {
  const fresh = cells.filter(({ baseline }) => baseline.name === 'fresh');
  const values = fresh.flatMap((cell) => [
    { interval: 'lmpower', trials: cell.count, covered: shareOf(cell.experiments, (one) => one.isCovered) },
    ...otherNames().map((interval) => ({
      interval,
      trials: cell.count,
      covered: coverageOf(cell, interval),
    })),
  ]);
  const names = ['lmpower', ...otherNames()];
  return {
    file: 'interval-coverage.svg',
    title: "How often does a '95 %' interval of J/token hold the truth?",
    subtitle:
      'Experiments of 5, 10 and 30 trials with noise that resembles itself within a trial, and drift. The line is what is claimed.',
    spec: {
      data: { values },
      width: 460,
      height: 210,
      layer: [
        {
          mark: { type: 'point', filled: true, size: 80 },
          encoding: {
            y: { field: 'interval', type: 'nominal', title: null, sort: names, axis: { labelLimit: 260 } },
            x: {
              field: 'covered',
              type: 'quantitative',
              title: 'experiments in which it does',
              scale: { zero: false },
              axis: { format: '~%' },
            },
            color: { field: 'trials', type: 'nominal', title: 'trials' },
            shape: { field: 'trials', type: 'nominal', title: 'trials' },
          },
        },
        {
          data: { values: [{ claimed: 0.95 }] },
          mark: { type: 'rule', strokeDash: [4, 3] },
          encoding: { x: { field: 'claimed', type: 'quantitative' } },
        },
      ],
    },
  };
}
