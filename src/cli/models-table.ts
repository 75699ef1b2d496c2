import { fixed, significant } from '../core/number-text.ts';
import type { LifecycleResult, RunDocument, Summary, TrialResult } from '../core/result.ts';
import type { ModelFailure } from '../core/sessions.ts';
import { type Column, safeText, textTable } from './text-table.ts';

/** One model of a run of several: what it costs, or why it could not be had. */
interface ModelLine {
  readonly model: string;
  readonly summary: Summary | null;
  readonly lifecycle: LifecycleResult | null;
  readonly failure: ModelFailure | null;
  /** What is known of its answers without any meter. */
  readonly speed: Speed;
}

interface Speed {
  /** Answers. */
  readonly n: number;
  readonly tokPerS: number | null;
  readonly cpu_sPerTok: number | null;
}

const COLUMNS: readonly Column<ModelLine>[] = [
  { heading: 'model', align: 'left', expendable: 0, cell: ({ model }) => safeText(model) },
  {
    heading: 'net J/tok',
    align: 'right',
    expendable: 0,
    cell: ({ failure, summary }) =>
      failure === null ? significant(summary?.net_JPerTok.value ?? null) : 'failed',
  },
  {
    heading: 'gross J/tok',
    align: 'right',
    expendable: 2,
    cell: ({ summary }) => significant(summary?.gross_JPerTok.value ?? null),
  },
  {
    heading: 'tok/s',
    align: 'right',
    expendable: 1,
    cell: ({ speed, summary }) => fixed(summary?.tokPerS.value ?? speed.tokPerS, 1),
  },
  {
    heading: 'load J',
    align: 'right',
    expendable: 3,
    cell: ({ lifecycle }) => significant(lifecycle?.load_J.value ?? null),
  },
  {
    heading: 'resident W',
    align: 'right',
    expendable: 3,
    cell: ({ lifecycle }) => significant(lifecycle?.residency_W.value ?? null),
  },
  {
    heading: 'n',
    align: 'right',
    expendable: 2,
    cell: ({ speed, summary }) => String(summary?.n ?? speed.n),
  },
  { heading: 'grade', align: 'left', expendable: 2, cell: ({ summary }) => summary?.grade ?? '–' },
];

/** Where no meter is: what the server's processes worked, which is no energy. */
const CPU_COLUMN: Column<ModelLine> = {
  heading: 'CPU s/tok',
  align: 'right',
  expendable: 1,
  cell: ({ speed }) => significant(speed.cpu_sPerTok),
};

/**
 * The models of a run, the least J/token first, without a meter the fastest, those that failed last, each with its reason;
 * none for a run of one.
 */
export function modelLines(document: RunDocument, width: number): string[] {
  const failures = document.failures ?? [];
  const models = new Set([...document.trials, ...failures].map(({ model }) => model));
  if (models.size < 2 && failures.length === 0) return [];
  const lines = [...models].map((model) => lineOf(document, model));
  const table = textTable(
    lines.toSorted((a, b) => rankOf(a) - rankOf(b) || (b.speed.tokPerS ?? 0) - (a.speed.tokPerS ?? 0)),
    columnsFor(document),
    width,
  );
  const scopes = lines.flatMap(({ summary }) =>
    summary === null ? [] : [`${summary.domain}: ${summary.scope}`],
  );
  const reasons = failures.map(({ code, message, model }) => `${model}: ${code}: ${message}`);
  return [...table, ...[...new Set([...scopes, ...reasons])].map(safeText)];
}

function columnsFor({ headline, trials }: RunDocument): readonly Column<ModelLine>[] {
  const standsIn = headline === null && trials.some(({ serverCpu }) => serverCpu !== undefined);
  return standsIn ? [...COLUMNS, CPU_COLUMN] : COLUMNS;
}

function lineOf({ failures = [], lifecycle = [], summary, trials }: RunDocument, model: string): ModelLine {
  const own = summary.find((one) => one.model === model && one.category === 'all' && one.headline);
  return {
    model,
    summary: own ?? null,
    lifecycle: lifecycle.find((one) => one.model === model && one.headline) ?? null,
    failure: failures.find((one) => one.model === model) ?? null,
    speed: speedOf(trials.filter((trial) => trial.model === model)),
  };
}

/** Σ over Σ of the answers. Source: METHOD §1. */
function speedOf(trials: readonly TrialResult[]): Speed {
  let n = 0;
  const sum = { output_tok: 0, duration_s: 0, cpu_s: 0, cpu_tok: 0 };
  for (const { completion, serverCpu } of trials) {
    if (completion === null || completion.error !== null) continue;
    n += 1;
    const { latency, output_tok } = completion;
    if (output_tok === null) continue;
    sum.output_tok += output_tok;
    sum.duration_s += latency.duration_s;
    if (serverCpu === undefined) continue;
    sum.cpu_s += serverCpu.cpu_s;
    sum.cpu_tok += output_tok;
  }
  return { n, tokPerS: ratio(sum.output_tok, sum.duration_s), cpu_sPerTok: ratio(sum.cpu_s, sum.cpu_tok) };
}

function ratio(over: number, under: number): number | null {
  return under > 0 ? over / under : null;
}

function rankOf({ failure, summary }: ModelLine): number {
  if (failure !== null) return Number.POSITIVE_INFINITY;
  return summary?.net_JPerTok.value ?? Number.MAX_VALUE;
}
