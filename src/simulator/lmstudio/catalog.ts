import type { Seconds, Watts } from '../../core/units.ts';

/** Power on top of idle, rail by rail. */
export interface RailPower {
  readonly cpu_W: Watts;
  readonly gpu_W: Watts;
  readonly ane_W: Watts;
}

/** A model of the lab: what a client is told about it, how fast it is, and what its work draws. */
export interface LabModel {
  readonly type: 'llm' | 'embedding';
  readonly key: string;
  readonly displayName: string;
  readonly publisher: string;
  readonly architecture: string;
  readonly format: 'gguf' | 'safetensors';
  readonly quantization: { readonly name: string; readonly bits: number };
  readonly path: string;
  readonly size_B: number;
  readonly params: string;
  readonly maxContext_tok: number;
  readonly vision: boolean;
  readonly toolUse: boolean;
  /** Null: runs here. Otherwise it runs on that machine, and its work draws nothing here. */
  readonly deviceIdentifier: string | null;
  readonly variants?: readonly string[];
  readonly load_s: Seconds;
  readonly prefillTokPerS: number;
  readonly decodeTokPerS: number;
  readonly loadPower: RailPower;
  readonly prefillPower: RailPower;
  readonly decodePower: RailPower;
  /** Length of every answer; not given: by the prompt. */
  readonly answer_tok?: number;
  /** Part of the answer that is thought before it is said. */
  readonly reasoning_tok?: number;
  /** Tool that it calls before it answers, where a request brings integrations; costs no time here. */
  readonly toolCall?: ToolCall;
}

export interface ToolCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Null: there is no such tool. */
  readonly output: string | null;
}

type Work = Pick<
  LabModel,
  'load_s' | 'prefillTokPerS' | 'decodeTokPerS' | 'loadPower' | 'prefillPower' | 'decodePower'
>;

const BASE = {
  publisher: 'lmpower-lab',
  format: 'gguf',
  vision: false,
  toolUse: false,
  deviceIdentifier: null,
} as const;

const LOAD_POWER: RailPower = { cpu_W: 7, gpu_W: 1, ane_W: 0 };

/** Decoding reads every weight once a token: speed falls with bits a weight, power hardly, so J/token rises. */
const Q4_WORK: Work = {
  load_s: 0.8,
  prefillTokPerS: 420,
  decodeTokPerS: 48,
  loadPower: LOAD_POWER,
  prefillPower: { cpu_W: 2.2, gpu_W: 19, ane_W: 0 },
  decodePower: { cpu_W: 3.4, gpu_W: 11.5, ane_W: 0 },
};

const Q8_WORK: Work = {
  load_s: 1.4,
  prefillTokPerS: 390,
  decodeTokPerS: 28,
  loadPower: LOAD_POWER,
  prefillPower: { cpu_W: 2.2, gpu_W: 19.5, ane_W: 0 },
  decodePower: { cpu_W: 3.1, gpu_W: 12.2, ane_W: 0 },
};

const F16_WORK: Work = {
  load_s: 2.6,
  prefillTokPerS: 360,
  decodeTokPerS: 15.5,
  loadPower: LOAD_POWER,
  prefillPower: { cpu_W: 2.3, gpu_W: 20.5, ane_W: 0 },
  decodePower: { cpu_W: 2.8, gpu_W: 13.1, ane_W: 0 },
};

const EMBEDDING_WORK: Work = {
  load_s: 0.2,
  prefillTokPerS: 4000,
  decodeTokPerS: 1,
  loadPower: LOAD_POWER,
  prefillPower: { cpu_W: 1.5, gpu_W: 8, ane_W: 0 },
  decodePower: { cpu_W: 0, gpu_W: 0, ane_W: 0 },
};

const REMOTE_WORK: Work = {
  load_s: 3,
  prefillTokPerS: 900,
  decodeTokPerS: 32,
  loadPower: LOAD_POWER,
  prefillPower: { cpu_W: 20, gpu_W: 300, ane_W: 0 },
  decodePower: { cpu_W: 20, gpu_W: 240, ane_W: 0 },
};

/** One 4B-like model in three quantizations, an embedding model, and a model that runs on another machine. */
export const DEFAULT_CATALOG: readonly LabModel[] = [
  simulated4B({ name: 'Q4_K_M', bits: 4 }, 2_497_280_256, Q4_WORK),
  simulated4B({ name: 'Q8_0', bits: 8 }, 4_280_404_704, Q8_WORK),
  simulated4B({ name: 'F16', bits: 16 }, 8_051_284_576, F16_WORK),
  {
    ...BASE,
    ...EMBEDDING_WORK,
    type: 'embedding',
    key: 'simulated-embedding',
    displayName: 'Simulated Embedding',
    architecture: 'simulated-bert',
    quantization: { name: 'Q8_0', bits: 8 },
    path: 'lmpower-lab/simulated-embedding-GGUF/simulated-embedding-Q8_0.gguf',
    size_B: 146_146_432,
    params: '137M',
    maxContext_tok: 2048,
  },
  {
    ...BASE,
    ...REMOTE_WORK,
    type: 'llm',
    key: 'simulated-70b-remote',
    displayName: 'Simulated 70B on another machine',
    architecture: 'simulated',
    quantization: { name: 'Q4_K_M', bits: 4 },
    path: 'lmpower-lab/simulated-70b-GGUF/simulated-70b-Q4_K_M.gguf',
    size_B: 42_520_395_584,
    params: '70B',
    maxContext_tok: 131_072,
    deviceIdentifier: 'lab-remote-1',
  },
];

function simulated4B(quantization: LabModel['quantization'], size_B: number, work: Work): LabModel {
  return {
    ...BASE,
    ...work,
    type: 'llm',
    key: `simulated-4b@${quantization.name.toLowerCase()}`,
    displayName: 'Simulated 4B',
    architecture: 'simulated',
    quantization,
    path: `lmpower-lab/simulated-4b-GGUF/simulated-4b-${quantization.name}.gguf`,
    size_B,
    params: '4B',
    maxContext_tok: 32_768,
    toolUse: true,
  };
}
