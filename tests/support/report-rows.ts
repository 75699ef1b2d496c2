import type { ReportRows } from '../../reports/report.ts';
import { analyze } from '../../src/analyzer/analyze.ts';
import { reportRows } from '../../src/cli/report-rows.ts';
import type { Completion, Phase, Recording, Trial } from '../../src/core/run.ts';
import type { Observation } from '../../src/core/sample.ts';
import { edgesBetween, meanSeries, stepsThrough } from './power-course.ts';
import { domainOf, environmentOf, planOf, recordingOf, runRecordOf } from './recording.ts';
import { seededRandom } from './seeded-random.ts';

/** A model as the report sees it: how fast it is and what it draws. */
export interface SampleModel {
  readonly key: string;
  readonly tokPerS: number;
  readonly decode_W: number;
  readonly prefill_W: number;
}

export const SAMPLE_MODELS: readonly SampleModel[] = [
  { key: 'qwen3-4b@q4_k_m', tokPerS: 62, decode_W: 18, prefill_W: 34 },
  { key: 'qwen3-4b@q8_0', tokPerS: 41, decode_W: 19, prefill_W: 35 },
  { key: 'gemma-3-12b@q4_k_m', tokPerS: 24, decode_W: 24, prefill_W: 38 },
  { key: 'llama-3.1-8b-instruct@q4_k_m', tokPerS: 36, decode_W: 21, prefill_W: 36 },
];

export interface SampleRun {
  readonly models: readonly SampleModel[];
  readonly repetitions: number;
  readonly seed: number;
  readonly simulated: boolean;
  readonly startedAt: string;
  readonly id: string;
}

const DEFAULT_RUN: SampleRun = {
  models: SAMPLE_MODELS,
  repetitions: 4,
  seed: 7,
  simulated: false,
  startedAt: '2026-03-01T09:30:00.000Z',
  id: '019a1c40-7a11-7000-8000-000000000001',
};

const PROMPTS = [
  { id: 'capital', category: 'short', text: 'Name a capital.', input_tok: 700, output_tok: 160 },
  { id: 'explain', category: 'medium', text: 'Explain tides.', input_tok: 1400, output_tok: 320 },
  { id: 'essay', category: 'long', text: 'Write an essay.', input_tok: 2600, output_tok: 640 },
] as const;

const INTERVAL_S = 0.25;
const PREFILL_TOK_PER_S = 500;

type Step = readonly [at_s: number, cpu_W: number, gpu_W: number];

/** A finished run of several models on a machine with a CPU, a GPU and their sum; a reading every 250 ms. */
export function sampleRecording(given: Partial<SampleRun> = {}): Recording {
  const run = { ...DEFAULT_RUN, ...given };
  const random = seededRandom(run.seed);
  const steps: Step[] = [[0, 1, 3]];
  const phases: Phase[] = [];
  const trials: Trial[] = [];
  let now_s = 1;
  for (const model of run.models) {
    phases.push({ kind: 'load', start_s: now_s, end_s: now_s + 4 });
    steps.push([now_s, 9, 4], [now_s + 4, 1, 3]);
    now_s += 5;
    for (let i = 0; i < run.repetitions * PROMPTS.length; i++) {
      const prompt = PROMPTS[i % PROMPTS.length] ?? PROMPTS[0];
      const requested_s = now_s + 8;
      const drift = 1 + 0.02 * random.normal();
      const first_s = requested_s + prompt.input_tok / PREFILL_TOK_PER_S;
      const ended_s = first_s + prompt.output_tok / model.tokPerS;
      steps.push(
        [requested_s, 3, model.prefill_W * drift],
        [first_s, 5, model.decode_W * drift],
        [ended_s, 1, 3],
      );
      trials.push({
        index: trials.length,
        model: model.key,
        workload: 'classic-v1',
        promptId: prompt.id,
        category: prompt.category,
        repetition: Math.floor(i / PROMPTS.length),
        phases: [
          { kind: 'baseline', start_s: now_s, end_s: requested_s },
          { kind: 'inference', start_s: requested_s, end_s: ended_s },
          { kind: 'cooldown', start_s: ended_s, end_s: ended_s + 3 },
        ],
        completions: [completionOf(prompt, { requested_s, first_s, ended_s })],
        truth: null,
      });
      now_s = ended_s + 3;
    }
  }
  phases.push({ kind: 'baseline', start_s: now_s, end_s: now_s + 8 });
  const end_s = now_s + 12;
  return recordingOf({
    run: runRecordOf({
      id: run.id,
      startedAt: run.startedAt,
      simulated: run.simulated,
      plan: planOf({
        models: run.models.map(({ key }) => key),
        trials: run.repetitions,
        interval_ms: INTERVAL_S * 1000,
        workload: {
          ...planOf().workload,
          prompts: PROMPTS.map(({ id, category, text, output_tok }) => ({
            id,
            category,
            text,
            maxOutput_tok: output_tok,
          })),
        },
      }),
      environment: environmentOf(),
    }),
    domains: [
      domainOf({ id: 'cpu', label: 'CPU', rank: 0, parent: 'soc', scope: 'CPU estimate' }),
      domainOf({ id: 'gpu', label: 'GPU', rank: 0, parent: 'soc', scope: 'GPU estimate' }),
      domainOf({}),
    ],
    series: seriesOf(steps, end_s, () => random.between(-0.02, 0.02)),
    phases,
    trials,
    observations: observationsUntil(end_s),
  });
}

function completionOf(
  prompt: (typeof PROMPTS)[number],
  times: { readonly requested_s: number; readonly first_s: number; readonly ended_s: number },
): Completion {
  const { requested_s, first_s, ended_s } = times;
  const count = prompt.output_tok;
  return {
    promptId: prompt.id,
    requested_s,
    promptStart_s: requested_s,
    promptEnd_s: first_s,
    tokens: Array.from({ length: count }, (_, i) => ({
      arrival_s: first_s + ((ended_s - first_s) * i) / (count - 1),
      count_tok: 1,
      sort: 'content',
    })),
    firstToken_s: first_s,
    lastToken_s: ended_s,
    ended_s,
    input_tok: prompt.input_tok,
    cached_tok: 0,
    output_tok: count,
    reasoning_tok: 0,
    draft_tok: null,
    accepted_tok: null,
    tokenSource: 'server',
    stopReason: 'eos',
    text: 'words',
    serverStatistics: {},
    error: null,
  };
}

function seriesOf(steps: readonly Step[], end_s: number, jitter: () => number): Recording['series'] {
  const edges_s = edgesBetween({ from_s: 0.2, to_s: end_s - 1 }, INTERVAL_S, jitter);
  const course = (power_W: (step: Step) => number) =>
    stepsThrough(
      steps.map((step) => [step[0], power_W(step)]),
      end_s,
    );
  return [
    meanSeries(
      course(([, cpu_W]) => cpu_W),
      { domain: 'cpu', edges_s },
    ),
    meanSeries(
      course(([, , gpu_W]) => gpu_W),
      { domain: 'gpu', edges_s },
    ),
    meanSeries(
      course(([, cpu_W, gpu_W]) => cpu_W + gpu_W),
      { domain: 'soc', edges_s },
    ),
  ];
}

function observationsUntil(end_s: number): Observation[] {
  return Array.from({ length: Math.floor(end_s) }, (_, at_s) => ({
    source: 'meter',
    name: 'thermal_pressure',
    at_s,
    value: at_s > 0.7 * end_s && at_s < 0.75 * end_s ? 'Moderate' : 'Nominal',
  }));
}

/** What a page of these recordings is drawn from. */
export function rowsOf(...recordings: readonly Recording[]): ReportRows {
  return reportRows(recordings.map(analyze), recordings[0]);
}
