import type { Clock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Completion, StopReason } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import type { CompletionOptions } from './backend.ts';
import { type Collector, type Counts, createCollector, type Ending, NO_COUNTS } from './completion.ts';
import { createEventStreamParser, type ServerSentEvent } from './event-stream.ts';
import { collectText, type HttpConnection, type HttpHead } from './http.ts';
import { refusal } from './http-errors.ts';
import { type JsonObject, parsed } from './json.ts';

const REFUSAL_LIMIT_B = 1024 * 1024;

/** Makes sense of the bytes of one answer, whatever their form. */
export interface AnswerReader {
  /** True when the answer has ended. A throw ends it with that error. */
  take(chunk: Uint8Array, at_s: Seconds): boolean;
  /** How it ended, or null when the stream broke off before it did. */
  ending(): Ending | null;
  /** What the server had counted when the stream broke off. Not given: nothing. */
  seen?(): Counts;
}

/** The road to one server. */
export interface AnswerLine {
  readonly http: HttpConnection;
  readonly clock: Clock;
  readonly token: string | null;
  /** Longest silence. */
  readonly timeout_s: Seconds;
}

export interface AnswerOrder {
  readonly promptId: string;
  readonly path: string;
  readonly body: JsonObject;
  /** Content type of an answer; with any other the body is a refusal. */
  readonly contentType: 'text/event-stream' | 'application/x-ndjson';
  readonly reader: (collector: Collector) => AnswerReader;
}

/** Streams one answer; what had arrived is kept. Throws only when nothing was sent. */
export async function streamAnswer(
  { http, clock, token, timeout_s }: AnswerLine,
  order: AnswerOrder,
  { signal, onToken }: CompletionOptions,
): Promise<Completion> {
  const { promptId, path, body, contentType } = order;
  const collector = createCollector({ promptId, clock, ...(onToken && { onToken }) });
  const reader = order.reader(collector);
  const bytes = readBody(reader, contentType);
  let sent = false;
  const onSent = (at_s: Seconds): void => {
    sent = true;
    collector.sent(at_s);
  };
  const counted = (): Counts => reader.seen?.() ?? NO_COUNTS;
  try {
    const call = { method: 'POST', path, body, accept: contentType, timeout_s, signal } as const;
    const head = await http.exchange(call, { ...bytes, onSent });
    const where = `${http.base}${path}`;
    const ending =
      reader.ending() ?? failedEnding(brokenOff(bytes.refused(), { head, where, token }), counted());
    return collector.finish(ending, clock.now_s());
  } catch (thrown) {
    const ended_s = clock.now_s();
    const error = asLmpowerError(thrown);
    if (!sent) throw error;
    return collector.finish(failedEnding(error, counted()), ended_s);
  }
}

interface Body {
  onHead(head: HttpHead): void;
  onBytes(chunk: Uint8Array, at_s: Seconds): boolean;
  /** The answer where it is no stream; null where it is. */
  refused(): string | null;
}

function readBody(reader: AnswerReader, expected: AnswerOrder['contentType']): Body {
  const refusalText = collectText(REFUSAL_LIMIT_B);
  let streaming = false;
  return {
    onHead: ({ status, contentType }) => {
      streaming = status === 200 && contentType === expected;
    },
    onBytes: (chunk, at_s) => (streaming ? reader.take(chunk, at_s) : refusalText.take(chunk)),
    refused: () => (streaming ? null : refusalText.text()),
  };
}

interface Answered {
  readonly head: HttpHead;
  readonly where: string;
  readonly token: string | null;
}

function brokenOff(text: string | null, { head, where, token }: Answered): LmpowerError {
  if (text === null) return new LmpowerError('BACKEND_DISCONNECTED', 'the stream broke off in the answer');
  const refused = refusal({ ...head, where, token, text, answer: parsed(text) });
  return refused ?? new LmpowerError('BACKEND_PROTOCOL', `${where} answered without a stream`);
}

/** How an answer ended that failed: what had arrived stands. */
export function failedEnding(error: LmpowerError, counts: Counts = NO_COUNTS): Ending {
  return {
    counts,
    stopReason: stopReasonOfError(error),
    serverStatistics: {},
    error: { code: error.code, message: error.message },
  };
}

export function stopReasonOfError({ code }: Pick<LmpowerError, 'code'>): StopReason {
  if (code === 'INTERRUPTED') return 'cancelled';
  return code === 'MODEL_UNLOADED' ? 'unloaded' : 'failed';
}

/** Null when the asked model answered. Several servers let whatever is loaded answer for a wrong name. */
export function mismatch(asked: string, answered: string): Ending['error'] {
  if (answered === asked) return null;
  return { code: 'MODEL_MISMATCH', message: `asked ${asked}, but ${answered} answered` };
}

/** Bytes of server-sent events, handed on event by event until one ends the answer. */
export function takeEvents(
  take: (event: ServerSentEvent, at_s: Seconds) => boolean,
): (chunk: Uint8Array, at_s: Seconds) => boolean {
  const events = createEventStreamParser();
  return (chunk, at_s) => events.push(chunk).some((event) => take(event, at_s));
}
