import type { RatioItem } from '../../src/analyzer/ratio-interval.ts';
import { areCorrelated } from '../../src/analyzer/trial-correlation.ts';
import { seededRandom } from '../../tests/support/seeded-random.ts';
import { percent, shareOf } from './numbers.ts';
import type { Effort, Finding, Table } from './page.ts';

const SEED = 451;
const RUNS = 4000;
/** Prompts, taken by turns, and how often each. */
const LAYOUTS = [
  [1, 10],
  [1, 30],
  [6, 5],
  [12, 2],
  [10, 5],
] as const;
/** Part of a trial's deviation that the next one keeps. */
const KEPT = [0, 0.3, 0.7] as const;
const SPREAD = 0.03;

/** How often TRIALS_CORRELATED is said of trials that do, and do not, resemble the one before. */
export function resemblance(effort: Effort): { readonly finding: Finding; readonly table: Table } {
  const runs = effort.count(RUNS, 200);
  const raised = LAYOUTS.map(([prompts, repetitions]) =>
    KEPT.map((keep) => shareRaised({ prompts, repetitions, keep, runs })),
  );
  const most = Math.max(...raised.map(([none = Number.NaN]) => none));
  const slack = 3 * Math.sqrt((0.01 * 0.99) / runs);
  return {
    finding: {
      what: 'TRIALS_CORRELATED on trials that do not resemble each other, worst layout of prompts',
      bar: '≤ 1 %',
      found: percent(most),
      passed: most <= 0.01 + (runs < RUNS ? slack : 0),
    },
    table: {
      title: `TRIALS_CORRELATED raised, by the part of its deviation (${percent(SPREAD, 0)}) that the next trial keeps`,
      head: ['prompts × repetitions, by turns', ...KEPT.map((keep) => `keeps ${percent(keep, 0)}`)],
      rows: LAYOUTS.map(([prompts, repetitions], i) => [
        `${prompts} × ${repetitions}`,
        ...(raised[i] ?? []).map((share) => percent(share, 1)),
      ]),
      note: 'Drift makes trials resemble each other too: in the rows above, with up to 5 % of it, the code is right to be raised.',
    },
  };
}

interface Layout {
  readonly prompts: number;
  readonly repetitions: number;
  readonly keep: number;
  readonly runs: number;
}

function shareRaised({ prompts, repetitions, keep, runs }: Layout): number {
  const random = seededRandom(SEED + 1000 * prompts + repetitions);
  const drawn = Array.from({ length: runs }, () => {
    let deviation = random.normal();
    return Array.from({ length: prompts * repetitions }, (_, i): RatioItem => {
      deviation = keep * deviation + Math.sqrt(1 - keep * keep) * random.normal();
      const prompt = i % prompts;
      const under = 100 + 20 * prompt;
      return { over: under * (1 + 0.1 * prompt) * (1 + SPREAD * deviation), under, stratum: `p${prompt}` };
    });
  });
  return shareOf(drawn, areCorrelated);
}
