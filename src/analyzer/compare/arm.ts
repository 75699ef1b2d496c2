import type { ComparedArm, EnergyBasis } from '../../core/comparison.ts';
import type { EnergyRow, RunDocument, TrialResult } from '../../core/result.ts';
import type { DomainId } from '../../core/sample.ts';
import { ratioOf, sumOf } from '../ratio-interval.ts';
import { tokenCounts } from '../token-counts.ts';

/** One side of a comparison: the trials of one model in one run. */
export interface Arm {
  readonly document: RunDocument;
  readonly model: string;
}

/** A trial that can be compared. */
export interface ArmTrial {
  readonly promptId: string;
  readonly repetition: number;
  /** Middle of the request, on the run's clock. */
  readonly at_s: number;
  readonly energy_J: number;
  /** The lab's own; null elsewhere. */
  readonly true_J: number | null;
  readonly output_tok: number;
  readonly meanPower_W: number | null;
}

/** Every model of a run that has trials, in order of appearance. */
export function armsOf(document: RunDocument): Arm[] {
  return [...new Set(document.trials.map(({ model }) => model))].map((model) => ({ document, model }));
}

/** A block answers with one token a request: beside answers of some length it is no part of J/token. */
export function trialsOf({ document, model }: Arm): TrialResult[] {
  const own = document.trials.filter((trial) => trial.model === model);
  const answers = own.filter(({ requests }) => requests === undefined);
  return answers.length > 0 ? answers : own;
}

export function rowsOf(arm: Arm, domain: DomainId | null): EnergyRow[] {
  return trialsOf(arm).flatMap(({ energy }) => energy.filter((row) => row.domain === domain));
}

/** Trials in the order of time whose energy is known and above 0: a logarithm needs that. */
export function usableTrials(arm: Arm, domain: DomainId, basis: EnergyBasis): ArmTrial[] {
  return trialsOf(arm)
    .flatMap((trial) => usable(trial, domain, basis) ?? [])
    .sort((a, b) => a.at_s - b.at_s);
}

/** Trials whose energy is known and not above 0. Leaving them out keeps the large ones: what remains is biased. */
export function trialsInNoise(arm: Arm, domain: DomainId, basis: EnergyBasis): number {
  return rowsOf(arm, domain).filter((row) => (energyOf(row, basis) ?? 1) <= 0).length;
}

export function comparedArm(arm: Arm, trials: readonly ArmTrial[]): ComparedArm {
  const powers_W = trials.flatMap(({ meanPower_W }) => meanPower_W ?? []);
  const items = trials.map(({ energy_J, output_tok }) => ({
    over: energy_J,
    under: output_tok,
    stratum: '',
  }));
  return {
    run: arm.document.run.id,
    model: arm.model,
    n: trials.length,
    left_out: trialsOf(arm).length - trials.length,
    value_JPerTok: ratioOf(items),
    meanPower_W: powers_W.length === 0 ? null : sumOf(powers_W) / powers_W.length,
  };
}

function usable(trial: TrialResult, domain: DomainId, basis: EnergyBasis): ArmTrial | null {
  const { completion, phases, promptId, repetition } = trial;
  const row = trial.energy.find((one) => one.domain === domain);
  if (row === undefined || completion === null || completion.error !== null) return null;
  const { output_tok } = tokenCounts(completion);
  const energy_J = energyOf(row, basis);
  if (energy_J === null || !(energy_J > 0) || output_tok === null || !(output_tok > 0)) return null;
  const inference = phases.find(({ kind }) => kind === 'inference');
  return {
    promptId,
    repetition,
    at_s: (completion.requested_s + completion.ended_s) / 2,
    energy_J,
    true_J: trial.truth === undefined ? null : energyOf(trial.truth, basis),
    output_tok,
    meanPower_W: inference?.energy.find((one) => one.domain === domain)?.meanPower_W ?? null,
  };
}

function energyOf(
  { gross_J, net_J }: Pick<EnergyRow, 'gross_J' | 'net_J'>,
  basis: EnergyBasis,
): number | null {
  return basis === 'net' ? net_J : gross_J;
}
