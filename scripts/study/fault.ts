import type { CodeId } from '../../src/core/codes.ts';
import type { Recording } from '../../src/core/run.ts';
import type { Take } from './take.ts';

/** Something wrong, put into a clean recording. `code` null: the number must stay right without a word. */
export interface Fault {
  readonly name: string;
  readonly code: CodeId | null;
  inject(take: Take): Recording;
}
