import type { Estimate, RunDocument, Summary } from '../core/result.ts';

type Labels = readonly (readonly [name: string, value: string])[];

interface Family {
  readonly name: string;
  /** Ends the name, as the format asks; empty: a plain number. */
  readonly unit: string;
  readonly help: string;
  readonly samples: (row: Summary) => readonly FamilySample[];
}

interface FamilySample {
  readonly value: number | null;
  readonly labels?: Labels;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'lmpower_net_energy_joules_per_token',
    unit: 'joules_per_token',
    help: 'Energy above idle per output token.',
    samples: ({ net_JPerTok }) => [net_JPerTok],
  },
  {
    name: 'lmpower_net_energy_interval_joules_per_token',
    unit: 'joules_per_token',
    help: 'Edges of the 95 % interval of net energy per output token, between trials.',
    samples: ({ net_JPerTok }) => edges(net_JPerTok),
  },
  {
    name: 'lmpower_gross_energy_joules_per_token',
    unit: 'joules_per_token',
    help: 'Energy per output token, idle power included.',
    samples: ({ gross_JPerTok }) => [gross_JPerTok],
  },
  {
    name: 'lmpower_gross_energy_interval_joules_per_token',
    unit: 'joules_per_token',
    help: 'Edges of the 95 % interval of gross energy per output token, between trials.',
    samples: ({ gross_JPerTok }) => edges(gross_JPerTok),
  },
  {
    name: 'lmpower_output_tokens_per_second',
    unit: 'tokens_per_second',
    help: 'Output tokens per second of request.',
    samples: ({ tokPerS }) => [tokPerS],
  },
  {
    name: 'lmpower_efficiency_tokens_per_second_per_watt',
    unit: 'tokens_per_second_per_watt',
    help: 'Output tokens per second for each watt.',
    samples: ({ tokPerSPerW }) => [tokPerSPerW],
  },
  {
    name: 'lmpower_energy_bound_joules',
    unit: 'joules',
    help: 'Largest error of the energy that the readings of the meter leave open.',
    samples: ({ bound_J }) => [{ value: bound_J }],
  },
  {
    name: 'lmpower_trials',
    unit: '',
    help: 'Trials that the figures are from.',
    samples: ({ n }) => [{ value: n }],
  },
];

/**
 * Summaries of a run as OpenMetrics text, one line each. What is not known has no sample.
 * Source: OpenMetrics 1.0, prometheus.io/docs/specs/om/open_metrics_spec.
 */
export function* openMetrics(document: RunDocument): Generator<string> {
  yield* runFamily(document);
  for (const family of FAMILIES) {
    const samples = document.summary.flatMap((row) =>
      family.samples(row).flatMap(({ value, labels = [] }) => {
        if (value === null || !Number.isFinite(value)) return [];
        return [`${family.name}${labelText([...rowLabels(document, row), ...labels])} ${value}\n`];
      }),
    );
    if (samples.length > 0) yield* [...heading(family, 'gauge'), ...samples];
  }
  yield '# EOF\n';
}

/** What the figures were measured on and by; joined to them by `run`. */
function* runFamily({ environment, run, simulated, tool }: RunDocument): Generator<string> {
  const labels: Labels = [
    ['run', run.id],
    ['started_at', run.startedAt],
    ['state', run.state],
    ['machine', environment.machine ?? ''],
    ['chip', environment.chip ?? ''],
    ['version', tool.version],
    ['method', String(tool.methodVersion)],
    ['simulated', String(simulated === true)],
  ];
  yield* heading({ name: 'lmpower_run', unit: '', help: 'The run that the figures are from.' }, 'info');
  yield `lmpower_run_info${labelText(labels)} 1\n`;
}

function heading({ name, unit, help }: Omit<Family, 'samples'>, type: 'gauge' | 'info'): string[] {
  return [
    `# TYPE ${name} ${type}\n`,
    ...(unit === '' ? [] : [`# UNIT ${name} ${unit}\n`]),
    `# HELP ${name} ${escaped(help)}\n`,
  ];
}

/** A simulated figure says so itself, and so does one of another program: a dashboard shows no heading. */
function rowLabels({ environment, run, simulated }: RunDocument, row: Summary): Labels {
  const { imported } = environment;
  return [
    ['run', run.id],
    ['model', row.model],
    ['workload', row.workload],
    ['category', row.category],
    ['domain', row.domain],
    ['scope', row.scope],
    ['grade', row.grade],
    ['headline', String(row.headline)],
    ...(simulated === true ? ([['simulated', 'true']] as const) : []),
    ...(imported === undefined ? [] : ([['imported', imported.program]] as const)),
  ];
}

function edges({ ci95 }: Estimate): FamilySample[] {
  if (ci95 === null) return [];
  const [low, high] = ci95;
  return [
    { value: low, labels: [['edge', 'low']] },
    { value: high, labels: [['edge', 'high']] },
  ];
}

function labelText(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
}

/** Escapes of the format; other control characters, which would reach a terminal, become U+FFFD. */
function escaped(text: string): string {
  const inert = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return inert.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd').replace(/\p{Cs}/gu, '\ufffd');
}
