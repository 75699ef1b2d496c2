import { LmpowerError } from '../core/errors.ts';
import type { Seconds } from '../core/units.ts';
import { isObject, type JsonObject, parsed } from './json.ts';

/** A line holds one message of an answer; anything beyond this is not one. */
const LINE_LIMIT_chars = 16 * 1024 * 1024;

/**
 * Newline-delimited JSON from any chunking, handed on object by object until one ends the answer. The decoder keeps a
 * character that a chunk cuts. @throws {LmpowerError} BACKEND_PROTOCOL for a line that is no JSON object
 */
export function takeObjects(
  take: (object: JsonObject, at_s: Seconds) => boolean,
): (chunk: Uint8Array, at_s: Seconds) => boolean {
  const decoder = new TextDecoder();
  let pending = '';
  return (chunk, at_s) => {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
    pending = lines.pop() ?? '';
    if (pending.length > LINE_LIMIT_chars)
      throw new LmpowerError(
        'BACKEND_PROTOCOL',
        `the server sent a line of over ${LINE_LIMIT_chars} characters`,
      );
    return lines.some((line) => line.trim() !== '' && take(objectOf(line), at_s));
  };
}

function objectOf(line: string): JsonObject {
  const object = parsed(line);
  if (isObject(object)) return object;
  throw new LmpowerError('BACKEND_PROTOCOL', 'the server sent a line that is not a JSON object');
}
