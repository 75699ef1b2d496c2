import type { Phase, PhaseKind } from '../../core/run.ts';
import type { Domain, Sample } from '../../core/sample.ts';
import type { ClassicReport } from '../../core/schemas/foreign.ts';
import { S_PER_MS, type Seconds, W_PER_mW, type Watts } from '../../core/units.ts';
import type { Prompt } from '../../core/workload.ts';
import { completionOf, type ForeignRun, numbered, promptOf } from './imported-run.ts';
import { utcLabel } from './utc-label.ts';

export const CLASSIC_PROGRAM = 'classic-json';

type ClassicPrompt = ClassicReport['prompts'][number];
const PHASES = ['baseline', 'inference', 'cooldown'] as const satisfies readonly PhaseKind[];

/** The scripts asked for so many tokens at most, which no report tells. */
const MOST_OUTPUT_TOK = 1_000_000;

/**
 * A report of the first LM Studio power scripts. It holds the mean power of each phase, not the readings: each phase
 * becomes one reading, misplaced by up to the time between two of the script's. So an answer has gross joules with a wide
 * bound and the lowest grade, and no net ones: of a single value nobody knows how uneven it was.
 */
export function classicRun(report: ClassicReport): ForeignRun {
  const placed = placedPrompts(report.prompts);
  const prompts = new Map(placed.map(({ prompt }) => [prompt.id, prompt]));
  const samples = placed.flatMap(({ phases, source }) => phases.flatMap((phase) => sampleOf(source, phase)));
  const model = report.model ?? 'unknown';
  const trials = placed.map(({ phases, prompt, source }) => {
    const stats = source.inference_stats;
    const { end_s, start_s } = phases[1] ?? { start_s: 0, end_s: 0 };
    const ttft_ms = stats.time_to_first_token_ms ?? null;
    const completion = completionOf({
      promptId: prompt.id,
      requested_s: start_s,
      ended_s: start_s + (stats.inference_duration_s ?? end_s - start_s),
      firstToken_s: ttft_ms === null ? null : start_s + ttft_ms * S_PER_MS,
      input_tok: stats.prompt_tokens ?? null,
      output_tok: stats.completion_tokens ?? null,
      text: source.response ?? '',
      statistics: { ...stats, power_consumption: source.power_consumption },
    });
    return { model, category: source.category, phases, completion };
  });
  return {
    program: CLASSIC_PROGRAM,
    startedAt: utcLabel(report.benchmark_id),
    backend: 'lmstudio',
    prompts: [...prompts.values()],
    trials: numbered(trials, CLASSIC_PROGRAM),
    environment: { os: 'macOS' },
    domains: samples.length === 0 ? [] : [domainOf(report.prompts)],
    samples,
    simulated: report.simulated === true,
  };
}

interface PlacedPrompt {
  readonly source: ClassicPrompt;
  readonly prompt: Prompt;
  /** Baseline, inference, cooldown. */
  readonly phases: readonly Phase[];
}

/** Phases end to end: the report has their lengths, not their times. */
function placedPrompts(sources: readonly ClassicPrompt[]): PlacedPrompt[] {
  let from_s: Seconds = 0;
  return sources.map((source) => {
    const phases = PHASES.map((kind): Phase => {
      const start_s = from_s;
      from_s += source.timing[`${kind}_duration_s`] ?? 0;
      return { kind, start_s, end_s: from_s };
    });
    return { source, phases, prompt: promptOf(source.prompt ?? '', source.category, MOST_OUTPUT_TOK) };
  });
}

function sampleOf(source: ClassicPrompt, { end_s, kind, start_s }: Phase): Sample[] {
  const own = PHASES.find((name) => name === kind);
  const power_mW = own === undefined ? null : source.power_consumption[own].avg_mw;
  if (power_mW === null || power_mW === undefined || !(end_s > start_s)) return [];
  const energy_J = power_mW * W_PER_mW * (end_s - start_s);
  return [{ domain: 'soc', kind: 'mean', start_s, end_s, energy_J }];
}

/** What the report says of the meter: its extremes, and the time between two readings. */
function domainOf(prompts: readonly ClassicPrompt[]): Domain {
  const powers = prompts.flatMap(({ power_consumption: power }) => PHASES.map((kind) => power[kind]));
  const highest_mW = Math.max(...powers.map(({ avg_mw, max_mw }) => max_mw ?? avg_mw ?? 0));
  const maxPower_W: Watts = highest_mW * W_PER_mW;
  return {
    id: 'soc',
    label: 'SoC',
    parent: null,
    scope: 'CPU+GPU+ANE estimate, no DRAM',
    source: CLASSIC_PROGRAM,
    kind: 'mean',
    rank: 1,
    quantum_J: 0,
    rails: 1,
    minPower_W: 0,
    maxPower_W,
    misalignment_s: widestReading_s(prompts),
    averaging_s: null,
    systematicRatio: null,
  };
}

function widestReading_s(prompts: readonly ClassicPrompt[]): Seconds {
  const widths = prompts.flatMap(({ power_consumption: power, timing }) =>
    PHASES.flatMap((kind) => {
      const { sample_count } = power[kind];
      const duration_s = timing[`${kind}_duration_s`] ?? 0;
      return sample_count > 0 ? [duration_s / sample_count] : [];
    }),
  );
  return widths.length === 0 ? 0 : Math.max(...widths);
}
