import { CODE_CAUSES } from '../core/code-causes.ts';
import { CODES, type Severity } from '../core/codes.ts';
import { ERROR_TEXTS } from '../core/error-causes.ts';
import { ERRORS, type ExitCode } from '../core/errors.ts';

interface ExplanationText {
  readonly code: string;
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
}

/** A quality code has a severity, an error an exit code. */
export type Explanation = ExplanationText &
  ({ readonly severity: Severity } | { readonly exitCode: ExitCode });

const CAUSES = new Map(Object.entries(CODE_CAUSES));
const TEXTS = new Map(Object.entries(ERROR_TEXTS));

/** Every quality code, in the order of its table. */
export const CODE_EXPLANATIONS: readonly Explanation[] = Object.entries(CODES).map(([code, entry]) => ({
  code,
  ...entry,
  cause: CAUSES.get(code) ?? '',
}));

/** Every error, in the order of its table. */
export const ERROR_EXPLANATIONS: readonly Explanation[] = Object.entries(ERRORS).map(
  ([code, { exitCode, remedy }]) => ({
    code,
    exitCode,
    message: TEXTS.get(code)?.meaning ?? '',
    cause: TEXTS.get(code)?.cause ?? '',
    remedy,
  }),
);

/** Of a quality code or, where it is none, of an error; upper and lower case alike. */
export function explanationOf(code: string): Explanation | undefined {
  const wanted = code.toUpperCase();
  return [...CODE_EXPLANATIONS, ...ERROR_EXPLANATIONS].find((one) => one.code === wanted);
}
