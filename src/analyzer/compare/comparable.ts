import type { RunDocument } from '../../core/result.ts';
import { type Arm, rowsOf } from './arm.ts';

/** Why two arms cannot be compared: what differs, and how it reads on each side. */
export interface Obstacle {
  readonly what: 'workload' | 'prompts' | 'domain' | 'scope' | 'baseline' | 'model file';
  readonly reference: string;
  readonly candidate: string;
}

/** All that forbids a comparison unless it is asked for on purpose. Source: METHOD §6. */
export function obstaclesBetween(reference: Arm, candidate: Arm): Obstacle[] {
  const pairs: readonly (readonly [Obstacle['what'], string, string])[] = [
    ['workload', workloadOf(reference.document), workloadOf(candidate.document)],
    ['prompts', promptsOf(reference.document), promptsOf(candidate.document)],
    ['domain', reference.document.headline ?? 'none', candidate.document.headline ?? 'none'],
    ['scope', scopeOf(reference), scopeOf(candidate)],
    ['baseline', baselineOf(reference), baselineOf(candidate)],
    ['model file', ...digestsOf(reference, candidate)],
  ];
  return pairs.flatMap(([what, a, b]) => (a === b ? [] : [{ what, reference: a, candidate: b }]));
}

/** Digest of the model's file as the run recorded it; null where it did not. */
export function digestOf({ document, model }: Arm): string | null {
  const names = ['sha256', `${model}: sha256`];
  const found = document.environment.settings.find(({ name }) => names.includes(name));
  return typeof found?.effective === 'string' ? found.effective : null;
}

/** Digests matter where one model is compared with itself, as in a regression test. */
function digestsOf(reference: Arm, candidate: Arm): [string, string] {
  const a = digestOf(reference);
  const b = digestOf(candidate);
  return reference.model !== candidate.model || a === null || b === null ? ['', ''] : [a, b];
}

function workloadOf({ plan }: RunDocument): string {
  return `${plan.workload.id} version ${plan.workload.version}`;
}

function promptsOf({ plan }: RunDocument): string {
  return plan.workload.sha256;
}

function scopeOf(arm: Arm): string {
  const { document } = arm;
  return document.domains.find(({ id }) => id === document.headline)?.scope ?? 'none';
}

/** States of all baselines of the arm's rows: one, unless something went wrong. */
function baselineOf(arm: Arm): string {
  const states = rowsOf(arm, arm.document.headline).flatMap(({ baseline }) => baseline?.state ?? []);
  return [...new Set(states)].sort().join('+') || 'none';
}
