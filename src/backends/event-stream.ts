import { LmpowerError } from '../core/errors.ts';

/** One dispatched server-sent event; `event` is `message` where the server names none. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

export interface EventStreamParser {
  /** Events that this chunk completes. @throws {LmpowerError} BACKEND_PROTOCOL when one event passes the limit */
  push(chunk: Uint8Array): ServerSentEvent[];
  /** True when the stream ended in the middle of an event. */
  end(): boolean;
}

const LF = 10;
const CR = 13;
/** One event of a chat answer holds at most the whole answer; anything beyond this is not one. */
const EVENT_LIMIT_chars = 16 * 1024 * 1024;

/**
 * Incremental parser of `text/event-stream`, for any chunking (inside a character, between CR and LF).
 * Source: WHATWG HTML, "Server-sent events", interpreting an event stream.
 */
export function createEventStreamParser(limit_chars = EVENT_LIMIT_chars): EventStreamParser {
  const decoder = new TextDecoder();
  let pending = '';
  let afterCR = false;
  let event = '';
  let lines: string[] = [];
  let size_chars = 0;

  const dispatch = (events: ServerSentEvent[]): void => {
    if (lines.length > 0) events.push({ event: event === '' ? 'message' : event, data: lines.join('\n') });
    event = '';
    lines = [];
    size_chars = 0;
  };

  const takeLine = (line: string, events: ServerSentEvent[]): void => {
    if (line === '') {
      dispatch(events);
      return;
    }
    const { name, value } = fieldOf(line);
    if (name === 'event') event = value;
    if (name === 'data') {
      lines.push(value);
      size_chars += value.length;
    }
  };

  const takeLines = (added: string): ServerSentEvent[] => {
    const text = pending + added;
    const events: ServerSentEvent[] = [];
    let start = 0;
    for (let at = pending.length; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === LF && afterCR) start = at + 1;
      else if (code === LF || code === CR) {
        takeLine(text.slice(start, at), events);
        start = at + 1;
      }
      afterCR = code === CR;
    }
    pending = text.slice(start);
    return events;
  };

  return {
    push: (chunk) => {
      const events = takeLines(decoder.decode(chunk, { stream: true }));
      if (pending.length + size_chars > limit_chars)
        throw new LmpowerError(
          'BACKEND_PROTOCOL',
          `the server sent an event of over ${limit_chars} characters`,
        );
      return events;
    },
    end: () => pending !== '' || lines.length > 0 || event !== '',
  };
}

/** `name: value`; a comment (first character a colon) has the empty name. */
function fieldOf(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line, value: '' };
  const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
  return { name: line.slice(0, colon), value };
}
