import type { ServerResponse } from 'node:http';
import type { JsonRecord } from './json.ts';

/** An open stream of server-sent events. Source: WHATWG HTML, 9.2. */
export interface SseStream {
  /** `event: <type>` and its data, which repeats the type. Source: LM Studio documentation, streaming events. */
  event(type: string, body: JsonRecord): void;
  /** Data without a name, as OpenAI's streams have it. */
  line(text: string): void;
  /** What clients pass over. */
  comment(text: string): void;
  end(): void;
}

export function openSse(response: ServerResponse): SseStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
  });
  response.flushHeaders();
  const write = (text: string): void => {
    if (!response.writableEnded && !response.destroyed) response.write(text);
  };
  return {
    event: (type, body) => write(`event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`),
    line: (text) => write(`data: ${text}\n\n`),
    comment: (text) => write(`: ${text}\n\n`),
    end: () => response.end(),
  };
}
