import type { Seconds } from './units.ts';

export type PromptCategory = string;

/** One input of a workload. */
export interface Prompt {
  readonly id: string;
  readonly category: PromptCategory;
  /** Empty where the text is generated anew for each request. */
  readonly text: string;
  readonly maxOutput_tok: number;
  readonly generate?: PromptShape;
  /** Sent back to back for at least so long, each time with words of its own: one trial, one phase. */
  readonly block_s?: Seconds;
}

/** Exact lengths of a prompt whose words are drawn from the lexicon. */
export interface PromptShape {
  readonly input_tok: number;
  readonly output_tok: number;
}

export interface Workload {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  /** `text`: identical bytes · `lexicon`: identical token counts · `tokens`: trimmed to a count. */
  readonly identity: 'text' | 'lexicon' | 'tokens';
  /** True: a nonce is put before each prompt so that no prompt cache can serve it. */
  readonly nonce: boolean;
  readonly system: string | null;
  readonly prompts: readonly Prompt[];
  /** `idle`: no requests; idle power of each state, load and unload. Not given: prompts are sent. */
  readonly kind?: 'idle';
  /** SHA-256 over the canonical JSON of what is sent: `nonce`, `prompts`, `system`. */
  readonly sha256: string;
}
