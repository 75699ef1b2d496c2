import type { LMStudioClient } from '@lmstudio/sdk';
import { openSession, type SdkSession } from './lmstudio-client.ts';
import { discover } from './lmstudio-discovery.ts';
import { type BackendOptions, questionTimeout_s } from './options.ts';
import { checkedToken } from './token.ts';

/** The way to one LM Studio: found once, with a new session whenever the last one broke. */
export interface SdkLine {
  /** @throws {LmpowerError} BACKEND_UNREACHABLE, BACKEND_UNAUTHORIZED */
  session(): Promise<SdkSession>;
  /** A call that only asks. @throws {LmpowerError} */
  ask<T>(what: string, work: (client: LMStudioClient) => PromiseLike<T>): Promise<T>;
  /** Base URL once found; null before. */
  found(): string | null;
  close(): void;
}

export function openLine(options: BackendOptions): SdkLine {
  const timeout_s = questionTimeout_s(options);
  let base: string | null = null;
  let opening: Promise<SdkSession> | null = null;
  let current: SdkSession | null = null;
  let closed = false;

  const open = async (): Promise<SdkSession> => {
    // Found first: a token for another kind of server says nothing where no LM Studio is.
    base ??= await discover(options, 'socket');
    const token = checkedToken(options.token);
    const session = await openSession({ base, token, clock: options.clock });
    if (closed) session.end();
    current = session;
    return session;
  };
  const session = async (): Promise<SdkSession> => {
    if (current !== null && !current.broken()) return current;
    current?.end();
    current = null;
    // Two callers at once share one session.
    opening ??= open().finally(() => {
      opening = null;
    });
    return opening;
  };
  return {
    session,
    ask: async (what, work) => (await session()).call({ what, timeout_s }, work),
    found: () => base,
    close: () => {
      closed = true;
      current?.end();
      current = null;
    },
  };
}
