import { stripVTControlCharacters } from 'node:util';
import { type ErrorCode, LmpowerError } from '../core/errors.ts';
import { excerpt, isUnloaded } from './http-errors.ts';
import { isObject, textAt } from './json.ts';
import { withoutToken } from './token.ts';

/** Plain text of what the SDK threw: no colours, no box, no stack. */
export function plainMessage(thrown: unknown): string {
  if (!isObject(thrown)) return String(thrown);
  const text =
    textAt(thrown, 'lmstudioRawError') ?? textAt(thrown, 'title') ?? textAt(thrown, 'message') ?? '';
  return stripVTControlCharacters(text).trim();
}

const NEVER_REACHED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/;

/** An SDK failure in our codes; the token never shows. `what` is the call: `the list of models`. */
export function sdkError(
  thrown: unknown,
  { what, token }: { what: string; token: string | null },
): LmpowerError {
  if (thrown instanceof LmpowerError) return thrown;
  const said = plainMessage(thrown);
  const text = `${said} ${isObject(thrown) ? (textAt(thrown, 'code') ?? '') : ''}`;
  const message = withoutToken(`${what}: ${excerpt(said)}`, token);
  return new LmpowerError(codeOf(text), message);
}

/** Texts of `@lmstudio/sdk` 2.0.0 and of LM Studio's own bug tracker. */
function codeOf(text: string): ErrorCode {
  if (/failed to authenticate/i.test(text)) return 'BACKEND_UNAUTHORIZED';
  if (/unexpected server response: 40[13]/i.test(text)) return 'BACKEND_UNAUTHORIZED';
  if (/authentication result|unexpected server response/i.test(text)) return 'BACKEND_PROTOCOL';
  if (NEVER_REACHED.test(text)) return 'BACKEND_UNREACHABLE';
  if (/websocket|socket hang up|ECONNRESET|EPIPE/i.test(text)) return 'BACKEND_DISCONNECTED';
  if (isUnloaded(text) || /cannot find a model with identifier/i.test(text)) return 'MODEL_UNLOADED';
  if (/cannot find (?:a )?model/i.test(text)) return 'MODEL_NOT_FOUND';
  return 'BACKEND_REFUSED';
}

/**
 * What a line of the SDK's log says against the protocol, or null where it says nothing that loses an answer. The SDK
 * reports a message that it cannot parse here and nowhere else: the call that waits for it never settles.
 */
export function protocolFault(logged: readonly unknown[]): string | null {
  const text = stripVTControlCharacters(
    logged.map((part) => (typeof part === 'string' ? part : shown(part))).join(' '),
  );
  if (!/communication warning|received invalid (?:JSON )?message/i.test(text)) return null;
  // A late answer to something already given up, and the progress of servers older than 0.4, cost nothing.
  if (/Received \w+ for unknown (?:channel|rpc|signal)/.test(text)) return null;
  if (onlyLosesDetails(text)) return null;
  return excerpt(text.replace(/^(?:\[[^\]]*\]\s*)+/, '').replace(/^Produced communication warning:\s*/i, ''));
}

function onlyLosesDetails(text: string): boolean {
  const complaints = text.match(/^- message\.\S+:/gm) ?? [];
  return complaints.length > 0 && complaints.every((line) => line.startsWith('- message.details'));
}

function shown(part: unknown): string {
  return part instanceof Error ? part.message : (JSON.stringify(part) ?? String(part));
}

export function protocolError(fault: string, what: string): LmpowerError {
  return new LmpowerError(
    'BACKEND_PROTOCOL',
    `${what}: a message of the server does not fit its protocol: ${fault}`,
    { remedy: 'update LM Studio, or try --backend lmstudio-rest' },
  );
}
