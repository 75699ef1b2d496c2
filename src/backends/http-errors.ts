import { type ErrorCode, LmpowerError } from '../core/errors.ts';
import { isObject, textAt } from './json.ts';
import { withoutToken } from './token.ts';

const NEVER_REACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** The connection ended in the middle of a chunked answer. Source: llhttp, reason of HPE_INVALID_EOF_STATE; undici 7 leaves the code out. */
const CUT_SHORT = /invalid EOF state/i;
/** Not found, method not allowed: what answers does not speak this protocol. */
const NO_SUCH_CALL = new Set([404, 405]);
const EXCERPT_chars = 300;

interface Transport {
  readonly what: string;
  /** The request had begun to be written. */
  readonly sent: boolean;
}

/** What undici or the socket says, in our codes. */
export function transportError(error: Error, { what, sent }: Transport): LmpowerError {
  const code = systemCode(error);
  const detail = error.message === '' ? code : error.message;
  const cause = { cause: error };
  if (sent && CUT_SHORT.test(error.message))
    return new LmpowerError('BACKEND_DISCONNECTED', `${what}: the connection broke in the answer`, cause);
  if (error.name === 'HTTPParserError' || code.startsWith('HPE_'))
    return new LmpowerError('BACKEND_PROTOCOL', `${what}: the answer is not HTTP (${detail})`, cause);
  if (!sent || NEVER_REACHED.has(code))
    return new LmpowerError('BACKEND_UNREACHABLE', `${what}: no connection (${detail})`, cause);
  return new LmpowerError('BACKEND_DISCONNECTED', `${what}: the connection broke (${detail})`, cause);
}

/** Node reports a name with several addresses as one error that holds the others. */
function systemCode(error: Error): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  return isObject(inner) ? (textAt(inner, 'code') ?? '') : '';
}

export interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly where: string;
  readonly token: string | null;
  readonly text: string;
  /** The parsed body; undefined where it is not JSON. */
  readonly answer: unknown;
}

export interface Complaint {
  readonly message: string;
  readonly type: string | null;
}

/**
 * The server's own complaint, whatever the status says: `{error: {message, type}}`, `{error: "…"}`, or vLLM's
 * `{object: "error", message, type}`.
 */
export function complaintOf(answer: unknown): Complaint | null {
  if (!isObject(answer)) return null;
  if (answer['object'] === 'error')
    return { message: textAt(answer, 'message') ?? JSON.stringify(answer), type: textAt(answer, 'type') };
  const error = answer['error'];
  if (typeof error === 'string') return { message: error, type: null };
  if (!isObject(error)) return null;
  return { message: textAt(error, 'message') ?? JSON.stringify(error), type: textAt(error, 'type') };
}

/** Null when the answer is one. LM Studio gives unknown paths status 200 with an `error`, so the body is looked at first. */
export function refusal(answered: Answered): LmpowerError | null {
  const { status, where, token } = answered;
  const complaint = complaintOf(answered.answer);
  const good = status >= 200 && status < 300;
  if (good && complaint === null) return answered.answer === undefined ? notJson(answered) : null;
  const said = withoutToken(excerpt(complaint?.message ?? answered.text), token);
  const shown = said === '' ? 'no reason given' : said;
  const code = complaint === null ? codeOfStatus(status) : codeOfComplaint(complaint, status);
  return new LmpowerError(code, `${where} answered ${status}: ${shown}`);
}

function notJson({ where, contentType, text, token }: Answered): LmpowerError {
  const kind = contentType === 'text/html' ? 'an HTML page' : 'something that is not JSON';
  const shown = withoutToken(excerpt(text), token);
  return new LmpowerError('BACKEND_PROTOCOL', `${where} answered with ${kind}: ${shown}`, {
    remedy: 'look whether the address is that of the server: lmpower doctor',
  });
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'BACKEND_UNAUTHORIZED';
  if (NO_SUCH_CALL.has(status)) return 'BACKEND_PROTOCOL';
  return status >= 300 && status < 400 ? 'BACKEND_PROTOCOL' : 'BACKEND_REFUSED';
}

/** Which of our errors a server's complaint is. Texts seen in the field: LM Studio's bug tracker, issues 618, 1492, 1730. */
export function codeOfComplaint({ message, type }: Complaint, status = 200): ErrorCode {
  if (status === 401 || status === 403 || type === 'authentication_error') return 'BACKEND_UNAUTHORIZED';
  if (/unexpected endpoint or method/i.test(message)) return 'BACKEND_PROTOCOL';
  if (isUnloaded(message)) return 'MODEL_UNLOADED';
  if (type === 'model_not_found' || isMissing(message)) return 'MODEL_NOT_FOUND';
  return NO_SUCH_CALL.has(status) ? 'BACKEND_PROTOCOL' : 'BACKEND_REFUSED';
}

/** True for the wordings with which servers say that a model left the memory; LM Studio's first, then Ollama's and TabbyAPI's. */
export function isUnloaded(message: string): boolean {
  return (
    /model (?:\S+ )?(?:is |was |has (?:already )?been )?unloaded|no models? loaded|no loaded model/i.test(
      message,
    ) || /model runner has (?:unexpectedly )?stopped|no models? (?:is|are) currently loaded/i.test(message)
  );
}

/** Ollama: `model 'x' not found`; vLLM: ``The model `x` does not exist.`` */
function isMissing(message: string): boolean {
  return /\bmodel\b.{0,200}\b(?:not found|does not exist)/i.test(message);
}

export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > EXCERPT_chars ? `${line.slice(0, EXCERPT_chars)}…` : line;
}
