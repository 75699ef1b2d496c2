import type { Comparison, Design, EnergyBasis } from '../../core/comparison.ts';
import { LmpowerError } from '../../core/errors.ts';
import type { RunDocument } from '../../core/result.ts';
import { sumOf } from '../ratio-interval.ts';
import { type Arm, type ArmTrial, armsOf, comparedArm, trialsInNoise, usableTrials } from './arm.ts';
import { armEffect, type Observation } from './arm-effect.ts';
import { type Obstacle, obstaclesBetween } from './comparable.ts';
import { type Judgement, judge } from './judge.ts';
import { notesOf } from './notes.ts';
import { signedRank } from './signed-rank.ts';

/** Changes below this are of no interest. Source: METHOD §6. */
export const DEFAULT_THRESHOLD_RATIO = 0.03;

export interface CompareOptions {
  /** Above 0; 0.03 unless given. */
  readonly threshold_ratio?: number;
  /** `net` unless given. */
  readonly basis?: EnergyBasis;
  /** Compare what is not comparable, with a note. */
  readonly across?: boolean;
}

/** Two runs of one model each. @throws {LmpowerError} NOT_COMPARABLE, USAGE when a run has several models, or none */
export function compareRuns(
  reference: RunDocument,
  candidate: RunDocument,
  options: CompareOptions = {},
): Comparison {
  return compareArms(onlyArm(reference), onlyArm(candidate), options);
}

/** The candidate's energy per token against the reference's. Pure. @throws {LmpowerError} NOT_COMPARABLE */
export function compareArms(reference: Arm, candidate: Arm, options: CompareOptions = {}): Comparison {
  const { threshold_ratio = DEFAULT_THRESHOLD_RATIO, basis = 'net', across = false } = options;
  const passed = obstaclesBetween(reference, candidate);
  if (passed.length > 0 && !across) throw notComparable(reference, candidate, passed);
  const domains = [headlineOf(reference), headlineOf(candidate)] as const;
  const trials = [
    usableTrials(reference, domains[0], basis),
    usableTrials(candidate, domains[1], basis),
  ] as const;
  const design = designOf(reference, candidate, trials);
  const inNoise = trialsInNoise(reference, domains[0], basis) + trialsInNoise(candidate, domains[1], basis);
  const judged = judge(observationsOf(trials, design), threshold_ratio);
  const judgement: Judgement = inNoise > 0 ? { ...judged, verdict: 'inconclusive' } : judged;
  const trueChange = trueChangeOf(trials, design);
  const ranks = signedRank(pairedDifferences(...trials));
  const compared = [comparedArm(reference, trials[0]), comparedArm(candidate, trials[1])] as const;
  const facts = { compared, design, inNoise, judgement, signedRank: ranks, passed };
  return {
    basis,
    domain: domains[0],
    scope: reference.document.domains.find(({ id }) => id === domains[0])?.scope ?? '',
    threshold_ratio,
    design,
    reference: compared[0],
    candidate: compared[1],
    ...judgement,
    ...(trueChange === null ? {} : { trueChange }),
    signedRank: ranks,
    notes: notesOf({ ...facts, arms: [reference, candidate] }),
  };
}

function onlyArm(document: RunDocument): Arm {
  const [first, ...others] = armsOf(document);
  if (first !== undefined && others.length === 0) return first;
  const models =
    first === undefined
      ? 'no trials'
      : `several models: ${[first, ...others].map((a) => a.model).join(', ')}`;
  throw new LmpowerError('USAGE', `run ${document.run.id} has ${models}.`);
}

function headlineOf({ document }: Arm): string {
  if (document.headline !== null) return document.headline;
  throw new LmpowerError('NOT_COMPARABLE', `run ${document.run.id} has no energy: no meter was read.`, {
    remedy: 'lmpower compare … --rank-by speed orders them without energy; lmpower doctor lists the meters',
  });
}

function notComparable(reference: Arm, candidate: Arm, obstacles: readonly Obstacle[]): LmpowerError {
  const list = obstacles
    .map(({ what, reference: a, candidate: b }) => `${what} (${a} against ${b})`)
    .join('; ');
  const names = `${reference.document.run.id} and ${candidate.document.run.id}`;
  return new LmpowerError('NOT_COMPARABLE', `${names} differ in ${list}.`);
}

type TrialPair = readonly [readonly ArmTrial[], readonly ArmTrial[]];

/** Interleaved: in the order of time the arms take turns at least as often as half of the smaller one's trials. */
function designOf(reference: Arm, candidate: Arm, [a, b]: TrialPair): Design {
  if (reference.document.run.id !== candidate.document.run.id) return 'separate';
  const order = [...a.map(({ at_s }) => ({ at_s, arm: 0 })), ...b.map(({ at_s }) => ({ at_s, arm: 1 }))].sort(
    (x, y) => x.at_s - y.at_s,
  );
  const turns = order.filter(({ arm }, place) => place > 0 && order[place - 1]?.arm !== arm).length;
  return turns > 1 && turns >= Math.min(a.length, b.length) / 2 ? 'interleaved' : 'grouped';
}

/** In separate runs each run's times count from its own middle, so that the trend is that within the runs. */
function observationsOf([a, b]: TrialPair, design: Design): Observation[] {
  const observed = (trials: readonly ArmTrial[], arm: 0 | 1): Observation[] => {
    const middle_s = design === 'separate' ? sumOf(trials.map(({ at_s }) => at_s)) / trials.length : 0;
    return trials.map(({ at_s, energy_J, output_tok, promptId }) => ({
      arm,
      at_s: at_s - middle_s,
      stratum: promptId,
      logValue: Math.log(energy_J / output_tok),
    }));
  };
  return [...observed(a, 0), ...observed(b, 1)];
}

/** The same model on the lab's true energies; null unless every trial has one. */
function trueChangeOf([a, b]: TrialPair, design: Design): number | null {
  const truths = (trials: readonly ArmTrial[]): ArmTrial[] =>
    trials.flatMap((trial) =>
      trial.true_J !== null && trial.true_J > 0 ? { ...trial, energy_J: trial.true_J } : [],
    );
  const known = [truths(a), truths(b)] as const;
  if (known[0].length < a.length || known[1].length < b.length) return null;
  const fit = armEffect(observationsOf(known, design));
  return fit === null ? null : Math.expm1(fit.effect);
}

/** log(candidate ÷ reference) of each prompt and repetition that both answered. */
function pairedDifferences(a: readonly ArmTrial[], b: readonly ArmTrial[]): number[] {
  const keyOf = ({ promptId, repetition }: ArmTrial): string => JSON.stringify([promptId, repetition]);
  const byKey = new Map(a.map((trial) => [keyOf(trial), trial]));
  return b.flatMap((trial) => {
    const other = byKey.get(keyOf(trial));
    if (other === undefined) return [];
    return [Math.log(trial.energy_J / trial.output_tok) - Math.log(other.energy_J / other.output_tok)];
  });
}
