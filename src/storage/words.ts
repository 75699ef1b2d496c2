import { CODES, type CodeId } from '../core/codes.ts';
import { LmpowerError } from '../core/errors.ts';
import { PHASE_KINDS, type PhaseKind, type RunState } from '../core/run.ts';
import { SAMPLE_KINDS, type SampleKind } from '../core/sample.ts';

const RUN_STATES = ['running', 'finished', 'interrupted', 'failed'] as const satisfies readonly RunState[];

export const sampleKind = (word: string): SampleKind => known(SAMPLE_KINDS, word);
export const phaseKind = (word: string): PhaseKind => known(PHASE_KINDS, word);
export const runState = (word: string): RunState => known(RUN_STATES, word);

export function codeId(word: string): CodeId {
  if (isCode(word)) return word;
  throw unknownWord(word);
}

/** A word that this version knows. A file of a newer one may hold others without a newer schema. */
function known<T extends string>(words: readonly T[], word: string): T {
  const found = words.find((each) => each === word);
  if (found === undefined) throw unknownWord(word);
  return found;
}

function isCode(word: string): word is CodeId {
  return Object.hasOwn(CODES, word);
}

function unknownWord(word: string): LmpowerError {
  return new LmpowerError(
    'STORE_TOO_NEW',
    `the run holds '${word}', which this version of lmpower does not know`,
  );
}
