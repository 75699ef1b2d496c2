import type { Seconds } from '../core/units.ts';
import type { AnswerLine } from './answer-stream.ts';
import { connectHttp, type HttpConnection } from './http.ts';
import type { JsonObject } from './json.ts';
import { type BackendOptions, questionTimeout_s } from './options.ts';

/** The way to one HTTP server: found once, at the first call. */
export interface HttpLine {
  /** What an answer is streamed over. @throws {LmpowerError} BACKEND_UNREACHABLE, BACKEND_UNAUTHORIZED, USAGE */
  answering(): Promise<AnswerLine>;
  get(path: string): Promise<JsonObject>;
  post(path: string, body: JsonObject, signal?: AbortSignal): Promise<JsonObject>;
  /** Base URL once found; null before. */
  found(): string | null;
  close(): Promise<void>;
}

export interface HttpLineOptions {
  /** Base URL of the server, asked once. */
  readonly find: () => Promise<string>;
  /** The token as it may be sent, or null. Asked after the server was found. @throws {LmpowerError} BACKEND_UNAUTHORIZED */
  readonly token: () => string | null;
}

/** Opens at its first call; a call that could not open leaves the next one to try again. */
export function openHttpLine(options: BackendOptions, { find, token }: HttpLineOptions): HttpLine {
  const { clock, timeout_s } = options;
  let opening: Promise<HttpConnection> | null = null;
  let base: string | null = null;
  const open = async (): Promise<HttpConnection> => {
    base ??= await find();
    return connectHttp({ base, token: token(), clock });
  };
  const connection = (): Promise<HttpConnection> => {
    opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  const question: Seconds = questionTimeout_s(options);
  return {
    answering: async () => ({ http: await connection(), clock, token: token(), timeout_s }),
    get: async (path) => (await connection()).json({ method: 'GET', path, timeout_s: question }),
    post: async (path, body, signal) =>
      (await connection()).json({ method: 'POST', path, body, timeout_s, ...(signal && { signal }) }),
    found: () => base,
    close: async () => {
      const open = opening;
      opening = null;
      // One that never came to be needs no closing.
      await open?.then(
        (http) => http.close(),
        () => undefined,
      );
    },
  };
}
