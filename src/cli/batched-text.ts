const BATCH_CHARACTERS = 65_536;

/** The same text in fewer, larger parts: a write for each of a million lines takes minutes. */
export function* batchedText(parts: Iterable<string>): Generator<string> {
  let held: string[] = [];
  let length = 0;
  for (const part of parts) {
    held.push(part);
    length += part.length;
    if (length < BATCH_CHARACTERS) continue;
    yield held.join('');
    held = [];
    length = 0;
  }
  if (held.length > 0) yield held.join('');
}
