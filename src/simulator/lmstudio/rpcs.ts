import type { LabModel } from './catalog.ts';
import { messagesOf } from './chat.ts';
import { embed } from './embedding.ts';
import type { JsonRecord } from './json.ts';
import { booleanAt, recordAt, textAt } from './json.ts';
import type { LabServer } from './lab.ts';
import { pathNotFound } from './refusal.ts';
import { contextOf_tok, effectiveLoad, fieldsOf, PREDICTION_DEFAULTS, settingsOfStack } from './settings.ts';
import { instanceShape, modelList } from './shapes.ts';
import { instanceFor, resolveSpecifier } from './specifier.ts';
import { applyTemplate, tokensOf } from './tokens.ts';

/** Answer of a call; undefined for one that returns nothing. May refuse. */
export type Rpc = (lab: LabServer, parameter: JsonRecord) => unknown;
export type RpcTable = Readonly<Record<string, Rpc>>;

const LAB_BUILD = 1;

export const SYSTEM_RPCS: RpcTable = {
  version: (lab) => ({ version: lab.version, build: LAB_BUILD }),
  info: (lab) => ({ pid: process.pid, isDaemon: true, version: lab.version }),
  listDownloadedModels: (lab) => modelList(lab.engine.catalog, lab.faults),
  listDownloadedModelVariants: (lab, parameter) => variantsOf(lab, textAt(parameter, 'modelKey') ?? ''),
  notify: () => undefined,
  getExperimentFlags: () => [],
};

export const LLM_RPCS: RpcTable = {
  ...modelRpcs('llm'),
  applyPromptTemplate: (lab, parameter) => {
    instanceFor(lab.engine, recordAt(parameter, 'specifier'), 'llm');
    return { formatted: applyTemplate(messagesOf(recordAt(parameter, 'history'))) };
  },
  preloadDraftModel: (lab, parameter) => {
    lab.engine.find(textAt(parameter, 'draftModelKey') ?? '');
  },
};

export const EMBEDDING_RPCS: RpcTable = {
  ...modelRpcs('embedding'),
  embedString: async (lab, parameter) => {
    const instance = instanceFor(lab.engine, recordAt(parameter, 'modelSpecifier'), 'embedding');
    return { embedding: await embed(lab.engine.machine, instance, textAt(parameter, 'inputString') ?? '') };
  },
};

function modelRpcs(domain: LabModel['type']): RpcTable {
  const find: (lab: LabServer, parameter: JsonRecord) => ReturnType<typeof instanceFor> = (lab, parameter) =>
    instanceFor(lab.engine, recordAt(parameter, 'specifier'), domain);
  return {
    listLoaded: (lab) =>
      lab.engine
        .loaded()
        .filter(({ origin }) => origin.model.type === domain)
        .map((instance) => instanceShape(instance, lab.faults)),
    getModelInfo: (lab, parameter) => {
      const found = resolveSpecifier(lab.engine, recordAt(parameter, 'specifier'), domain);
      if ('instance' in found) return instanceShape(found.instance, lab.faults);
      if (booleanAt(parameter, 'throwIfNotFound') === true) throw found.missing;
      return undefined;
    },
    getLoadConfig: (lab, parameter) => fieldsOf(find(lab, parameter).origin.settings),
    getBasePredictionConfig: (lab, parameter) => {
      find(lab, parameter);
      return fieldsOf(PREDICTION_DEFAULTS);
    },
    getInstanceProcessingState: (lab, parameter) => {
      const { status, queued } = find(lab, parameter);
      return { status, queued };
    },
    unloadModel: (lab, parameter) => lab.engine.unload(textAt(parameter, 'identifier') ?? ''),
    estimateModelUsage: (lab, parameter) => estimateMemory(lab, parameter),
    tokenize: (lab, parameter) => {
      find(lab, parameter);
      return { tokens: tokensOf(textAt(parameter, 'inputString') ?? '') };
    },
    countTokens: (lab, parameter) => {
      find(lab, parameter);
      return { tokenCount: tokensOf(textAt(parameter, 'inputString') ?? '').length };
    },
  };
}

/** Downloaded models that differ from `key` in their quantization only. */
function variantsOf(lab: LabServer, key: string): JsonRecord[] {
  const [base] = key.split('@');
  const models = lab.engine.catalog.filter((model) => model.key.split('@')[0] === base);
  if (models.length === 0) throw pathNotFound(key, []);
  return modelList(models, { ...lab.faults, unknownModelType: false });
}

/** Bytes a token of context takes in the cache of a 4B model: 2 · layers · width · 2 B, about 0.13 MB. */
const CONTEXT_B_PER_TOK = 131_072;

function estimateMemory(lab: LabServer, parameter: JsonRecord): JsonRecord {
  const model = lab.engine.find(textAt(parameter, 'modelKey') ?? '');
  const settings = effectiveLoad(model, settingsOfStack(recordAt(parameter, 'loadConfigStack')), {});
  const context_B = contextOf_tok(model, settings) * CONTEXT_B_PER_TOK;
  return {
    memory: {
      confidence: 'high',
      modelVramBytes: model.size_B,
      contextVramBytes: context_B,
      totalVramBytes: model.size_B + context_B,
      modelBytes: model.size_B,
      contextBytes: context_B,
      totalBytes: model.size_B + context_B,
    },
    passesGuardrails: true,
  };
}
