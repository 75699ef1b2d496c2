import { z } from 'zod';
import { CODES, type CodeId } from '../codes.ts';
import { RUN_SCHEMA_VERSION } from '../result.ts';
import { PHASE_KINDS } from '../run.ts';
import { SAMPLE_KINDS } from '../sample.ts';
import { experiment } from './experiment.ts';
import { completion, failure, plan, session, settings } from './recorded.ts';

const quantity = z.number();
const maybe = z.number().nullable();
const count = z.int().min(0);
const ratio = z.number().min(0).max(1);
const code = z.enum(Object.keys(CODES) as CodeId[]);
const grade = z
  .enum(['A', 'B', 'C', 'D'])
  .describe('By readings in the window: A ≥ 20, B ≥ 10, C ≥ 5, D fewer.');
const times = { start_s: quantity, end_s: quantity };

const baselineState = z
  .enum(['B0', 'B1', 'B2'])
  .describe('B0 server closed, B1 server open without a model, B2 model resident and idle.');

const phase = z.strictObject({
  kind: z.enum(PHASE_KINDS),
  ...times,
  state: baselineState.exactOptional(),
  model: z.string().exactOptional(),
  energy: z.array(
    z.strictObject({
      domain: z.string(),
      gross_J: maybe,
      meanPower_W: maybe,
      minPower_W: maybe,
      maxPower_W: maybe,
      publications: count,
      coverage: ratio.describe('Part of the phase that readings cover.'),
      closure: maybe.describe('This energy over that of the wider headline domain.').exactOptional(),
    }),
  ),
});

const part = z
  .strictObject({
    ...times,
    gross_J: quantity,
    net_J: maybe,
    bound_J: quantity,
    tokens: count.nullable(),
    gross_JPerTok: maybe,
    net_JPerTok: maybe,
    publications: count,
    grade,
  })
  .nullable();

const baseline = z
  .strictObject({
    state: baselineState,
    power_W: quantity,
    halfWidth_W: quantity,
    before_W: maybe,
    after_W: maybe,
    shared: z
      .array(z.strictObject({ start_s: quantity, halfWidth_W: quantity, df: quantity, share: ratio }))
      .describe('Baselines that other trials use as well.')
      .exactOptional(),
  })
  .nullable();

const energyRow = z.strictObject({
  domain: z.string(),
  scope: z.string().describe('What the domain covers; only numbers of one scope compare.'),
  kind: z.enum(SAMPLE_KINDS),
  gross_J: maybe,
  net_J: maybe.describe('Gross less idle power; may be negative within noise.'),
  prefill: part,
  decode: part,
  remainder_J: maybe,
  tail_J: maybe,
  proRated: z.strictObject({ gross_J: maybe, net_J: maybe }),
  method: z.enum(['window', 'block', 'regression', 'none']),
  baseline,
  closure: maybe,
  gross_JPerTok: maybe,
  net_JPerTok: maybe,
  tokPerS: maybe,
  tokPerSPerW: maybe.describe('Output tokens per joule of gross energy.'),
  uncertainty: z.strictObject({
    bound_J: maybe,
    limits_J: maybe
      .describe('Of gauges: largest error where power between readings may be all that the domain can draw.')
      .exactOptional(),
    baseline_J: maybe,
    systematicRatio: maybe,
  }),
  publications: count,
  coverage: ratio,
  grade,
  codes: z.array(code).describe('Why the numbers are doubtful or withheld: lmpower explain CODE.'),
});

const latency = z.strictObject({
  ttft_s: maybe,
  ttfo_s: maybe,
  queue_s: maybe,
  prefill_s: maybe,
  prefillSource: z.enum(['server', 'ttft']).nullable(),
  tpot_s: maybe,
  duration_s: quantity,
  decode_tok: maybe,
  decodeSource: z.enum(['deltas', 'output']).nullable(),
  prefillTokPerS: maybe,
  decodeTokPerS: maybe,
});

const trial = z.strictObject({
  index: count,
  model: z.string(),
  workload: z.string(),
  promptId: z.string(),
  category: z.string(),
  repetition: count,
  phases: z.array(phase),
  completion: completion.extend({ latency }).nullable(),
  energy: z.array(energyRow),
  serverCpu: z
    .strictObject({ cpu_s: quantity, cpu_sPerTok: maybe })
    .describe("Processor time of the server's processes during the request; never converted to joules.")
    .exactOptional(),
  memory: z
    .strictObject({
      server_B: maybe.describe(
        "Resident, of the server's processes; pages that several share count in each.",
      ),
      gpu_B: maybe.describe('Of all GPU boards that state it, whole: other programs included.'),
    })
    .describe('The most memory in use at a reading from the request to its end.')
    .exactOptional(),
  requests: count.describe('Of a block: requests that completion and energy are the sum of.').exactOptional(),
  truth: z
    .strictObject({ gross_J: quantity, net_J: quantity, prefill_J: maybe, decode_J: maybe })
    .describe('Closed-form energy of the simulated machine.')
    .exactOptional(),
});

const estimate = z.strictObject({
  value: maybe,
  ci95: z.tuple([z.number(), z.number()]).nullable(),
  spread: maybe,
  bootstrap95: z
    .tuple([z.number(), z.number()])
    .describe('The interval by studentised bootstrap, as a check of ci95.')
    .exactOptional(),
});

const partSummary = z.strictObject({
  method: z.enum(['window', 'block', 'regression', 'none']),
  net_JPerTok: estimate,
  n: count,
});

const parts = z.strictObject({
  prefill: partSummary,
  decode: partSummary,
  regression: z
    .strictObject({
      n: count,
      fixed_J: estimate,
      prefill_JPerTok: estimate,
      decode_JPerTok: estimate,
      context_tok: quantity.describe('The context that decode_JPerTok is quoted at.'),
      slope_JPerTok2: estimate,
      varianceInflation: quantity,
      residuals: z.array(z.strictObject({ trial: count, residual_J: quantity })),
    })
    .nullable(),
});

const lifecycle = z.strictObject({
  model: z.string().nullable(),
  domain: z.string(),
  scope: z.string(),
  headline: z.boolean(),
  n: count,
  closed_W: estimate,
  open_W: estimate,
  resident_W: estimate,
  residency_W: estimate.describe('Idle power of a resident model above that of the open server.'),
  load_s: estimate,
  load_J: estimate,
  netLoad_J: estimate,
  unload_J: estimate,
  breakEven_s: maybe.describe('Idle time after which loading anew costs less than staying resident.'),
});

const summary = z.strictObject({
  model: z.string(),
  workload: z.string(),
  category: z.string().describe("'all' is the whole workload."),
  domain: z.string(),
  scope: z.string(),
  headline: z.boolean(),
  n: count,
  output_tok: count,
  net_JPerTok: estimate,
  gross_JPerTok: estimate,
  tokPerS: estimate,
  tokPerSPerW: estimate,
  bound_J: maybe,
  parts: parts.exactOptional(),
  grade,
  codes: z.array(code),
});

const domain = z.strictObject({
  id: z.string(),
  label: z.string(),
  parent: z.string().nullable(),
  scope: z.string(),
  source: z.string(),
  kind: z.enum(SAMPLE_KINDS),
  rank: z.number(),
  quantum_J: quantity,
  rails: z.number(),
  minPower_W: quantity,
  maxPower_W: quantity,
  misalignment_s: quantity,
  averaging_s: maybe,
  systematicRatio: maybe,
});

const environment = z.strictObject({
  machine: z.string().nullable(),
  chip: z.string().nullable(),
  cores: maybe,
  memory_B: maybe,
  os: z.string(),
  osBuild: z.string().nullable(),
  node: z.string(),
  powerSource: z.enum(['ac', 'battery']).nullable(),
  lowPowerMode: z.boolean().nullable(),
  governor: z.string().nullable(),
  elevated: z.boolean(),
  backendVersion: z.string().nullable(),
  engine: z.string().nullable(),
  settings,
  imported: z
    .strictObject({ program: z.string(), file: z.string() })
    .describe('Not recorded by lmpower: whose figures these are.')
    .exactOptional(),
});

const passedOver = z
  .strictObject({ domain: z.string(), n: count, count, codes: z.array(code) })
  .describe('A wider domain than the headline, with joules in too few of the requests (or phases).');

const warning = z.strictObject({
  code,
  severity: z.enum(['info', 'doubt', 'void']),
  message: z.string(),
  remedy: z.string(),
  count,
});

/** What `run --json`, `--output`, `analyze` and `export --format json` print: `RunDocument`, key for key. */
export const runDocumentSchema = z
  .strictObject({
    schemaVersion: z.number(),
    tool: z.strictObject({ name: z.literal('lmpower'), version: z.string(), methodVersion: z.number() }),
    simulated: z.literal(true).exactOptional(),
    run: z.strictObject({
      id: z.string(),
      startedAt: z.string(),
      state: z.enum(['running', 'finished', 'interrupted', 'failed']),
      duration_s: quantity,
    }),
    environment,
    plan,
    domains: z.array(domain),
    headline: z.string().nullable(),
    passedOver: z.array(passedOver).exactOptional(),
    phases: z.array(phase),
    trials: z.array(trial),
    summary: z.array(summary),
    lifecycle: z.array(lifecycle).exactOptional(),
    failures: z.array(failure).describe('Models that could not be had.').exactOptional(),
    sessions: z.array(session).describe('Later sittings of a run that was taken up again.').exactOptional(),
    experiment: experiment.exactOptional(),
    warnings: z.array(warning),
  })
  .describe(
    `lmpower run document, version ${RUN_SCHEMA_VERSION}. Energies in J, powers in W, times in s since the run began.`,
  );

/** The same as JSON Schema (draft 2020-12), for publication. */
export function runDocumentJsonSchema(): object {
  return z.toJSONSchema(runDocumentSchema);
}
