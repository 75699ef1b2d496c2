import type { Clock } from '../../src/core/clock.ts';
import { startLlamaServerStandIn } from '../../src/simulator/llama-server/server.ts';
import type { LabModel } from '../../src/simulator/lmstudio/catalog.ts';
import type { LmStudioFaults } from '../../src/simulator/lmstudio/faults.ts';
import type { ReceivedRequest, ServedAnswer } from '../../src/simulator/lmstudio/lab.ts';
import { startLmStudioStandIn } from '../../src/simulator/lmstudio/server.ts';
import { startOllamaStandIn } from '../../src/simulator/ollama/server.ts';
import { type OpenAiKind, startOpenAiStandIn } from '../../src/simulator/openai/server.ts';
import { PowerSteps } from '../../src/simulator/power-step.ts';
import type { StandIn, StandInOptions } from '../../src/simulator/serving/stand-in.ts';
import { FAST_MODELS } from './lmstudio-lab.ts';

export interface ContractLab {
  readonly url: string;
  readonly faults: LmStudioFaults;
  readonly requests: readonly ReceivedRequest[];
  readonly answers: readonly ServedAnswer[];
  loaded(): string[];
  evict(identifier: string): void;
  /** The server's process ends; connections are cut. */
  die(): Promise<void>;
  /** It runs again at the same address. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export interface ContractOptions {
  readonly models?: readonly LabModel[];
  readonly loadedAtStart?: readonly string[];
  readonly token?: string;
  readonly clock?: Clock;
  readonly faults?: Partial<LmStudioFaults>;
}

/** What the contract test has to know of a backend: its stand-in, and what its server tells. */
export interface ContractServer {
  start(options?: ContractOptions): Promise<ContractLab>;
  /** How the probe calls what is not this server. */
  readonly name: string;
  readonly version: string | null;
  /** Names of the calls that list and that answer. */
  readonly listing: string;
  readonly chat: string;
  /** The first model, loaded from the start, by the backend's own key. */
  readonly key: string;
  readonly keys: readonly string[];
  /** Facts of the first model that the server gives. */
  readonly facts: object;
  readonly remedyWithoutModel: string;
  readonly tells: {
    readonly window: boolean;
    readonly cached_tok: number | null;
    readonly perDelta: boolean;
    readonly reasoning: boolean;
    readonly busy: boolean;
    readonly statistics: string;
    /** Where the count of a broken answer comes from. */
    readonly partial: 'sdk' | 'server' | 'chunks';
  };
  /** Wire names of temperature, top-p, top-k, min-p, repeat penalty and seed that it cannot apply. */
  readonly unsupported: readonly string[];
  readonly malformedToken: string;
}

const FIRST = FAST_MODELS[0];
const KEY = FIRST?.key ?? '';
const tagged = (key: string): string => (key.includes('@') ? key.replace('@', ':') : `${key}:latest`);

const LMSTUDIO_FACTS = {
  type: 'llm',
  key: KEY,
  quantization: FIRST?.quantization.name,
  bitsPerWeight: FIRST?.quantization.bits,
  size_B: FIRST?.size_B,
  loaded: [KEY],
};

const LMSTUDIO = {
  start: startLmStudio,
  name: 'LM Studio',
  version: '0.4.25',
  key: KEY,
  keys: FAST_MODELS.map(({ key }) => key),
  facts: LMSTUDIO_FACTS,
  remedyWithoutModel: '--model',
  malformedToken: 'sk-lm-short',
} as const;

/** By backend id; a backend without an entry here fails the contract test. */
export const CONTRACT_SERVERS: Readonly<Record<string, ContractServer>> = {
  lmstudio: {
    ...LMSTUDIO,
    listing: 'listDownloadedModels',
    chat: 'predict',
    tells: {
      window: true,
      cached_tok: 0,
      perDelta: true,
      reasoning: true,
      busy: true,
      statistics: 'predictedTokensCount',
      partial: 'sdk',
    },
    unsupported: [],
  },
  'lmstudio-rest': {
    ...LMSTUDIO,
    listing: '/api/v1/models',
    chat: '/api/v1/chat',
    tells: {
      window: true,
      cached_tok: null,
      perDelta: false,
      reasoning: true,
      busy: false,
      statistics: 'total_output_tokens',
      partial: 'chunks',
    },
    unsupported: ['seed'],
  },
  'llama-server': {
    start: (options) => startServing(startLlamaServerStandIn, options),
    name: 'llama-server',
    version: 'b9931',
    listing: '/v1/models',
    chat: '/v1/chat/completions',
    key: KEY,
    keys: [KEY],
    facts: { key: KEY, format: 'gguf', params: '4.0B', size_B: FIRST?.size_B, loaded: [KEY] },
    remedyWithoutModel: 'wait until',
    tells: {
      window: true,
      cached_tok: 0,
      perDelta: true,
      reasoning: true,
      busy: true,
      statistics: 'timings',
      partial: 'server',
    },
    unsupported: [],
    malformedToken: 'two words',
  },
  ollama: {
    start: (options) => startServing(startOllamaStandIn, options),
    name: 'Ollama',
    version: '0.13.5',
    listing: '/api/tags',
    chat: '/api/chat',
    key: tagged(KEY),
    keys: FAST_MODELS.map(({ key }) => tagged(key)),
    facts: {
      type: 'llm',
      key: tagged(KEY),
      quantization: FIRST?.quantization.name,
      size_B: FIRST?.size_B,
      maxContext_tok: FIRST?.maxContext_tok,
      loaded: [tagged(KEY)],
    },
    remedyWithoutModel: '--model',
    tells: {
      window: true,
      cached_tok: null,
      perDelta: false,
      reasoning: false,
      busy: false,
      statistics: 'eval_duration',
      partial: 'chunks',
    },
    unsupported: [],
    malformedToken: 'two words',
  },
  openai: {
    start: (options) => startServing(openAiOf('vllm'), options),
    name: 'OpenAI-compatible',
    version: null,
    listing: '/v1/models',
    chat: '/v1/chat/completions',
    key: KEY,
    keys: [KEY],
    facts: { key: KEY, loaded: [KEY] },
    remedyWithoutModel: '--model',
    tells: {
      window: false,
      cached_tok: 0,
      perDelta: false,
      reasoning: false,
      busy: true,
      statistics: 'usage',
      partial: 'chunks',
    },
    unsupported: [],
    malformedToken: 'two words',
  },
};

export function openAiOf(kind: OpenAiKind): (options: StandInOptions) => Promise<StandIn> {
  return (options) => startOpenAiStandIn({ ...options, kind });
}

/** A stand-in at a test's pace, its first model in memory. */
export function startServing(
  start: (options: StandInOptions) => Promise<StandIn>,
  options: ContractOptions = {},
): Promise<StandIn> {
  return start({ steps: new PowerSteps(), models: FAST_MODELS, loadedAtStart: [KEY], ...options });
}

async function startLmStudio(options: ContractOptions = {}): Promise<ContractLab> {
  const start = (port: number): ReturnType<typeof startLmStudioStandIn> =>
    startLmStudioStandIn({
      steps: new PowerSteps(),
      models: FAST_MODELS,
      loadedAtStart: [KEY],
      ...options,
      port,
    });
  let lab = await start(0);
  const { port, url } = lab;
  return {
    url,
    get faults() {
      return lab.faults;
    },
    get requests() {
      return lab.requests;
    },
    get answers() {
      return lab.answers;
    },
    loaded: () => lab.loaded(),
    evict: (identifier) => lab.evict(identifier),
    die: () => lab.close(),
    comeBack: async () => {
      lab = await start(port);
    },
    close: () => lab.close(),
  };
}
