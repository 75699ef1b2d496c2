/** Settings of a model as they were asked for, and as they were in force. */
import { z } from 'zod';
import { KV_CACHE_TYPES } from '../model-settings.ts';

const maybe = z.number().nullable();
const given = maybe.exactOptional();
const switched = z.boolean().nullable().exactOptional();
const cacheType = z.enum(KV_CACHE_TYPES).nullable().exactOptional();
const settingValue = z.union([z.string(), z.number(), z.boolean()]).nullable();

export const settings = z.array(
  z.strictObject({
    name: z.string(),
    requested: settingValue,
    effective: settingValue,
    source: z.enum(['server', 'default', 'file', 'unknown']),
  }),
);

export const inference = z.strictObject({
  temperature: maybe,
  topP: maybe,
  topK: maybe,
  minP: maybe,
  repeatPenalty: maybe,
  seed: maybe,
  maxOutput_tok: maybe,
  stop: z.array(z.string()).nullable().exactOptional(),
  ignoreEos: switched,
  cachePrompt: switched,
  draftModel: z.string().nullable().exactOptional(),
});

export const load = z.strictObject({
  context_tok: maybe,
  gpuOffload: z.union([z.number(), z.enum(['max', 'off'])]).nullable(),
  flashAttention: z.boolean().nullable(),
  parallel: maybe,
  gpuLayers: given,
  batch_tok: given,
  physicalBatch_tok: given,
  threads: given,
  ropeBase: given,
  ropeScale: given,
  mmap: switched,
  mlock: switched,
  kCacheType: cacheType,
  vCacheType: cacheType,
  unifiedKvCache: switched,
});
