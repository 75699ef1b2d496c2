import { analyze } from '../../src/analyzer/analyze.ts';
import { regressionOf } from '../../src/analyzer/parts-regression.ts';
import type { EnergyRow, Grade, PartEnergy } from '../../src/core/result.ts';
import { virtualTrial } from '../../src/simulator/virtual-trial.ts';
import { domainOf, recordingOf, trialOf } from '../../tests/support/recording.ts';
import { seededRandom } from '../../tests/support/seeded-random.ts';
import { seriesOf } from '../../tests/support/virtual-run.ts';
import { percent, quantile, relativeError, shareOf, whole } from './numbers.ts';
import type { Effort, Finding, Section } from './page.ts';
import { onGrid, type Request, session } from './session.ts';

const SEED = 501;
const REQUESTS = 4000;
const GRIDS = 1500;
const GRADES: readonly Grade[] = ['A', 'B', 'C'];
const LAG_s = 0.12;

interface Part {
  readonly name: 'prefill' | 'decode';
  readonly grade: Grade;
  readonly error: number;
  readonly isInside: boolean;
}

/** Energy of prefill and decode: from their windows on the lab's physics, and from a regression on a grid of lengths. */
export function partsSection(effort: Effort): Section {
  const requests = effort.count(REQUESTS, 60);
  const parts = Array.from({ length: requests }, (_, i) => partsOf(i));
  const measured = parts.flatMap(({ found }) => found);
  const fits = Array.from({ length: effort.count(GRIDS, 30) }, (_, i) => gridFit(i));
  return {
    title: 'Prefill and decode',
    method: [
      `Seeds from ${SEED}. Windowed: ${whole(requests)} requests on the lab's physics (8 % AR(1) noise, lag 20–200 ms, leakage), read at ` +
        '250 ms by the virtual meter, with prefill of 0.4–6 s at 21 W and decode of 0.8–8 s at 15 W above idle. Truth: closed form over ' +
        "the part's own window. Regression: " +
        `${whole(fits.length)} runs of a crossed grid of prompts (128, 512, 2,048 tokens) and answers (64, 192, 384), twice each, ` +
        'read at 500 ms; prefill costs the same for each token, decode 20 % more per 1,000 tokens of context; 2 % spread between ' +
        'trials, 8 % AR(1) noise within, lag 120 ms.',
    ],
    findings: [...windowFindings(measured), ...regressionFindings(fits)],
    tables: [
      {
        title: 'Windowed parts by grade: relative error of gross energy',
        head: ['part, grade', 'parts', 'p50', 'p95', 'truth inside the bound'],
        rows: (['prefill', 'decode'] as const).flatMap((name) =>
          GRADES.map((grade) => {
            const own = measured.filter((one) => one.name === name && one.grade === grade);
            const errors = own.map(({ error }) => error);
            const inside = percent(
              shareOf(own, (one) => one.isInside),
              1,
            );
            return [
              `${name}, ${grade}`,
              whole(own.length),
              percent(quantile(errors, 0.5)),
              percent(quantile(errors, 0.95)),
              inside,
            ];
          }),
        ),
        note: `Below grade C a part is withheld: ${whole(parts.reduce((sum, one) => sum + one.withheld, 0))} of ${whole(2 * requests)}.`,
      },
    ],
    charts: [],
  };
}

function partsOf(index: number): { readonly found: readonly Part[]; readonly withheld: number } {
  const random = seededRandom(SEED + index);
  const trial = virtualTrial({
    physics: { seed: SEED + index, lag_s: random.between(0.02, 0.2) },
    meter: { interval_ms: 250 },
    start_s: 5 + random.next(),
    baseline_s: 6,
    cooldown_s: 4,
    prefill_s: random.between(0.4, 6),
    decode_s: random.between(0.8, 8),
  });
  const { phases, completion, truth } = trial;
  const samples = trial.batches.flatMap((batch) => batch.samples).filter(({ domain }) => domain === 'soc');
  const recording = recordingOf({
    domains: [domainOf({ quantum_J: 1e-3, rails: 3, misalignment_s: 5e-3 })],
    series: seriesOf(samples),
    trials: [
      trialOf(
        { baseline_s: 0, requested_s: 1, ended_s: 2, cooledDown_s: 3 },
        { phases, completions: [completion] },
      ),
    ],
  });
  const row = analyze(recording).trials[0]?.energy[0];
  const found = [part(row, 'prefill', truth.prefill_J), part(row, 'decode', truth.decode_J)];
  return { found: found.flatMap((one) => one ?? []), withheld: found.filter((one) => one === null).length };
}

function part(row: EnergyRow | undefined, name: Part['name'], truth_J: number | null): Part | null {
  const energy: PartEnergy | null = row?.[name] ?? null;
  if (energy === null || truth_J === null) return null;
  const { bound_J, grade, gross_J } = energy;
  return {
    name,
    grade,
    error: relativeError(gross_J, truth_J),
    isInside: Math.abs(gross_J - truth_J) <= bound_J,
  };
}

function windowFindings(parts: readonly Part[]): Finding[] {
  return (
    [
      ['decode', 0.03],
      ['prefill', 0.05],
    ] as const
  ).map(([name, bar]) => {
    const p95 = quantile(
      parts.filter((one) => one.name === name && one.grade === 'B').map(({ error }) => error),
      0.95,
    );
    return {
      what: `${name} from its window, grade B: error at p95`,
      bar: `≤ ${percent(bar, 0)}`,
      found: percent(p95),
      passed: p95 <= bar,
    };
  });
}

const INPUTS_tok = [128, 512, 2048] as const;
const OUTPUTS_tok = [64, 192, 384] as const;
const PREFILL_W = 21;
const PREFILL_TOK_PER_S = 600;
const DECODE_W = 15;
const DECODE_S_PER_TOK = 0.02;
const CONTEXT_RATIO_PER_TOK = 0.2 / 1000;

interface GridFit {
  readonly hasFit: boolean;
  readonly prefillCovered: boolean;
  readonly decodeCovered: boolean;
  readonly prefillError: number;
  readonly decodeError: number;
}

function gridFit(index: number): GridFit {
  const random = seededRandom(SEED + 1e6 + index);
  const requests = [0, 1].flatMap(() =>
    INPUTS_tok.flatMap((input_tok) =>
      OUTPUTS_tok.map((output_tok) => gridRequest(input_tok, output_tok, 1 + 0.02 * random.normal())),
    ),
  );
  const run = session(
    {
      ...{
        requests,
        interval_s: 0.5,
        idle_W: 6,
        lag_s: LAG_s,
        baseline: 'fresh',
        baseline_s: 10,
        cooldown_s: 3,
      },
      noise: { deviationRatio: 0.08, correlation_s: 0.3 },
      driftRatio: 0,
    },
    random,
  );
  const { regression } = regressionOf(analyze(run.recording).trials, 'soc');
  if (regression === null)
    return {
      hasFit: false,
      prefillCovered: false,
      decodeCovered: false,
      prefillError: Number.NaN,
      decodeError: Number.NaN,
    };
  const prefill = PREFILL_W / PREFILL_TOK_PER_S;
  const decode = DECODE_W * DECODE_S_PER_TOK * (1 + CONTEXT_RATIO_PER_TOK * regression.context_tok);
  const covers = (ci95: readonly [number, number] | null, truth: number): boolean =>
    ci95 !== null && ci95[0] <= truth && truth <= ci95[1];
  return {
    hasFit: true,
    prefillCovered: covers(regression.prefill_JPerTok.ci95, prefill),
    decodeCovered: covers(regression.decode_JPerTok.ci95, decode),
    prefillError: relativeError(regression.prefill_JPerTok.value, prefill),
    decodeError: relativeError(regression.decode_JPerTok.value, decode),
  };
}

/** Times of the linear model, so that its coefficients are the truth. The level is the trial's own. */
function gridRequest(input_tok: number, output_tok: number, level: number): Request {
  const decode_tok = output_tok - 1;
  const context = 1 + CONTEXT_RATIO_PER_TOK * (input_tok + output_tok / 2);
  return {
    ...{ promptId: `${input_tok}-${output_tok}`, input_tok, output_tok },
    prefill_s: onGrid(input_tok / PREFILL_TOK_PER_S),
    prefill_W: (PREFILL_W * level * (input_tok / PREFILL_TOK_PER_S)) / onGrid(input_tok / PREFILL_TOK_PER_S),
    decode_s: onGrid(DECODE_S_PER_TOK * decode_tok * context),
    decode_W: DECODE_W * level,
  };
}

function regressionFindings(fits: readonly GridFit[]): Finding[] {
  const own = fits.filter(({ hasFit }) => hasFit);
  const slack = fits.length >= GRIDS ? 0 : 3 * Math.sqrt((0.95 * 0.05) / fits.length);
  const covered = (what: string, share: number, errors: readonly number[]): Finding => ({
    what: `regression: the 95 % interval of ${what} holds the truth (its own error p95 ${percent(quantile(errors, 0.95), 1)})`,
    bar: '93–97 %',
    found: percent(share, 1),
    passed: share >= 0.93 - slack && share <= 0.97 + slack,
  });
  return [
    covered(
      'β (prefill)',
      shareOf(own, (fit) => fit.prefillCovered),
      own.map((fit) => fit.prefillError),
    ),
    covered(
      'γ (decode)',
      shareOf(own, (fit) => fit.decodeCovered),
      own.map((fit) => fit.decodeError),
    ),
  ];
}
