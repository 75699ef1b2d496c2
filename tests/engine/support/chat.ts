/** One whole answer of the engine, read without any code of lmpower's. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Pieces of text as they came. */
  readonly pieces: readonly string[];
  readonly finish: string | null;
  readonly usage: Usage | null;
  readonly timings: Timings | null;
  readonly error: string | null;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export interface Timings {
  readonly cache_n: number;
  readonly prompt_n: number;
  readonly prompt_ms: number;
  readonly predicted_n: number;
  readonly predicted_ms: number;
}

export interface Asking {
  readonly model: string;
  readonly prompt: string;
  readonly max_tokens: number;
  readonly [setting: string]: unknown;
}

/** POST /v1/chat/completions, greedy unless told otherwise. */
export function post(url: string, { prompt, ...body }: Asking, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      messages: [{ role: 'user', content: prompt }],
      ...body,
    }),
    ...(signal === undefined ? {} : { signal }),
  });
}

export async function chat(url: string, asking: Asking): Promise<Answer> {
  const response = await post(url, asking);
  const text = await response.text();
  if (response.status !== 200) {
    const { error } = JSON.parse(text);
    return { ...NOTHING, status: response.status, error: error.message };
  }
  const chunks = text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)));
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const pieces = choices.flatMap(({ delta }) => (typeof delta.content === 'string' ? [delta.content] : []));
  return {
    status: response.status,
    text: pieces.join(''),
    pieces,
    finish: choices.at(-1)?.finish_reason ?? null,
    usage: chunks.at(-1)?.usage ?? null,
    timings: chunks.at(-1)?.timings ?? null,
    error: null,
  };
}

const NOTHING: Answer = {
  status: 0,
  text: '',
  pieces: [],
  finish: null,
  usage: null,
  timings: null,
  error: null,
};

export interface Slot {
  readonly is_processing: boolean;
  readonly next_token: { readonly n_decoded: number };
}

/** Requests that wait for their turn. */
export async function waitingAt(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^llamacpp:requests_deferred (\d+)$/m.exec(text)?.[1]);
}

export async function slotOf(url: string): Promise<Slot> {
  const response = await fetch(`${url}/slots`);
  const [slot] = JSON.parse(await response.text());
  return slot;
}

/** Asks again and again until the slot is as wanted; the test's own time limit ends the wait. */
export async function slotThat(url: string, isWanted: (slot: Slot) => boolean): Promise<Slot> {
  for (;;) {
    const slot = await slotOf(url);
    if (isWanted(slot)) return slot;
  }
}
