import type { Clock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Completion } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import type { CompletionOptions, CompletionRequest } from './backend.ts';
import { createCollector, type Ending, NO_COUNTS } from './completion.ts';
import { createEventStreamParser, type ServerSentEvent } from './event-stream.ts';
import { collectText, type HttpConnection, type HttpHead } from './http.ts';
import { refusal } from './http-errors.ts';
import { parsed } from './json.ts';
import { stopReasonOfError } from './lmstudio-ending.ts';
import { type ChatReader, chatBody, createChatReader } from './lmstudio-rest-chat.ts';

const PATH = '/api/v1/chat';
const REFUSAL_LIMIT_B = 1024 * 1024;

export interface Chat {
  readonly http: HttpConnection;
  readonly clock: Clock;
  readonly token: string | null;
  readonly timeout_s: Seconds;
}

/** Streams one answer. Throws only when nothing was sent. */
export async function chat(
  { http, clock, token, timeout_s }: Chat,
  request: CompletionRequest,
  { signal, onToken }: CompletionOptions,
): Promise<Completion> {
  const collector = createCollector({ promptId: request.prompt.id, clock, ...(onToken && { onToken }) });
  const reader = createChatReader(request, collector);
  const body = readBody(reader);
  let sent = false;
  const onSent = (at_s: Seconds): void => {
    sent = true;
    collector.sent(at_s);
  };
  const call = { method: 'POST', path: PATH, body: chatBody(request), accept: 'text/event-stream' } as const;
  try {
    const head = await http.exchange({ ...call, timeout_s, signal }, { ...body, onSent });
    const where = `${http.base}${PATH}`;
    return collector.finish(
      reader.ending() ?? brokenOff(body.refused(), { head, where, token }),
      clock.now_s(),
    );
  } catch (thrown) {
    const ended_s = clock.now_s();
    const error = asLmpowerError(thrown);
    if (!sent) throw error;
    return collector.finish(failedEnding(error), ended_s);
  }
}

interface Body {
  onHead(head: HttpHead): void;
  onBytes(chunk: Uint8Array, at_s: Seconds): boolean;
  /** The answer where it is no event stream; null where it is. */
  refused(): string | null;
}

function readBody(reader: ChatReader): Body {
  const events = createEventStreamParser();
  const refusalText = collectText(REFUSAL_LIMIT_B);
  let streaming = false;
  return {
    onHead: ({ status, contentType }) => {
      streaming = status === 200 && contentType === 'text/event-stream';
    },
    onBytes: (chunk, at_s) => {
      if (!streaming) return refusalText.take(chunk);
      return events.push(chunk).some((event: ServerSentEvent) => reader.take(event, at_s));
    },
    refused: () => (streaming ? null : refusalText.text()),
  };
}

interface Answered {
  readonly head: HttpHead;
  readonly where: string;
  readonly token: string | null;
}

function brokenOff(text: string | null, { head, where, token }: Answered): Ending {
  if (text === null)
    return failedEnding(new LmpowerError('BACKEND_DISCONNECTED', 'the stream broke off in the answer'));
  const refused = refusal({ ...head, where, token, text, answer: parsed(text) });
  return failedEnding(
    refused ?? new LmpowerError('BACKEND_PROTOCOL', `${where} answered without an event stream`),
  );
}

function failedEnding(error: LmpowerError): Ending {
  return {
    counts: NO_COUNTS,
    stopReason: stopReasonOfError(error),
    serverStatistics: {},
    error: { code: error.code, message: error.message },
  };
}
