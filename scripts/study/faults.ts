import { analyze } from '../../src/analyzer/analyze.ts';
import { type CodeId, severityOf } from '../../src/core/codes.ts';
import type { EnergyRow, RunDocument } from '../../src/core/result.ts';
import { socEnergy_J } from '../../src/simulator/physics.ts';
import { seededRandom } from '../../tests/support/seeded-random.ts';
import type { Fault } from './fault.ts';
import { METER_FAULTS } from './meter-faults.ts';
import { percent, shareOf, whole } from './numbers.ts';
import type { Effort, Section } from './page.ts';
import { RUN_FAULTS } from './run-faults.ts';
import { clean, type Take, takeOf } from './take.ts';

const SEED = 701;
const REPETITIONS = 25;
const CLEAN = 600;

export const FAULTS: readonly Fault[] = [...METER_FAULTS, ...RUN_FAULTS];

interface Outcome {
  readonly isNamed: boolean;
  /** What is printed for soc lies outside its own bound. */
  readonly isWrong: boolean;
  /** Wrong, and no doubt or void code beside it. */
  readonly isSilent: boolean;
  readonly isWithheld: boolean;
}

interface Row {
  readonly fault: Fault;
  readonly outcomes: readonly Outcome[];
}

/** Each fault in otherwise clean recordings: is it named, and is any wrong number printed without a word? */
export function faultSection(effort: Effort): Section {
  const takes = Array.from({ length: effort.count(REPETITIONS, 2) }, (_, i) =>
    takeOf(SEED + i, seededRandom(SEED + i)),
  );
  const rows = FAULTS.map((fault) => ({ fault, outcomes: takes.map((take) => outcomeOf(fault, take)) }));
  const cleanCount = effort.count(CLEAN, 20);
  const alarms = Array.from({ length: cleanCount }, (_, i) => falseAlarms(SEED + 5000 + i));
  const named = rows.filter((row) => shareOf(row.outcomes, (one) => one.isNamed) === 1);
  const silent = rows.reduce((sum, row) => sum + row.outcomes.filter((one) => one.isSilent).length, 0);
  const alarmed = shareOf(alarms, (codes) => codes.some((code) => code !== 'BOUND_LARGE'));
  return {
    title: 'Faults',
    method: [
      `Seeds from ${SEED}. ${FAULTS.length} faults, each put into ${takes.length} otherwise clean recordings (10 s of baseline, an answer of ` +
        "10 s at 250 ms on the lab's physics, the meter's text through the real parser), and " +
        `${whole(cleanCount)} clean ones. Named: the fault's own code stands in the document. Wrong: gross energy of \`soc\`, or energy per token, ` +
        'further from the truth than the printed bound. Silent: wrong, with neither a doubt nor a void code. A false alarm is any doubt or void ' +
        'code on a clean recording but `BOUND_LARGE`, which alleges no fault: the bound that is printed does exceed 5 % of net there.',
      'Events that the analyzer cannot see in the readings are injected as the event that the part in charge records (`SAMPLER_STALLED`, ' +
        '`SAMPLER_DIED`, `RING_OVERFLOW`, `FOREIGN_LOAD`, `SECOND_SAMPLER`, and the errors of an answer): for these the matrix shows that the ' +
        'event reaches the number, not that it is noticed. Wrong and named is how a fault in the machine must look: power of other work is ' +
        'measured rightly, but it is not that of the answer.',
    ],
    findings: [
      { what: 'faults injected', bar: '≥ 30', found: String(FAULTS.length), passed: FAULTS.length >= 30 },
      {
        what: 'faults that get their own code (or stay harmless) every time',
        bar: 'each',
        found: `${named.length} of ${FAULTS.length}`,
        passed: named.length === FAULTS.length,
      },
      { what: 'silent wrong numbers', bar: '0', found: String(silent), passed: silent === 0 },
      {
        what: 'clean recordings with a false alarm',
        bar: '≤ 1 %',
        found: percent(alarmed),
        passed: alarmed <= 0.01,
      },
    ],
    tables: [matrix(rows), alarmTable(alarms)],
    charts: [],
  };
}

function outcomeOf({ code, inject }: Fault, take: Take): Outcome {
  const document = analyze(inject(take));
  const row = document.trials[0]?.energy.find(({ domain }) => domain === 'soc');
  const isWrong = row !== undefined && isOutside(row, document, take);
  const isDoubted = row?.codes.some((one) => severityOf(one) !== 'info') ?? true;
  const isAccused = row?.codes.some((one) => severityOf(one) !== 'info' && one !== 'BOUND_LARGE') ?? true;
  return {
    isNamed: code === null ? !isAccused && !isWrong : codesOf(document).has(code),
    isWrong,
    isSilent: isWrong && !isDoubted,
    isWithheld: row === undefined || row.gross_J === null,
  };
}

function codesOf(document: RunDocument): Set<CodeId> {
  return new Set([
    ...document.warnings.map(({ code }) => code),
    ...document.trials.flatMap(({ energy }) => energy.flatMap(({ codes }) => codes)),
  ]);
}

/** Truth over the answer's own window; the counts are the ones that were really made. */
function isOutside(row: EnergyRow, document: RunDocument, { physics, trial }: Take): boolean {
  const answer = document.trials[0]?.completion;
  if (row.gross_J === null || answer == null || row.uncertainty.bound_J === null) return false;
  const truth_J = socEnergy_J(physics, answer.requested_s, answer.ended_s);
  if (Math.abs(row.gross_J - truth_J) > row.uncertainty.bound_J) return true;
  const isWhole = answer.ended_s === trial.completion.ended_s;
  const trueTokens = trial.completion.output_tok ?? 0;
  return isWhole && Math.abs((row.gross_JPerTok ?? 0) * trueTokens - truth_J) > row.uncertainty.bound_J;
}

function falseAlarms(seed: number): CodeId[] {
  const document = analyze(clean(takeOf(seed, seededRandom(seed))));
  const row = document.trials[0]?.energy.find(({ domain }) => domain === 'soc');
  return [...new Set([...(row?.codes ?? []), ...document.warnings.map(({ code }) => code)])].filter(
    (code) => severityOf(code) !== 'info',
  );
}

function matrix(rows: readonly Row[]) {
  return {
    title: 'Every fault',
    head: ['fault', 'its code', 'severity', 'named', 'withheld', 'wrong beyond the bound', 'silently'],
    rows: rows.map(({ fault, outcomes }) => {
      const share = (is: (one: Outcome) => boolean): string => percent(shareOf(outcomes, is), 0);
      return [
        fault.name,
        fault.code === null ? 'none: harmless' : `\`${fault.code}\``,
        fault.code === null ? '–' : severityOf(fault.code),
        share((one) => one.isNamed),
        share((one) => one.isWithheld),
        share((one) => one.isWrong),
        share((one) => one.isSilent),
      ];
    }),
  };
}

function alarmTable(alarms: readonly (readonly CodeId[])[]) {
  const codes = [...new Set(alarms.flat())].sort();
  return {
    title: 'Doubt and void codes on clean recordings',
    head: ['code', 'clean recordings'],
    rows: codes.map((code) => [`\`${code}\``, percent(shareOf(alarms, (own) => own.includes(code)))]),
  };
}
