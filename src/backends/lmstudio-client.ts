import type { LMStudioClient } from '@lmstudio/sdk';
import type { Clock } from '../core/clock.ts';
import { type ErrorCode, LmpowerError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';
import { isObject } from './json.ts';
import { plainMessage, protocolError, protocolFault, sdkError } from './lmstudio-errors.ts';
import { socketUrl } from './options.ts';
import { type Wait, within } from './watchdog.ts';

export interface SdkCall {
  /** For messages: `the list of models`. */
  readonly what: string;
  readonly timeout_s: Seconds;
  readonly signal?: AbortSignal;
  readonly onStart?: (wait: Wait) => void;
}

/** One SDK client with its sockets. After a failure of the line itself it is `broken` and must be replaced. */
export interface SdkSession {
  readonly client: LMStudioClient;
  readonly broken: () => boolean;
  /** `work` with a time limit, its failures in our codes. @throws {LmpowerError} */
  call<T>(call: SdkCall, work: (client: LMStudioClient) => PromiseLike<T>): Promise<T>;
  /** Ends the sockets at once; whatever still waits on them fails. */
  end(): void;
}

export interface SessionOptions {
  readonly base: string;
  readonly token: string | null;
  readonly clock: Clock;
}

/** After these the sockets hold answers that nobody awaits any more, or none at all. */
const LINE_FAILURES: ReadonlySet<ErrorCode> = new Set([
  'BACKEND_TIMEOUT',
  'BACKEND_PROTOCOL',
  'BACKEND_DISCONNECTED',
  'BACKEND_UNREACHABLE',
  'BACKEND_UNAUTHORIZED',
  'INTERRUPTED',
]);

/** Loads the SDK and opens a session. The base URL is always explicit: without one the SDK ends the process when no server is there. */
export async function openSession({ base, token, clock }: SessionOptions): Promise<SdkSession> {
  const sdk = await import('@lmstudio/sdk');
  const waiting = new Set<(error: LmpowerError) => void>();
  let broken = false;
  const hear = (...logged: unknown[]): void => {
    const fault = protocolFault(logged);
    if (fault === null) return;
    for (const fail of waiting) fail(protocolError(fault, base));
  };
  const client = construct(() => {
    const logger = { debug: ignore, info: ignore, warn: hear, error: hear };
    const options = { baseUrl: socketUrl(base), logger, verboseErrorMessages: false };
    return new sdk.LMStudioClient(token === null ? options : { ...options, apiToken: token });
  });
  return {
    client,
    broken: () => broken,
    call: async (call, work) => {
      let forget = ignore;
      const onStart = (wait: Wait): void => {
        waiting.add(wait.fail);
        forget = () => void waiting.delete(wait.fail);
        call.onStart?.(wait);
      };
      try {
        return await within(work(client), { clock, ...call, onStart });
      } catch (thrown) {
        const error = sdkError(thrown, { what: call.what, token });
        broken ||= LINE_FAILURES.has(error.code);
        throw error;
      } finally {
        forget();
      }
    },
    end: () => {
      broken = true;
      endSockets(client);
    },
  };
}

const ignore = (): void => undefined;

function construct(make: () => LMStudioClient): LMStudioClient {
  try {
    return make();
  } catch (thrown) {
    // Only the address and the token are looked at here, and the address was checked before.
    throw new LmpowerError('BACKEND_UNAUTHORIZED', plainMessage(thrown));
  }
}

const PORTS = ['llm', 'embedding', 'system', 'diagnostics', 'files', 'repository', 'plugins', 'runtime'];

/**
 * Ends each socket of the client at once. The SDK's own disposal waits for every call to be answered, which is what did not
 * happen when this is needed. Its sockets are private, so they are looked for rather than assumed.
 */
function endSockets(client: LMStudioClient): void {
  for (const name of PORTS) {
    const transport = field(field(client, `${name}Port`), 'transport');
    const socket = field(transport, 'ws');
    const terminate = field(socket, 'terminate');
    if (typeof terminate === 'function') Reflect.apply(terminate, socket, []);
  }
}

function field(owner: unknown, name: string): unknown {
  return typeof owner === 'function' || isObject(owner) ? Reflect.get(owner, name) : undefined;
}
