import type { LLM, LLMPredictionFragment, OngoingPrediction } from '@lmstudio/sdk';
import type { Clock } from '../core/clock.ts';
import { asLmpowerError, type ErrorCode } from '../core/errors.ts';
import type { Completion, TokenDelta } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import type { CompletionOptions, CompletionRequest } from './backend.ts';
import { type Collector, createCollector } from './completion.ts';
import { countAt, isObject } from './json.ts';
import type { SdkSession } from './lmstudio-client.ts';
import { endingOf, failedEnding, type Seen } from './lmstudio-ending.ts';
import { sdkError } from './lmstudio-errors.ts';
import { predictionConfig } from './lmstudio-settings.ts';
import type { Wait } from './watchdog.ts';

export interface Prediction {
  readonly session: SdkSession;
  readonly handle: LLM;
  readonly clock: Clock;
  readonly timeout_s: Seconds;
  /** The configuration that the server made the answer with, as it sent it. */
  readonly onConfig: (config: unknown) => void;
}

/** How long a cancelled server may take to send its statistics; the answer is given up after that. */
const CANCEL_GRACE_s = 0.2;
/** The socket was never open, so the request stayed in the SDK's queue. */
const NEVER_SENT: ReadonlySet<ErrorCode> = new Set(['BACKEND_UNREACHABLE', 'BACKEND_UNAUTHORIZED']);

/** Streams one answer. Throws only when the SDK refuses to write the request; all that follows is in the Completion. */
export async function predict(
  { session, handle, clock, timeout_s, onConfig }: Prediction,
  request: CompletionRequest,
  { signal, onToken }: CompletionOptions,
): Promise<Completion> {
  const listener = listen(
    clock,
    createCollector({ promptId: request.prompt.id, clock, ...(onToken && { onToken }) }),
  );
  const ongoing = listener.start(handle, request);
  const cancellation = cancelOnAbort(ongoing, { signal, clock });
  try {
    const call = { what: 'the answer', timeout_s, signal: cancellation.graceOver, onStart: listener.watch };
    const result = await session.call(call, () => ongoing.result());
    onConfig(Reflect.get(result, 'predictionConfig'));
    const asked = { identifier: request.model.identifier, aborted: signal.aborted };
    return listener.collector.finish(endingOf(result, listener.seen(), asked), clock.now_s());
  } catch (thrown) {
    const ended_s = clock.now_s();
    const error = asLmpowerError(thrown);
    // The server may still be generating: a closed socket is what surely stops it.
    if (session.broken()) session.end();
    if (NEVER_SENT.has(error.code)) throw error;
    return listener.collector.finish(failedEnding(error, listener.seen()), ended_s);
  } finally {
    cancellation.stop();
    listener.close();
  }
}

interface Listener {
  readonly collector: Collector;
  /** Writes the request. @throws {LmpowerError} */
  start(handle: LLM, request: CompletionRequest): OngoingPrediction;
  /** The wait to touch at each sign of life. */
  watch(wait: Wait): void;
  seen(): Seen;
  /** Nothing that arrives after this counts. */
  close(): void;
}

function listen(clock: Clock, collector: Collector): Listener {
  const tokens: TokenDelta[] = [];
  let cached_tok: number | null = null;
  let open = true;
  let wait: Wait | null = null;

  const onPromptProcessingProgress = (progress: number, details: unknown): void => {
    const at_s = clock.now_s();
    if (!open) return;
    wait?.touch();
    collector.promptStarted(at_s);
    if (progress >= 1) collector.promptEnded(at_s);
    cached_tok = (isObject(details) ? countAt(details, 'cachedTokenCount') : null) ?? cached_tok;
  };
  const onPredictionFragment = (fragment: LLMPredictionFragment): void => {
    const delta = deltaOf(fragment, clock.now_s());
    if (!open) return;
    wait?.touch();
    if (delta === null) return;
    tokens.push(delta);
    collector.token(delta, fragment.isStructural ? '' : fragment.content);
  };
  return {
    collector,
    start: (handle, request) => {
      const config = { ...predictionConfig(request), onPromptProcessingProgress };
      collector.sent(clock.now_s());
      return respond(() => handle.respond(chatOf(request), { ...config, onPredictionFragment }));
    },
    watch: (started) => {
      wait = started;
    },
    seen: () => ({ tokens, cached_tok }),
    close: () => {
      open = false;
    },
  };
}

function respond(write: () => OngoingPrediction): OngoingPrediction {
  try {
    const ongoing = write();
    forgiveLateEnd(ongoing);
    return ongoing;
  } catch (thrown) {
    throw sdkError(thrown, { what: 'the request', token: null });
  }
}

/**
 * The SDK throws, into nobody's hands, when a channel fails or goes on after its success packet. On this one object a
 * second end and a late fragment are let pass; everything else of it is as before.
 */
function forgiveLateEnd(ongoing: OngoingPrediction): void {
  for (const name of ['finished', 'push']) {
    const original: unknown = Reflect.get(ongoing, name);
    if (typeof original !== 'function') continue;
    Reflect.set(ongoing, name, (...given: unknown[]): void => {
      if (Reflect.get(ongoing, 'status') === 'pending') Reflect.apply(original, ongoing, given);
    });
  }
}

function chatOf({ system, prompt }: CompletionRequest): Array<{ role: 'system' | 'user'; content: string }> {
  const user = { role: 'user', content: prompt.text } as const;
  return system === null ? [user] : [{ role: 'system', content: system }, user];
}

/** Null for a fragment that carries neither text nor tokens. */
function deltaOf(fragment: LLMPredictionFragment, arrival_s: Seconds): TokenDelta | null {
  if (fragment.content === '' && fragment.tokensCount === 0) return null;
  const sort = fragment.reasoningType === 'none' ? 'content' : 'reasoning';
  return { arrival_s, count_tok: fragment.tokensCount, sort };
}

interface Cancellation {
  /** Aborts when the caller cancelled and the server's time to answer that is over. */
  readonly graceOver: AbortSignal;
  stop(): void;
}

/** The caller's signal is not handed to the SDK: it would listen on after the answer, and write to a dead socket. */
function cancelOnAbort(
  ongoing: OngoingPrediction,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
): Cancellation {
  const graceOver = new AbortController();
  const ended = new AbortController();
  const ignoreEnd = (): void => undefined;
  const onAbort = (): void => {
    ongoing.cancel().catch(ignoreEnd);
    clock.sleep(CANCEL_GRACE_s, ended.signal).then(() => graceOver.abort(), ignoreEnd);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    graceOver: graceOver.signal,
    stop: () => {
      signal.removeEventListener('abort', onAbort);
      ended.abort();
    },
  };
}
