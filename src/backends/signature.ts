import { LmpowerError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';
import { collectText, connectHttp } from './http.ts';
import { isObject, type JsonObject, parsed } from './json.ts';
import { addresses, type BackendOptions, baseUrl } from './options.ts';

/** A server of this machine is given this long to show who it is. */
const LOCAL_TIMEOUT_s = 0.5;
/** A server that was named may be on a slower road than this machine's own. */
const NAMED_TIMEOUT_s = 2;
/** vLLM's metrics with many models stay under 1 MB. */
const LIMIT_B = 8 * 1024 * 1024;

/** One answer to an unsigned question. `json` is empty where the body is no JSON object. */
export interface Look {
  readonly status: number;
  readonly text: string;
  readonly json: JsonObject;
}

/** Asks `GET path`, without any token: who answers is not known yet. Null: nothing that speaks HTTP. */
export type Ask = (path: string) => Promise<Look | null>;

export type Verdict = 'match' | 'stranger' | 'silent';

export interface Kind {
  /** What people call the server. */
  readonly title: string;
  /** Ports worth a look where no address was given, best first. */
  readonly ports: readonly number[];
  /** The server's own signature; a port alone proves nothing. */
  readonly recognize: (ask: Ask) => Promise<boolean>;
  /** What to type to start one. */
  readonly start: string;
}

/** Base URL of a server of this kind. @throws {LmpowerError} USAGE for a malformed URL, BACKEND_UNREACHABLE */
export async function findServer(options: BackendOptions, kind: Kind): Promise<string> {
  if (options.url !== null) return named(baseUrl(options.url), options, kind);
  const urls = addresses(options, kind.ports);
  const verdicts = await Promise.all(
    urls.map((url) => look(url, { options, kind, limit_s: LOCAL_TIMEOUT_s })),
  );
  const found = urls.find((_url, index) => verdicts[index] === 'match');
  if (found !== undefined) return found;
  throw new LmpowerError(
    'BACKEND_UNREACHABLE',
    `no ${kind.title} answers ${options.host === undefined ? 'on this machine' : `at ${options.host}`} (tried ${urls.join(', ')})`,
    { remedy: `${kind.start}, or give its address with --url, then: lmpower doctor` },
  );
}

async function named(url: string, options: BackendOptions, kind: Kind): Promise<string> {
  const verdict = await look(url, { options, kind, limit_s: NAMED_TIMEOUT_s });
  if (verdict === 'match') return url;
  const message =
    verdict === 'stranger' ? `what answers at ${url} is not ${kind.title}` : `nothing answers at ${url}`;
  throw new LmpowerError('BACKEND_UNREACHABLE', message, {
    remedy: `look at the address, start the server (${kind.start}), then: lmpower doctor`,
  });
}

interface Looking {
  readonly options: BackendOptions;
  readonly kind: Kind;
  readonly limit_s: Seconds;
}

async function look(url: string, { options, kind, limit_s }: Looking): Promise<Verdict> {
  let heard = false;
  const asked = async (ask: Ask): Promise<boolean> =>
    kind.recognize(async (path) => {
      const answer = await ask(path);
      heard ||= answer !== null;
      return answer;
    });
  const matches = await unsigned(url, { options, limit_s }, asked);
  if (matches) return 'match';
  return heard ? 'stranger' : 'silent';
}

/** Runs `work` with unsigned questions to one server. */
async function unsigned<T>(
  base: string,
  { options, limit_s }: Pick<Looking, 'options' | 'limit_s'>,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  const http = await connectHttp({ base, token: null, clock: options.clock });
  const timeout_s = Math.min(options.timeout_s, limit_s);
  const ask: Ask = async (path) => {
    const body = collectText(LIMIT_B);
    const request = { method: 'GET', path, accept: '*/*', timeout_s } as const;
    try {
      const { status } = await http.exchange(request, { onBytes: body.take });
      const text = body.text();
      const json = parsed(text);
      return { status, text, json: isObject(json) ? json : {} };
    } catch (thrown) {
      if (thrown instanceof LmpowerError) return null;
      throw thrown;
    }
  };
  try {
    return await work(ask);
  } finally {
    await http.close();
  }
}
