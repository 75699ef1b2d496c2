/** Experiments and comparisons as the run document holds them. */
import { z } from 'zod';
import { COMPARISON_NOTES } from '../comparison.ts';

const maybe = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).nullable();

const comparedArm = z.strictObject({
  run: z.string(),
  model: z.string(),
  n: z.number(),
  left_out: z.number(),
  value_JPerTok: maybe,
  meanPower_W: maybe,
});

const comparison = z.strictObject({
  basis: z.enum(['net', 'gross']),
  domain: z.string(),
  scope: z.string(),
  threshold_ratio: z.number(),
  design: z.enum(['interleaved', 'grouped', 'separate']),
  reference: comparedArm,
  candidate: comparedArm,
  change: maybe.describe('Candidate over reference in J/token, less 1.'),
  ci95: interval,
  ci90: interval,
  drift: maybe,
  spread: maybe,
  df: z.number(),
  trueChange: z.number().describe('Of the true energies, where the lab took part.').exactOptional(),
  signedRank: z
    .strictObject({ n: z.number(), statistic: z.number(), p: z.number(), isExact: z.boolean() })
    .nullable(),
  verdict: z.enum(['better', 'worse', 'no significant change', 'inconclusive']),
  notes: z.array(z.strictObject({ id: z.enum(COMPARISON_NOTES), message: z.string() })),
});

export const experiment = z
  .strictObject({
    id: z.string(),
    arms: z.array(
      z.strictObject({
        name: z.string(),
        net_JPerTok: maybe,
        true_JPerTok: z.number().describe('Of the simulated machine.').exactOptional(),
        tokPerS: maybe,
        acceptedRatio: maybe.describe('Draft tokens accepted over proposed.'),
        cachedRatio: maybe.describe('Prompt tokens from the cache over all of them.'),
        n: z.number(),
      }),
    ),
    comparisons: z.array(comparison),
  })
  .describe('The sides of an experiment, each compared with the first.');
