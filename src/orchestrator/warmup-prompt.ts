import type { Prompt } from '../core/run.ts';

/** Of no workload, so that it primes no prompt cache; long enough for a few readings of power. */
export const WARMUP_PROMPT: Prompt = {
  id: 'warmup',
  category: 'warmup',
  text: 'Count from one to fifty in words, one number a line.',
  maxOutput_tok: 64,
};
