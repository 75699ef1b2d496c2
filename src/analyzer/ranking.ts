import { quantile } from 'simple-statistics';
import { grouped } from '../core/grouped.ts';
import { memoryTaken } from '../core/memory-taken.ts';
import { familyOf } from '../core/model-family.ts';
import { parameterCount } from '../core/parameter-count.ts';
import { quantizationInName, quantizationOf } from '../core/quantization.ts';
import type { PreviousResult, Ranked, RankMetric } from '../core/ranking.ts';
import { recordedSetting } from '../core/recorded-setting.ts';
import type { RunDocument, Summary, TrialResult } from '../core/result.ts';
import { B_PER_GB } from '../core/units.ts';
import { ratio } from './latency.ts';
import { sumOf } from './ratio-interval.ts';
import { tokenCounts } from './token-counts.ts';

const PER_BILLION = 1e9;

interface Metric {
  readonly of: (ranked: Ranked) => number | null;
  readonly best: 'least' | 'most';
  /** Whether a change from the one to the other says something; without it, always. */
  readonly isAlike?: (a: Ranked, b: Ranked) => boolean;
}

/** Of each metric, the figure and which end of it is good. */
export const METRICS: Readonly<Record<RankMetric, Metric>> = {
  'net-j-per-token': { of: ({ net_JPerTok }) => aboveZero(net_JPerTok?.value), best: 'least' },
  'gross-j-per-token': { of: ({ gross_JPerTok }) => aboveZero(gross_JPerTok?.value), best: 'least' },
  'tps-per-watt': { of: ({ tokPerSPerW }) => tokPerSPerW?.value ?? null, best: 'most' },
  speed: { of: ({ tokPerS }) => tokPerS, best: 'most' },
  ttft: { of: ({ ttft_s }) => ttft_s, best: 'least' },
  memory: {
    of: ({ memory_B }) => memory_B,
    best: 'least',
    isAlike: (a, b) => a.memoryOf === b.memoryOf,
  },
  edp: { of: ({ edp_Js }) => edp_Js, best: 'least' },
  'cpu-s-per-token': { of: ({ cpu_sPerTok }) => cpu_sPerTok, best: 'least' },
};

/** A net at or below 0 says that it drowned in the noise of the idle power, not that its model is the most frugal. */
function aboveZero(value: number | null | undefined): number | null {
  return value !== undefined && value !== null && value > 0 ? value : null;
}

/**
 * All configurations of these runs, the best first, those without the figure last. Pure. `earlier`: further runs that
 * may hold the previous result of a configuration; they are not ranked themselves.
 */
export function ranking(
  documents: readonly RunDocument[],
  metric: RankMetric,
  earlier: readonly RunDocument[] = [],
): Ranked[] {
  const all = documents.flatMap(configurationsOf);
  const known = [...all, ...earlier.flatMap(configurationsOf)];
  const { best, of } = METRICS[metric];
  const cost = ({ ranked }: Entry): number => {
    const value = of(ranked);
    return value === null ? Number.POSITIVE_INFINITY : best === 'least' ? value : -value;
  };
  const firsts = new Set<string>();
  return [...all]
    .sort((a, b) => compareCosts(cost(a), cost(b)))
    .map((entry) => {
      const { domain, family, machine, workload } = entry.ranked;
      const group = JSON.stringify([family, workload, machine, domain]);
      const isBest = !firsts.has(group) && cost(entry) !== Number.POSITIVE_INFINITY;
      if (isBest) firsts.add(group);
      return { ...entry.ranked, bestOfFamily: isBest, previous: previousOf(entry, known, METRICS[metric]) };
    });
}

/** `key`: equal where the same was asked of the same, read the same way. */
interface Entry {
  readonly ranked: Ranked;
  readonly key: string;
}

function compareCosts(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function previousOf(
  { key, ranked }: Entry,
  known: readonly Entry[],
  { isAlike = () => true, of }: Metric,
): PreviousResult | null {
  const before = known
    .filter((other) => other.key === key && other.ranked.startedAt < ranked.startedAt)
    .reduce<Ranked | null>(
      (newest, other) =>
        newest === null || other.ranked.startedAt > newest.startedAt ? other.ranked : newest,
      null,
    );
  if (before === null) return null;
  const quotient = isAlike(ranked, before) ? ratio(of(ranked), of(before)) : null;
  return { run: before.run, startedAt: before.startedAt, change: quotient === null ? null : quotient - 1 };
}

/** One for each model and workload of a run that was asked something. */
function configurationsOf(document: RunDocument): Entry[] {
  const groups = grouped(document.trials, ({ model, workload }) => JSON.stringify([model, workload]));
  return [...groups.values()].flatMap((trials) => {
    const ranked = rankedOf(document, trials);
    return ranked === null ? [] : [{ ranked, key: keyOf(document, ranked) }];
  });
}

function keyOf({ plan, simulated }: RunDocument, ranked: Ranked): string {
  const { domain, machine, model, scope, workload } = ranked;
  const arm = plan.arms?.find(({ name }) => name === model);
  const settings = [plan.inference, plan.load, arm?.inference, arm?.load];
  const asked = [workload, plan.workload.version, plan.workload.sha256, plan.backend];
  return JSON.stringify([model, asked, settings, machine, domain, scope, simulated === true]);
}

function rankedOf(document: RunDocument, trials: readonly TrialResult[]): Ranked | null {
  const [first] = trials;
  if (first === undefined) return null;
  const { model, workload } = first;
  const summary = document.summary.find(
    (one) => one.headline && one.category === 'all' && one.model === model && one.workload === workload,
  );
  const answers = trials.flatMap((trial) => answerOf(trial, document.headline) ?? []);
  const tokPerS = ratio(
    sumOf(answers.map((one) => one.output_tok)),
    sumOf(answers.map((one) => one.duration_s)),
  );
  const size_B = numberSetting(document, model, 'size_B');
  const taken = memoryTaken(document, trials);
  const parameters = parameterCount(textSetting(document, model, 'params'));
  const key = modelKey(document, model);
  return {
    run: document.run.id,
    startedAt: document.run.startedAt,
    model,
    family: familyOf(key),
    quantization:
      (quantizationOf(textSetting(document, model, 'quantization')) ?? quantizationInName(key))?.label ??
      null,
    workload,
    machine: document.environment.machine ?? document.environment.chip,
    ...energiesOf(summary),
    n: answers.length,
    tokPerS,
    ttft_s: median(answers.flatMap(({ ttft_s }) => ttft_s ?? [])),
    size_B,
    memory_B: taken?.memory_B ?? size_B,
    memoryOf: taken?.of ?? (size_B === null ? null : 'file'),
    parameters,
    edp_Js: meanOf(
      answers.flatMap(({ gross_J, duration_s }) => (gross_J === null ? [] : gross_J * duration_s)),
    ),
    tokPerSPerGB: ratio(tokPerS, size_B === null ? null : size_B / B_PER_GB),
    tokPerSPerBillion: ratio(tokPerS, parameters === null ? null : parameters / PER_BILLION),
    cpu_sPerTok: ratio(
      sumOrNull(answers.map(({ cpu_s }) => cpu_s)),
      sumOf(answers.map((one) => one.output_tok)),
    ),
    bestOfFamily: false,
    previous: null,
  };
}

function energiesOf(
  summary: Summary | undefined,
): Pick<Ranked, 'domain' | 'scope' | 'net_JPerTok' | 'gross_JPerTok' | 'tokPerSPerW'> {
  if (summary === undefined)
    return { domain: null, scope: null, net_JPerTok: null, gross_JPerTok: null, tokPerSPerW: null };
  const { domain, gross_JPerTok, net_JPerTok, scope, tokPerSPerW } = summary;
  return { domain, scope, net_JPerTok, gross_JPerTok, tokPerSPerW };
}

interface Answer {
  readonly output_tok: number;
  readonly duration_s: number;
  readonly ttft_s: number | null;
  readonly gross_J: number | null;
  readonly cpu_s: number | null;
}

/** A block is many requests at once: its times are no answer's. */
function answerOf(
  { completion, energy, requests, serverCpu }: TrialResult,
  domain: string | null,
): Answer | null {
  if (completion === null || completion.error !== null || requests !== undefined) return null;
  const { output_tok } = tokenCounts(completion);
  if (output_tok === null || output_tok === 0) return null;
  return {
    output_tok,
    duration_s: completion.latency.duration_s,
    ttft_s: completion.latency.ttft_s,
    gross_J: energy.find((row) => row.domain === domain)?.gross_J ?? null,
    cpu_s: serverCpu?.cpu_s ?? null,
  };
}

/** An arm of an experiment has a name of its own; sizes and files belong to the model behind it. */
function modelKey({ plan }: RunDocument, model: string): string {
  return plan.arms?.find(({ name }) => name === model)?.model ?? model;
}

function numberSetting(document: RunDocument, model: string, name: string): number | null {
  const value = recordedSetting(document, model, name);
  return typeof value === 'number' ? value : null;
}

function textSetting(document: RunDocument, model: string, name: string): string | null {
  const value = recordedSetting(document, model, name);
  return typeof value === 'string' ? value : null;
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : quantile([...values], 0.5);
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : sumOf(values) / values.length;
}

/** Null as soon as one is unknown: a sum of some would be too small. */
function sumOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : sumOf(known);
}
