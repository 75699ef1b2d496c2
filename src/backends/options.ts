import type { Clock } from '../core/clock.ts';
import { LmpowerError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';

/** How to reach a server. Nothing here is ever stored or logged; the run records the URL alone. */
export interface BackendOptions {
  /** As given by flag or environment; null: look for the server. */
  readonly url: string | null;
  readonly token: string | null;
  readonly clock: Clock;
  /** Longest silence: while an answer streams, or before a call returns. */
  readonly timeout_s: Seconds;
  /** Where to look when no address is given; default: this machine, and the ports that the kind of server is known by. */
  readonly host?: string;
  readonly ports?: readonly number[];
  /** What the person's configuration says of each kind of server, by backend id. */
  readonly servers?: Readonly<Record<string, ServerPlace>>;
  /** Folder that holds LM Studio's own files; default: the person's home. */
  readonly home?: string;
}

/** What is left out is found by itself. */
export interface ServerPlace {
  readonly host?: string;
  readonly ports?: readonly number[];
  readonly token?: string;
}

/** The same with what is said of this kind of server; a token from flag or environment wins. */
export function optionsFor(id: string, options: BackendOptions): BackendOptions {
  // Both roads to LM Studio lead to one server.
  const place = options.servers?.[id] ?? (id === 'lmstudio-rest' ? options.servers?.['lmstudio'] : undefined);
  return place === undefined
    ? options
    : { ...options, ...place, token: options.token ?? place.token ?? null };
}

/** Addresses worth a look on `ports`, best first. */
export function addresses({ host, ports }: BackendOptions, known: readonly number[]): string[] {
  const name = host ?? '127.0.0.1';
  const literal = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  return (ports ?? known).map((port) => `http://${literal}:${port}`);
}

/** Longest wait for a call that only asks: lists, versions, states. */
export const QUESTION_TIMEOUT_s = 10;

export function questionTimeout_s(options: Pick<BackendOptions, 'timeout_s'>): Seconds {
  return Math.min(options.timeout_s, QUESTION_TIMEOUT_s);
}

const SCHEMES: Readonly<Record<string, string>> = {
  'http:': 'http:',
  'https:': 'https:',
  'ws:': 'http:',
  'wss:': 'https:',
};

/**
 * `http(s)://host:port[/path]` without a slash at its end, from whatever a person types: `localhost:1234`,
 * `ws://…`, `http://…/v1/`. @throws {LmpowerError} USAGE
 */
export function baseUrl(typed: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `http://${typed}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (url === null || scheme === undefined || url.hostname === '')
    throw new LmpowerError('USAGE', 'this is not the address of a server', {
      remedy: '--url http://127.0.0.1:1234',
    });
  if (url.username !== '' || url.password !== '')
    throw new LmpowerError('USAGE', 'a name or password in the address is not supported', {
      remedy: 'leave it out of --url; a token goes into LM_API_TOKEN',
    });
  const path = url.pathname.replace(/\/+$/, '').replace(/(\/api)?\/v[01]$/, '');
  return `${scheme}//${url.host}${path}`;
}

/** The same server's WebSocket address. */
export function socketUrl(base: string): string {
  return base.replace(/^http/, 'ws');
}
