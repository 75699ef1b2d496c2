/** What a request asks of the engine, and what comes back. */
export interface Order {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly limit_tok: number;
  readonly sampling: Sampling;
  /** Keeps what the sequence shares with the prompt; else it is cleared first. */
  readonly reusePrompt: boolean;
}

export interface Message {
  readonly role: string;
  readonly content: string;
}

export interface Sampling {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repeatPenalty: number;
  /** Null: another one for each request. */
  readonly seed: number | null;
}

/** A batch of the prompt is done and more are to come. */
export interface Progress {
  readonly kind: 'prompt';
  readonly total_tok: number;
  readonly cached_tok: number;
  readonly processed_tok: number;
  readonly time_ms: number;
}

/** A token. The prompt's time ends and the prediction's begins where the first one is sampled. */
export interface Step {
  readonly kind: 'token';
  readonly text: string;
  readonly cached_tok: number;
  /** Without the cached ones. */
  readonly prompt_tok: number;
  readonly prompt_ms: number;
  readonly predicted_tok: number;
  readonly predicted_ms: number;
}

export interface Facts {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly params: number;
  readonly size_B: number;
  readonly context_tok: number;
  readonly trainContext_tok: number;
  readonly countPrompt: (messages: readonly Message[]) => number;
}

/** What the engine does now. */
export interface Work {
  readonly busy: boolean;
  /** Requests whose turn has not come. */
  readonly waiting: number;
  /** Tokens of the request under way, or of the last one. */
  readonly decoded_tok: number;
}
