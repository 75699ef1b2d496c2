import { LmpowerError } from '../core/errors.ts';

/** Source: `@lmstudio/sdk` 2.0.0, lmstudioAPITokenRegex. */
const TOKEN = /^sk-lm-([a-zA-Z0-9]{8}):([a-zA-Z0-9]{20})$/;
const HIDDEN = '[token]';

/** The token without blanks around it, or null where none is given. @throws {LmpowerError} BACKEND_UNAUTHORIZED, never quoting it */
export function checkedToken(token: string | null): string | null {
  const trimmed = token?.trim() ?? '';
  if (trimmed === '') return null;
  if (!TOKEN.test(trimmed))
    throw new LmpowerError(
      'BACKEND_UNAUTHORIZED',
      'the API token does not look like one of LM Studio (sk-lm-…)',
    );
  return trimmed;
}

/** What an HTTP header can carry. Source: RFC 9110, field values. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

interface Addressed {
  readonly token: string | null;
  readonly url: string | null;
}

/**
 * Any server's key without blanks around it, or null where none is to be sent: LM Studio's own goes to another kind of
 * server only where a person gave that server's address. @throws {LmpowerError} BACKEND_UNAUTHORIZED, never quoting it
 */
export function bearerToken({ token, url }: Addressed): string | null {
  const trimmed = token?.trim() ?? '';
  if (trimmed === '' || (url === null && TOKEN.test(trimmed))) return null;
  if (!HEADER_TEXT.test(trimmed))
    throw new LmpowerError('BACKEND_UNAUTHORIZED', 'the API token holds characters that no header can carry');
  return trimmed;
}

/** `text` with the token and each of its halves blotted out: for everything that may reach a screen or a file. */
export function withoutToken(text: string, token: string | null): string {
  if (token === null) return text;
  const parts = [token, ...(TOKEN.exec(token)?.slice(1) ?? [])];
  return parts.reduce((cleaned, part) => cleaned.replaceAll(part, HIDDEN), text);
}
