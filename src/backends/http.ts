import type { Agent, Dispatcher } from 'undici';
import type { Clock } from '../core/clock.ts';
import { asLmpowerError, LmpowerError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';
import { refusal, transportError } from './http-errors.ts';
import { isObject, type JsonObject, parsed } from './json.ts';
import { interrupted, startWatchdog, timedOut } from './watchdog.ts';

export interface HttpHead {
  readonly status: number;
  /** Lower case, without parameters; empty where the server sends none. */
  readonly contentType: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, beginning with a slash. */
  readonly path: string;
  readonly body?: JsonObject;
  readonly accept: string;
  /** Longest silence, connecting included. */
  readonly timeout_s: Seconds;
  readonly signal?: AbortSignal;
}

export interface HttpEvents {
  /** Just before the request is written to the connected socket. Never called: nothing was sent. */
  onSent?(at_s: Seconds): void;
  onHead?(head: HttpHead): void;
  /** As each chunk leaves the socket. True: enough, close the connection. A throw ends the exchange with that error. */
  onBytes(chunk: Uint8Array, at_s: Seconds): boolean;
}

export interface HttpConnection {
  readonly base: string;
  /** One request to its end. @throws {LmpowerError} BACKEND_UNREACHABLE, TIMEOUT, DISCONNECTED, PROTOCOL; INTERRUPTED on abort */
  exchange(request: HttpRequest, events: HttpEvents): Promise<HttpHead>;
  /** The object that a request answers with. @throws {LmpowerError} also BACKEND_UNAUTHORIZED, BACKEND_REFUSED, MODEL_* */
  json(request: Omit<HttpRequest, 'accept'>): Promise<JsonObject>;
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly base: string;
  readonly token: string | null;
  readonly clock: Clock;
}

/** A full list of models with descriptions stays under 2 MB. */
const JSON_LIMIT_B = 32 * 1024 * 1024;

/**
 * HTTP to one server. Each request has a connection of its own, so that no half-closed one is taken for the server's
 * failure, and the waiting is ours: undici's own timers do not know the injected clock.
 */
export async function connectHttp(options: HttpOptions): Promise<HttpConnection> {
  const { default: SoleAgent } = await import('undici/lib/dispatcher/agent.js');
  const agent = new SoleAgent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 });
  const exchange: HttpConnection['exchange'] = (request, events) => run(agent, options, { request, events });
  return {
    base: options.base,
    exchange,
    json: (request) => readJson(exchange, options, { ...request, accept: 'application/json' }),
    close: () => agent.destroy(),
  };
}

interface Job {
  readonly request: HttpRequest;
  readonly events: HttpEvents;
}

function run(agent: Agent, options: HttpOptions, { request, events }: Job): Promise<HttpHead> {
  const what = `${request.method} ${options.base}${request.path}`;
  return new Promise<HttpHead>((resolve, reject) => {
    let control: Dispatcher.DispatchController | null = null;
    let head: HttpHead = { status: 0, contentType: '' };
    let settled = false;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      watchdog.stop();
      request.signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (error: LmpowerError): void =>
      settle(() => {
        control?.abort(error);
        reject(error);
      });
    const onAbort = (): void => fail(interrupted(what));
    const watchdog = startWatchdog({ clock: options.clock, timeout_s: request.timeout_s }, () =>
      fail(timedOut(what, request.timeout_s)),
    );
    if (request.signal?.aborted === true) {
      onAbort();
      return;
    }
    request.signal?.addEventListener('abort', onAbort, { once: true });
    agent.dispatch(dispatchOptions(options, request), {
      onRequestStart: (controller) => {
        control = controller;
        if (settled) controller.abort(interrupted(what));
        else events.onSent?.(options.clock.now_s());
      },
      onResponseStart: (_controller, status, headers) => {
        watchdog.touch();
        if (status < 200 || settled) return;
        head = { status, contentType: contentTypeOf(headers['content-type']) };
        events.onHead?.(head);
      },
      onResponseData: (controller, chunk) => {
        const at_s = options.clock.now_s();
        watchdog.touch(at_s);
        if (settled) return;
        const enough = outcomeOf(() => events.onBytes(chunk, at_s));
        if (enough instanceof LmpowerError) fail(enough);
        else if (enough) settle(() => resolve(head));
        if (settled) controller.abort(interrupted(what));
      },
      onResponseEnd: () => settle(() => resolve(head)),
      onResponseError: (_controller, error) => fail(transportError(error, { what, sent: control !== null })),
    });
  });
}

function outcomeOf(take: () => boolean): boolean | LmpowerError {
  try {
    return take();
  } catch (thrown) {
    return asLmpowerError(thrown);
  }
}

function dispatchOptions(options: HttpOptions, request: HttpRequest): Dispatcher.DispatchOptions {
  const url = new URL(options.base);
  const headers: Record<string, string> = { accept: request.accept };
  if (options.token !== null) headers['authorization'] = `Bearer ${options.token}`;
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  return {
    origin: url.origin,
    path: `${url.pathname.replace(/\/$/, '')}${request.path}`,
    method: request.method,
    headers,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  };
}

function contentTypeOf(header: string | string[] | undefined): string {
  const first = Array.isArray(header) ? header[0] : header;
  return (first ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

async function readJson(
  exchange: HttpConnection['exchange'],
  options: HttpOptions,
  request: HttpRequest,
): Promise<JsonObject> {
  const body = collectText(JSON_LIMIT_B);
  const head = await exchange(request, { onBytes: body.take });
  const where = `${options.base}${request.path}`;
  const answer = parsed(body.text());
  const refused = refusal({ ...head, where, token: options.token, text: body.text(), answer });
  if (refused !== null) throw refused;
  if (isObject(answer)) return answer;
  throw new LmpowerError('BACKEND_PROTOCOL', `${where} answered with something that is not a JSON object`);
}

export interface CollectedText {
  take(chunk: Uint8Array): boolean;
  text(): string;
}

/** Bytes of a whole answer, up to a limit. `take` throws BACKEND_PROTOCOL beyond it. */
export function collectText(limit_B: number): CollectedText {
  const chunks: Uint8Array[] = [];
  let size_B = 0;
  return {
    take: (chunk) => {
      size_B += chunk.byteLength;
      if (size_B > limit_B)
        throw new LmpowerError('BACKEND_PROTOCOL', `the server's answer is larger than ${limit_B} bytes`);
      chunks.push(chunk);
      return false;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
