/** The parts of the run document that are printed as they were recorded. */
import { z } from 'zod';
import { inference, load } from './model-settings.ts';

export { settings } from './model-settings.ts';

const quantity = z.number();
const maybe = z.number().nullable();
const word = z.string().nullable();
const delta = z.strictObject({
  arrival_s: quantity,
  count_tok: maybe,
  sort: z.enum(['content', 'reasoning', 'tool']),
});

export const completion = z.strictObject({
  promptId: z.string(),
  requested_s: quantity,
  promptStart_s: maybe,
  promptEnd_s: maybe,
  tokens: z.array(delta),
  firstToken_s: maybe,
  lastToken_s: maybe,
  ended_s: quantity,
  input_tok: maybe,
  cached_tok: maybe,
  output_tok: maybe,
  reasoning_tok: maybe,
  draft_tok: maybe,
  accepted_tok: maybe,
  tokenSource: z.enum(['server', 'sdk', 'tokenizer', 'chunks']).nullable(),
  stopReason: z.enum([
    'eos',
    'stop',
    'length',
    'cancelled',
    'tool',
    'context',
    'unloaded',
    'failed',
    'unknown',
  ]),
  text: z.string(),
  serverStatistics: z.record(z.string(), z.unknown()).describe("The server's own figures, verbatim."),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

const workload = z.strictObject({
  id: z.string(),
  version: z.number(),
  title: z.string(),
  identity: z.enum(['text', 'lexicon', 'tokens']),
  nonce: z.boolean(),
  system: word,
  prompts: z.array(
    z.strictObject({
      id: z.string(),
      category: z.string(),
      text: z.string(),
      maxOutput_tok: quantity,
      generate: z
        .strictObject({ input_tok: quantity, output_tok: quantity })
        .describe('Words are drawn anew for each request, so many tokens of them.')
        .exactOptional(),
      block_s: quantity
        .describe('Requests are sent back to back for at least so long, as one trial.')
        .exactOptional(),
    }),
  ),
  kind: z.literal('idle').describe('No requests: idle power, load and unload.').exactOptional(),
  sha256: z.string(),
});

const arm = z
  .strictObject({
    name: z.string(),
    model: z.string(),
    load,
    inference,
    warmCache: z.literal(true).exactOptional(),
  })
  .describe('One side of an experiment; its trials are filed under its name.');

export const plan = z.strictObject({
  backend: z.string(),
  url: word,
  models: z.array(z.string()),
  workload,
  samplers: z.array(z.string()),
  interval_ms: quantity,
  baseline_s: quantity,
  baselineMax_s: quantity,
  cooldown_s: quantity,
  trials: z.number(),
  order: z
    .enum(['grouped', 'interleaved', 'shuffled'])
    .describe('grouped: one model after the other; interleaved: by turns; shuffled: drawn by orderSeed.')
    .exactOptional(),
  orderSeed: z.number().exactOptional(),
  warmup: z.boolean(),
  residency: z
    .literal(true)
    .describe('Idle power was also measured before each load and beside the model.')
    .exactOptional(),
  experiment: z.string().exactOptional(),
  arms: z.array(arm).exactOptional(),
  identities: z
    .array(
      z.strictObject({
        key: z.string(),
        digest: word,
        size_B: maybe,
        format: word,
        quantization: word,
        instance: word,
      }),
    )
    .exactOptional(),
  sources: z.array(z.strictObject({ id: z.string(), domains: z.array(z.string()) })).exactOptional(),
  known: z
    .array(z.strictObject({ index: z.number(), run: z.string(), trial: z.number() }))
    .describe('Trials that were not run because the result was known, and where it is.')
    .exactOptional(),
  baselineStrategy: z
    .enum(['fresh', 'cached', 'validated'])
    .describe('fresh: one baseline for each trial; cached, validated: shared between trials.')
    .exactOptional(),
  baselineTtl_s: quantity.exactOptional(),
  until: z
    .strictObject({ ciRatio: quantity, leastTrials: quantity, mostTrials: quantity, most_s: quantity })
    .describe('Trials were repeated until the 95 % half-width was at most ciRatio of net J/token.')
    .exactOptional(),
  closedServer: z.literal(true).exactOptional(),
  inference,
  load,
});

export const failure = z.strictObject({
  model: z.string(),
  code: z.string(),
  message: z.string(),
  at_s: quantity,
});

export const session = z.strictObject({
  startedAt: z.string(),
  origin_s: quantity,
  start_s: quantity,
  toolVersion: z.string(),
});
