import type { CodeId } from '../../src/core/codes.ts';
import {
  METHOD_VERSION,
  RUN_SCHEMA_VERSION,
  type RunDocument,
  type TrialResult,
} from '../../src/core/result.ts';
import type { Environment, Plan } from '../../src/core/run.ts';
import type { Domain } from '../../src/core/sample.ts';
import { completionOf, domainOf, environmentOf, planOf } from './recording.ts';

/** One answered trial of a run document: what it used a token, when, and of which prompt. */
export interface ComparedTrial {
  readonly model: string;
  readonly net_JPerTok: number | null;
  readonly at_s: number;
  readonly promptId?: string;
  readonly repetition?: number;
  readonly meanPower_W?: number;
  readonly baselineState?: 'B1' | 'B2';
  readonly codes?: readonly CodeId[];
  /** Of a block. */
  readonly requests?: number;
}

export interface ComparedRun {
  readonly id?: string;
  readonly plan?: Partial<Plan>;
  readonly environment?: Partial<Environment>;
  readonly domain?: Partial<Domain>;
  readonly methodVersion?: number;
  readonly simulated?: true;
}

const OUTPUT_TOK = 100;
const IDLE_W = 2;

/** A run document of these trials, all of 100 tokens in ten seconds, in one domain. */
export function comparedRun(trials: readonly ComparedTrial[], run: ComparedRun = {}): RunDocument {
  const domain = domainOf(run.domain);
  return {
    schemaVersion: RUN_SCHEMA_VERSION,
    tool: { name: 'lmpower', version: '0.0.0-test', methodVersion: run.methodVersion ?? METHOD_VERSION },
    ...(run.simulated === undefined ? {} : { simulated: run.simulated }),
    run: {
      id: run.id ?? 'run-a',
      startedAt: '2026-01-01T00:00:00.000Z',
      state: 'finished',
      duration_s: 1000,
    },
    environment: environmentOf(run.environment),
    plan: planOf(run.plan),
    domains: [domain],
    headline: domain.id,
    phases: [],
    trials: trials.map((trial, index) => trialResult(trial, { index, domain })),
    summary: [],
    warnings: [],
  };
}

function trialResult(
  trial: ComparedTrial,
  { index, domain }: { readonly index: number; readonly domain: Domain },
): TrialResult {
  const span = { requested_s: trial.at_s - 5, ended_s: trial.at_s + 5 };
  const net_J = trial.net_JPerTok === null ? null : trial.net_JPerTok * OUTPUT_TOK;
  const gross_J = net_J === null ? null : net_J + IDLE_W * 10;
  const meanPower_W = trial.meanPower_W ?? (gross_J === null ? null : gross_J / 10);
  const state = trial.baselineState ?? 'B2';
  return {
    index,
    model: trial.model,
    workload: 'classic-v1',
    promptId: trial.promptId ?? 'p1',
    category: 'short',
    repetition: trial.repetition ?? index,
    ...(trial.requests === undefined ? {} : { requests: trial.requests }),
    phases: [
      {
        kind: 'inference',
        start_s: span.requested_s,
        end_s: span.ended_s,
        energy: [
          {
            domain: domain.id,
            gross_J,
            meanPower_W,
            minPower_W: null,
            maxPower_W: null,
            publications: 20,
            coverage: 1,
          },
        ],
      },
    ],
    completion: {
      ...completionOf(span, { output_tok: OUTPUT_TOK, promptId: trial.promptId ?? 'p1' }),
      latency: {
        ttft_s: null,
        ttfo_s: null,
        queue_s: null,
        prefill_s: null,
        prefillSource: null,
        tpot_s: null,
        duration_s: 10,
        decode_tok: null,
        decodeSource: null,
        prefillTokPerS: null,
        decodeTokPerS: null,
      },
    },
    energy: [
      {
        domain: domain.id,
        scope: domain.scope,
        kind: domain.kind,
        gross_J,
        net_J,
        prefill: null,
        decode: null,
        remainder_J: null,
        tail_J: null,
        proRated: { gross_J, net_J },
        method: 'none',
        baseline: { state, power_W: IDLE_W, halfWidth_W: 0, before_W: IDLE_W, after_W: IDLE_W },
        closure: 1,
        gross_JPerTok: gross_J === null ? null : gross_J / OUTPUT_TOK,
        net_JPerTok: trial.net_JPerTok,
        tokPerS: 10,
        tokPerSPerW: gross_J === null ? null : OUTPUT_TOK / gross_J,
        uncertainty: { bound_J: 1, baseline_J: 0.1, systematicRatio: null },
        publications: 20,
        coverage: 1,
        grade: 'A',
        codes: trial.codes ?? [],
      },
    ],
  };
}

/** A B B A …: `pairs` trials of each model of prompt p1; `value` gives J/token by model and place in time. */
export function abba(
  pairs: number,
  value: (model: 'a' | 'b', place: number) => number | null,
): ComparedTrial[] {
  return Array.from({ length: pairs }, (_, repetition) => {
    const models = repetition % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const);
    return models.map((model, second): ComparedTrial => {
      const place = 2 * repetition + second;
      return { model, net_JPerTok: value(model, place), at_s: 30 * place + 10, repetition };
    });
  }).flat();
}
