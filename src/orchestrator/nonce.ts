import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { LmpowerError } from '../core/errors.ts';
import type { Prompt, Workload } from '../core/run.ts';

/** Eight of 256 words: 64 bits, and the same number of tokens everywhere. Source: METHOD §8. */
const NONCE_WORDS = 8;
const LEXICON_WORDS = 256;

/** 256 words, each one token in common vocabularies. @throws {LmpowerError} BUG when the file was changed */
export function loadLexicon(): readonly string[] {
  const path = createRequire(import.meta.url).resolve('#prompts/lexicon-v1.txt');
  const words = readFileSync(path, 'utf8').trim().split('\n');
  if (words.length !== LEXICON_WORDS)
    throw new LmpowerError('BUG', `${path} has ${words.length} words, not ${LEXICON_WORDS}.`);
  return words;
}

/** The same words for the same workload, prompt, repetition and salt; other words for any other. */
export function nonceFor(lexicon: readonly string[], ...seed: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(seed)).digest();
  return Array.from(bytes.subarray(0, NONCE_WORDS), (byte) => lexicon[byte % lexicon.length] ?? '').join(' ');
}

/** So many words that follow from the seed, each one token: a prompt of exact length, its first words the nonce. */
export function wordsFor(
  lexicon: readonly string[],
  count: number,
  ...seed: readonly (string | number)[]
): string {
  const words: string[] = [];
  for (let block = 0; words.length < count; block++) {
    const bytes = createHash('sha256')
      .update(JSON.stringify([...seed, block]))
      .digest();
    for (const byte of bytes) words.push(lexicon[byte % lexicon.length] ?? '');
  }
  return words.slice(0, count).join(' ');
}

interface NonceOptions {
  readonly repetition: number;
  /** Place in a block of requests. */
  readonly request?: number;
  /** Differs between runs and attempts: a server that stays up must not know the prompt from the run before. */
  readonly salt: string;
  readonly lexicon: readonly string[];
}

/** Whether any prompt is made of the lexicon's words, or begins with some. */
export function needsLexicon({ nonce, prompts }: Workload): boolean {
  return nonce || prompts.some(({ generate }) => generate !== undefined);
}

/** The prompt as it is sent: its words drawn where it has a length only, else with its nonce first where there is one. */
export function promptToSend(workload: Workload, prompt: Prompt, options: NonceOptions): Prompt {
  const { lexicon, repetition, request = 0, salt } = options;
  if (prompt.generate !== undefined) {
    const seed = [workload.id, workload.sha256, prompt.id, repetition, request, salt];
    return { ...prompt, text: wordsFor(lexicon, prompt.generate.input_tok, ...seed) };
  }
  if (!workload.nonce) return prompt;
  const words = nonceFor(lexicon, workload.id, workload.sha256, prompt.id, repetition, salt);
  return { ...prompt, text: `${words}\n\n${prompt.text}` };
}
