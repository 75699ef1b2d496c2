import type { LoadedModel } from '../backends/backend.ts';
import { type ErrorCode, LmpowerError } from '../core/errors.ts';
import type { Completion, Prompt } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import type { RunContext } from './run-context.ts';
import { noteServer } from './surroundings.ts';

/** One try at an answer. `completion` null: it was never sent. `failure` null: answered, or cancelled by us. */
export interface Attempt {
  readonly completion: Completion | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** Server codes after which the next prompt will hardly fare better. */
const GONE: readonly string[] = [
  'BACKEND_UNREACHABLE',
  'BACKEND_DISCONNECTED',
  'BACKEND_TIMEOUT',
] satisfies ErrorCode[];
const UNLOADED: readonly string[] = ['MODEL_UNLOADED', 'MODEL_NOT_LOADED'] satisfies ErrorCode[];

/** Sends a prompt and reports tokens as they come. @throws what is no failure of the server: a bug */
export async function attempt(context: RunContext, model: LoadedModel, prompt: Prompt): Promise<Attempt> {
  const { backend, clock, plan, progress, signal } = context;
  const asked_s = clock.now_s();
  const maxOutput_tok = plan.inference.maxOutput_tok ?? prompt.maxOutput_tok;
  let count = 0;
  noteServer(context);
  try {
    const completion = await backend.complete(
      {
        model,
        prompt: { ...prompt, maxOutput_tok },
        system: plan.workload.system,
        inference: { ...plan.inference, maxOutput_tok },
      },
      {
        signal,
        onToken: ({ count_tok }) => {
          count += count_tok ?? 1;
          progress({ kind: 'token', count });
        },
      },
    );
    noteServer(context);
    checkClock(completion, { asked_s, now_s: clock.now_s() });
    return { completion, failure: signal.aborted ? null : completion.error };
  } catch (thrown) {
    return { completion: null, failure: failureOf(context, thrown) };
  }
}

/** Clocks are read in the same process, so only rounding lies between them. */
const CLOCK_SLACK_s = 1e-6;

/** A backend that counts from another origin than the run would give windows without any reading in them. */
function checkClock(
  { ended_s, requested_s }: Completion,
  { asked_s, now_s }: { readonly asked_s: Seconds; readonly now_s: Seconds },
): void {
  const inside = requested_s >= asked_s - CLOCK_SLACK_s && ended_s <= now_s + CLOCK_SLACK_s;
  if (inside && requested_s <= ended_s) return;
  const window = `${asked_s} to ${now_s} s`;
  throw new LmpowerError(
    'BUG',
    `the backend's clock is not the run's: asked ${window}, answered ${requested_s} to ${ended_s} s.`,
  );
}

/** What the server or the way to it did; null when it was us who cancelled. @throws everything else: a bug */
export function failureOf({ signal }: RunContext, thrown: unknown): Attempt['failure'] {
  if (signal.aborted) return null;
  if (!(thrown instanceof LmpowerError) || thrown.code === 'BUG') throw thrown;
  return { code: thrown.code, message: thrown.message };
}

/** The server does not answer any more, or not in time. */
export function isGone({ failure }: Attempt): boolean {
  return failure !== null && GONE.includes(failure.code);
}

/** The model went away under the request: worth a second try with the model back. */
export function isUnloaded({ completion, failure }: Attempt): boolean {
  return failure !== null && (UNLOADED.includes(failure.code) || completion?.stopReason === 'unloaded');
}
