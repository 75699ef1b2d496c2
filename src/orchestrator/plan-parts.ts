import { LmpowerError } from '../core/errors.ts';
import type { LoadSettings, StopRule, Workload } from '../core/run.ts';
import { PERCENT_PER_RATIO, S_PER_MINUTE } from '../core/units.ts';
import { checkNumber } from './plan-limits.ts';

/** Source: METHOD §5. */
const LEAST_TRIALS = 10;
const MAX_TRIALS = 50;
const MAX_MINUTES = 60;

interface StopOptions {
  readonly untilCi?: number;
  readonly maxTrials?: number;
  readonly maxMinutes?: number;
}

/** The rule of `--until-ci`; undefined without it. `trials`: repetitions asked for beside it. @throws {LmpowerError} USAGE */
export function stopRuleOf(options: StopOptions, trials: number): StopRule | undefined {
  const { maxMinutes, maxTrials, untilCi } = options;
  if (untilCi === undefined) {
    if (maxTrials === undefined && maxMinutes === undefined) return undefined;
    throw new LmpowerError('USAGE', '--max-trials and --max-minutes are limits of --until-ci.', {
      remedy: 'add --until-ci 3, or give the number of repetitions with --trials',
    });
  }
  const mostTrials = checkNumber('maxTrials', maxTrials ?? Math.max(MAX_TRIALS, trials));
  if (mostTrials < trials) {
    throw new LmpowerError('USAGE', `--max-trials ${mostTrials} is less than --trials ${trials}.`, {
      remedy: 'with --until-ci give --max-trials only',
    });
  }
  return {
    ciRatio: checkNumber('untilCi', untilCi) / PERCENT_PER_RATIO,
    leastTrials: LEAST_TRIALS,
    mostTrials,
    most_s: checkNumber('maxMinutes', maxMinutes ?? MAX_MINUTES) * S_PER_MINUTE,
  };
}

/** Of a chat template and a system prompt, beside the words that are counted. */
const TEMPLATE_TOK = 256;
const CONTEXT_STEP_TOK = 1024;

/**
 * Context length that generated prompts need: a server cuts longer ones without saying so. Only for models that we
 * load; the loaded one stays as it is. @throws {LmpowerError} USAGE for one that is asked for and too short
 */
export function contextFor(options: {
  readonly workload: Workload;
  readonly models?: readonly string[];
  readonly load?: Partial<LoadSettings>;
  readonly fixedContext?: boolean;
}): Pick<LoadSettings, 'context_tok'> | Record<string, never> {
  const lengths = options.workload.prompts.flatMap(({ generate }) =>
    generate === undefined ? [] : generate.input_tok + generate.output_tok,
  );
  if (lengths.length === 0) return {};
  const context_tok = CONTEXT_STEP_TOK * Math.ceil((Math.max(...lengths) + TEMPLATE_TOK) / CONTEXT_STEP_TOK);
  const asked_tok = options.load?.context_tok ?? null;
  if (asked_tok !== null && asked_tok < Math.max(...lengths)) {
    throw new LmpowerError(
      'USAGE',
      `--context ${asked_tok} is too short for the prompts of ${options.workload.id}.`,
      {
        remedy: `--context ${context_tok}`,
      },
    );
  }
  const isFixed = options.fixedContext === true || (options.models ?? []).length === 0;
  return isFixed ? {} : { context_tok };
}
