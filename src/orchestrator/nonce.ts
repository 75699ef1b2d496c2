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

interface NonceOptions {
  readonly repetition: number;
  /** Differs between runs and attempts: a server that stays up must not know the prompt from the run before. */
  readonly salt: string;
  readonly lexicon: readonly string[];
}

/** The prompt as it is sent: with its nonce first where the workload asks for one. */
export function promptToSend(workload: Workload, prompt: Prompt, options: NonceOptions): Prompt {
  if (!workload.nonce) return prompt;
  const { lexicon, repetition, salt } = options;
  const words = nonceFor(lexicon, workload.id, workload.sha256, prompt.id, repetition, salt);
  return { ...prompt, text: `${words}\n\n${prompt.text}` };
}
