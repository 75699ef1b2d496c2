/** The lab's tokenizer: deterministic, lossless (the pieces joined are the text), about 4.5 characters a token. */
const PIECES = /<\|[a-z_]+\|>| ?\p{L}{1,10}|\p{N}| ?[^\s\p{L}\p{N}]|\s+/gu;

const VOCABULARY_SIZE = 128_000;

export function piecesOf(text: string): string[] {
  return text.match(PIECES) ?? [];
}

/** Token ids, 0 to 127,999. */
export function tokensOf(text: string): number[] {
  return piecesOf(text).map((piece) => hash32(piece) % VOCABULARY_SIZE);
}

/** FNV-1a, 32 bits, over UTF-16 code units. Source: Fowler, Noll, Vo, draft-eastlake-fnv. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

export interface ChatMessage {
  readonly role: string;
  readonly text: string;
}

/** The chat template: what the model is really given. Every prompt shares its first three tokens with every other. */
export function applyTemplate(messages: readonly ChatMessage[]): string {
  const turns = messages.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`);
  return `${turns.join('')}<|im_start|>assistant\n`;
}
