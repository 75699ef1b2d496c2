import { resolve } from 'node:path';
import { Template } from '@huggingface/jinja';
import {
  getLlama,
  type Llama,
  type LlamaContextSequence,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import type { Facts, Message, Order, Progress, Sampling, Step, Work } from './order.ts';
import { createTurns } from './turns.ts';

/** Prompt tokens between two looks at the signal; llama-server's own batch. */
const BATCH_LENGTH = 512;
/** Tokens that the repeat penalty looks back over; llama-server's default. */
const PENALTY_SPAN = 64;

export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

export interface EngineOptions {
  readonly models: readonly NamedFile[];
  readonly threads: number;
  readonly context_tok: number;
}

/** Models in memory, one sequence each, one request at a time. */
export interface Engine {
  readonly build: string;
  readonly models: readonly Facts[];
  readonly work: () => Work;
  /** One step a batch of the prompt, then one a token; ends early only by the signal or the model's own end. */
  answer(order: Order, signal: AbortSignal): AsyncGenerator<Progress | Step>;
  close(): Promise<void>;
}

/** The only binary for Apple silicon is one with Metal; all layers stay on the processor there too. */
const GPU = process.platform === 'darwin' && process.arch === 'arm64' ? 'metal' : false;

/** Never compiles, never downloads: the binary of the package or none. */
export function openLlama(): Promise<Llama> {
  return getLlama({ gpu: GPU, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.warn });
}

export async function openEngine({ context_tok, models, threads }: EngineOptions): Promise<Engine> {
  const llama = await openLlama();
  const open = new Map<string, OpenModel>();
  for (const { name, path } of models) {
    const model = await llama.loadModel({ modelPath: path, gpuLayers: 0 });
    const context = await model.createContext({
      contextSize: context_tok,
      batchSize: BATCH_LENGTH,
      sequences: 1,
      threads,
    });
    open.set(name, {
      facts: factsOf({ name, path }, model, context.contextSize),
      model,
      sequence: context.getSequence(),
    });
  }
  const turns = createTurns();
  let decoded_tok = 0;
  return {
    build: `node-llama-cpp, llama.cpp ${llama.llamaCppRelease.release}`,
    models: [...open.values()].map(({ facts }) => facts),
    work: () => ({ busy: turns.busy(), waiting: turns.waiting(), decoded_tok }),
    answer: async function* (order, signal) {
      const found = open.get(order.model);
      if (found === undefined) throw new RangeError(`no model ${order.model}`);
      const release = await turns.take(signal);
      decoded_tok = 0;
      try {
        for await (const step of answer(found, order, signal)) {
          if (step.kind === 'token') decoded_tok = step.predicted_tok;
          yield step;
        }
      } finally {
        release();
      }
    },
    close: () => llama.dispose(),
  };
}

interface OpenModel {
  readonly facts: Facts;
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
}

function factsOf({ name, path }: NamedFile, model: LlamaModel, context_tok: number): Facts {
  return {
    name,
    path: resolve(path),
    params: model.fileInsights.totalParameters,
    size_B: model.size,
    context_tok,
    trainContext_tok: model.trainContextSize,
    countPrompt: (messages) => promptTokens(model, messages).length,
  };
}

/** The chat template is the model's own; nothing of a message can become a control token. */
function promptTokens(model: LlamaModel, messages: readonly Message[]): Token[] {
  const template = model.fileInfo.metadata.tokenizer.chat_template ?? '';
  const text = new Template(template).render({ messages: [...messages], add_generation_prompt: true });
  const begin = model.tokens.bos;
  return [...(begin === null ? [] : [begin]), ...model.tokenize(text, false)];
}

async function* answer(
  { model, sequence }: OpenModel,
  order: Order,
  signal: AbortSignal,
): AsyncGenerator<Progress | Step> {
  const prompt = promptTokens(model, order.messages);
  const started_ms = performance.now();
  const cached_tok = await reuse(sequence, order.reusePrompt ? prompt : []);
  const fresh = prompt.slice(cached_tok);
  let processed_tok = 0;
  while (fresh.length - processed_tok > BATCH_LENGTH) {
    if (signal.aborted) return;
    const batch = fresh.slice(processed_tok, processed_tok + BATCH_LENGTH);
    await sequence.evaluateWithoutGeneratingNewTokens(batch);
    processed_tok += batch.length;
    const time_ms = performance.now() - started_ms;
    yield { kind: 'prompt', total_tok: prompt.length, cached_tok, processed_tok, time_ms };
  }
  if (signal.aborted) return;
  let first_ms: number | null = null;
  const said: Token[] = [];
  const sampling = samplingOf(order.sampling, () => [...prompt, ...said].slice(-PENALTY_SPAN));
  for await (const token of sequence.evaluate(fresh.slice(processed_tok), sampling)) {
    const now_ms = performance.now();
    first_ms ??= now_ms;
    const text = model.detokenize([token], false, [...prompt.slice(-1), ...said.slice(-1)]);
    said.push(token);
    yield {
      kind: 'token',
      text,
      cached_tok,
      prompt_tok: fresh.length,
      prompt_ms: first_ms - started_ms,
      predicted_tok: said.length,
      predicted_ms: now_ms - first_ms,
    };
    if (said.length >= order.limit_tok || signal.aborted) return;
  }
}

/** How much of the prompt the sequence already holds; all of the rest is forgotten. At least one token is left to do. */
async function reuse(sequence: LlamaContextSequence, prompt: readonly Token[]): Promise<number> {
  if (prompt.length === 0) await sequence.clearHistory();
  else await sequence.adaptStateToTokens(prompt.slice(0, -1), false);
  return sequence.nextTokenIndex;
}

type SamplingOptions = NonNullable<Parameters<LlamaContextSequence['evaluate']>[1]>;

function samplingOf(sampling: Sampling, recent: () => Token[]): SamplingOptions {
  const { minP, repeatPenalty, seed, temperature, topK, topP } = sampling;
  return {
    temperature,
    topK,
    topP,
    minP,
    ...(seed === null ? {} : { seed }),
    ...(repeatPenalty === 1 ? {} : { repeatPenalty: { penalty: repeatPenalty, punishTokens: recent } }),
  };
}
