import { DEFAULT_CATALOG, type LabModel } from './catalog.ts';

/** The model of the default catalog as another engine has it, and a small one that drafts for it. */
const MORE_MODELS: readonly LabModel[] = DEFAULT_CATALOG.slice(0, 1).flatMap((model) => [
  {
    ...model,
    key: 'simulated-4b-mlx@4bit',
    displayName: 'Simulated 4B MLX',
    format: 'safetensors',
    quantization: { name: '4bit', bits: 4 },
    path: 'lmpower-lab/simulated-4b-MLX-4bit',
    size_B: 2_263_022_592,
    load_s: 0.6,
    prefillTokPerS: 470,
    decodeTokPerS: 55,
    prefillPower: { cpu_W: 1.1, gpu_W: 20.5, ane_W: 0 },
    decodePower: { cpu_W: 1.6, gpu_W: 12.4, ane_W: 0 },
  },
  {
    ...model,
    key: 'simulated-0.3b-draft@q8_0',
    displayName: 'Simulated 0.3B Draft',
    quantization: { name: 'Q8_0', bits: 8 },
    path: 'lmpower-lab/simulated-0.3b-draft-GGUF/simulated-0.3b-draft-Q8_0.gguf',
    size_B: 321_912_832,
    params: '0.3B',
    load_s: 0.3,
    prefillTokPerS: 4200,
    decodeTokPerS: 420,
    prefillPower: { cpu_W: 2.2, gpu_W: 12, ane_W: 0 },
    decodePower: { cpu_W: 3, gpu_W: 7, ane_W: 0 },
  },
]);

/** What the experiments need beside the default catalog's three quantizations: MLX, and a model that drafts. */
export const EXPERIMENT_CATALOG: readonly LabModel[] = [...DEFAULT_CATALOG, ...MORE_MODELS];
