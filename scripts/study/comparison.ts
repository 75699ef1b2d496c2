import { analyze } from '../../src/analyzer/analyze.ts';
import { armsOf } from '../../src/analyzer/compare/arm.ts';
import { compareArms, DEFAULT_THRESHOLD_RATIO } from '../../src/analyzer/compare/compare.ts';
import { judge } from '../../src/analyzer/compare/judge.ts';
import type { Verdict } from '../../src/core/comparison.ts';
import { type SeededRandom, seededRandom } from '../../tests/support/seeded-random.ts';
import { percent, shareOf, whole } from './numbers.ts';
import type { Effort, Finding, Section } from './page.ts';
import { onGrid, type Request, session } from './session.ts';

const SEED = 601;
const COMPARISONS = 10_000;
const MEASURED = 600;
const SPREAD = 0.03;

interface Setting {
  readonly change: number;
  readonly trials: number;
  readonly drift: number;
  readonly order: 'interleaved' | 'grouped';
}

const SETTINGS: readonly Setting[] = [
  { change: 0.05, trials: 12, drift: 0, order: 'interleaved' },
  { change: 0.05, trials: 12, drift: 0.05, order: 'interleaved' },
  { change: 0, trials: 12, drift: 0, order: 'interleaved' },
  { change: 0, trials: 12, drift: 0.05, order: 'interleaved' },
  { change: -0.05, trials: 12, drift: 0, order: 'interleaved' },
  { change: 0, trials: 20, drift: 0, order: 'interleaved' },
  { change: 0.05, trials: 6, drift: 0, order: 'interleaved' },
  { change: 0.05, trials: 12, drift: 0.05, order: 'grouped' },
  { change: 0, trials: 12, drift: 0.05, order: 'grouped' },
];

interface Outcome {
  readonly verdict: Verdict;
  readonly isCovered: boolean;
}

/** Verdicts on a known change, with the model alone and through meter and analyzer. */
export function comparisonSection(effort: Effort): Section {
  const count = effort.count(COMPARISONS, 300);
  const modelled = SETTINGS.map((setting, i) => ({
    setting,
    outcomes: times(count, (n) => drawn(setting, seededRandom(SEED + 1e5 * i + n))),
  }));
  const measuredCount = effort.count(MEASURED, 12);
  const measured = SETTINGS.slice(0, 4).map((setting, i) => ({
    setting,
    outcomes: times(measuredCount, (n) => lived(setting, seededRandom(SEED + 1e7 + 1e5 * i + n))),
  }));
  return {
    title: 'Comparison of two models',
    method: [
      `Seeds from ${SEED}. Trial spread 3 %, threshold 3 %. Modelled: ${whole(count)} comparisons a row from J/token drawn directly. ` +
        `Measured: ${whole(measuredCount)} comparisons a row from simulated meter readings (250 ms, 2 % of the spread between requests, the rest AR(1) noise within, lag 120 ms, fresh ` +
        'baselines of 5 s) through the whole analyzer and `compare`. Interleaved A B B A; drift is linear over the run.',
    ],
    findings: [...findings('modelled', modelled), ...findings('measured', measured)],
    tables: [table('Modelled', modelled), table('Measured', measured)],
    charts: [],
  };
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** 1 where the candidate's turn is: A B B A …, or all of A first. */
function armAt({ order, trials }: Setting, place: number): 0 | 1 {
  const turn = place % 4;
  const isCandidate = order === 'grouped' ? place >= trials : turn === 1 || turn === 2;
  return isCandidate ? 1 : 0;
}

function drawn(setting: Setting, random: SeededRandom): Outcome {
  const count = 2 * setting.trials;
  const observations = times(count, (place) => {
    const arm = armAt(setting, place);
    const drift = setting.drift * (place / (count - 1) - 0.5);
    const logValue = Math.log((1 + arm * setting.change) * (1 + drift) * (1 + SPREAD * random.normal()));
    return { arm, at_s: place, stratum: 'p1', logValue };
  });
  return outcomeOf(setting, judge(observations, DEFAULT_THRESHOLD_RATIO));
}

/** Of requests; with the noise within them it makes 3 %. */
const LEVEL_SPREAD = 0.02;

function lived(setting: Setting, random: SeededRandom): Outcome {
  const requests = times(2 * setting.trials, (place): Request => {
    const arm = armAt(setting, place);
    const level = (1 + arm * setting.change) * (1 + LEVEL_SPREAD * random.normal());
    const model = arm === 1 ? 'candidate' : 'reference';
    const power = { prefill_W: 19 * level, decode_W: 15 * level };
    return { model, input_tok: 40, output_tok: 160, prefill_s: 0.52, decode_s: onGrid(4), ...power };
  });
  const { recording } = session(
    {
      ...{
        requests,
        interval_s: 0.25,
        idle_W: 2,
        lag_s: 0.12,
        baseline: 'fresh',
        baseline_s: 5,
        cooldown_s: 2,
      },
      noise: { deviationRatio: 0.055, correlation_s: 0.3 },
      driftRatio: setting.drift,
    },
    random,
  );
  const [reference, candidate] = armsOf(analyze(recording));
  if (reference === undefined || candidate === undefined) throw new Error('needs two models');
  return outcomeOf(setting, compareArms(reference, candidate));
}

function outcomeOf(
  { change }: Setting,
  { verdict, ci95 }: { readonly verdict: Verdict; readonly ci95: readonly [number, number] | null },
): Outcome {
  return { verdict, isCovered: ci95 !== null && ci95[0] <= change && change <= ci95[1] };
}

interface Row {
  readonly setting: Setting;
  readonly outcomes: readonly Outcome[];
}

function flagged({ outcomes }: Row): number {
  return shareOf(outcomes, ({ verdict }) => verdict === 'worse' || verdict === 'better');
}

function findings(how: string, rows: readonly Row[]): Finding[] {
  return rows
    .filter(({ setting }) => setting.trials === 12 && setting.order === 'interleaved' && setting.change >= 0)
    .map((row): Finding => {
      const { change, drift } = row.setting;
      const share = change === 0 ? flagged(row) : shareOf(row.outcomes, ({ verdict }) => verdict === 'worse');
      const under = drift > 0 ? ' under 5 % drift' : '';
      const slack = row.outcomes.length >= 500 ? 0 : 3 * Math.sqrt(0.05 / row.outcomes.length);
      return {
        what:
          change === 0
            ? `no change${under}, ${how}: called better or worse`
            : `5 % more${under}, ${how}: found`,
        bar: change === 0 ? '≤ 3 %' : '≥ 92 %',
        found: percent(share, 1),
        passed: change === 0 ? share <= 0.03 + slack : share >= 0.92 - slack,
      };
    });
}

function table(title: string, rows: readonly Row[]) {
  return {
    title: `${title}: share of verdicts`,
    head: [
      'true change, trials, order, drift',
      'worse',
      'better',
      'no significant change',
      'inconclusive',
      'ci95 holds the change',
    ],
    rows: rows.map(({ setting, outcomes }) => {
      const { change, trials, order, drift } = setting;
      const share = (wanted: Verdict): string =>
        percent(
          shareOf(outcomes, ({ verdict }) => verdict === wanted),
          1,
        );
      return [
        `${percent(change, 0)}, ${trials} + ${trials}, ${order}, ${percent(drift, 0)}`,
        share('worse'),
        share('better'),
        share('no significant change'),
        share('inconclusive'),
        percent(
          shareOf(outcomes, ({ isCovered }) => isCovered),
          1,
        ),
      ];
    }),
  };
}
