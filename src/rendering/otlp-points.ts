import type { EnergyRow, PhaseResult, RunDocument, Summary, TrialResult } from '../core/result.ts';
import type { Seconds } from '../core/units.ts';

/** One value over a window of the run. */
export interface OtlpPoint {
  readonly instrument: OtlpInstrument;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
  readonly value: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** `unit` is UCUM; names are dotted and hold no unit. Source: OpenTelemetry's semantic conventions. */
export interface OtlpInstrument {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

const INSTRUMENTS = {
  phaseEnergy: {
    name: 'lmpower.phase.energy',
    unit: 'J',
    description: 'Energy of a domain in one phase, idle power included.',
  },
  phasePower: {
    name: 'lmpower.phase.power',
    unit: 'W',
    description: 'Mean power of a domain in one phase.',
  },
  requestEnergy: {
    name: 'lmpower.request.energy',
    unit: 'J',
    description: 'Energy of one request: gross, or net of idle power.',
  },
  requestBound: {
    name: 'lmpower.request.energy_bound',
    unit: 'J',
    description: 'Largest error of the energy of one request that the readings of the meter leave open.',
  },
  requestPerToken: {
    name: 'lmpower.request.energy_per_token',
    unit: 'J/{token}',
    description: 'Energy of one request per output token: gross, or net of idle power.',
  },
  requestRate: {
    name: 'lmpower.request.token_rate',
    unit: '{token}/s',
    description: 'Output tokens of one request per second.',
  },
  requestEfficiency: {
    name: 'lmpower.request.efficiency',
    unit: '{token}/s/W',
    description: 'Output tokens of one request per second for each watt.',
  },
  runPerToken: {
    name: 'lmpower.run.energy_per_token',
    unit: 'J/{token}',
    description: 'Energy per output token over all trials of a group: gross, or net of idle power.',
  },
  runRate: {
    name: 'lmpower.run.token_rate',
    unit: '{token}/s',
    description: 'Output tokens per second of request over all trials of a group.',
  },
  runEfficiency: {
    name: 'lmpower.run.efficiency',
    unit: '{token}/s/W',
    description: 'Output tokens per second for each watt over all trials of a group.',
  },
} as const satisfies Record<string, OtlpInstrument>;

/** A value that may be missing. */
interface Figure extends Omit<OtlpPoint, 'value'> {
  readonly value: number | null;
}

/**
 * The figures of a run as points over the windows that they are of. What is not known has no point. All are gauges: each
 * is the value of one window, and windows of several domains or phases overlap, so that no sum of them means anything.
 */
export function* otlpPoints(document: RunDocument): Generator<OtlpPoint> {
  for (const { value, ...rest } of figuresOf(document))
    if (value !== null && Number.isFinite(value)) yield { ...rest, value };
}

function* figuresOf(document: RunDocument): Generator<Figure> {
  const { imported } = document.environment;
  const ofRun = {
    'lmpower.run.id': document.run.id,
    ...(document.simulated === true ? { 'lmpower.simulated': true } : {}),
    ...(imported === undefined ? {} : { 'lmpower.imported': imported.program }),
  };
  const scopes = new Map(document.domains.map(({ id, scope }) => [id, scope]));
  const ofDomain = (domain: string): Attributes => ({
    'lmpower.domain': domain,
    'lmpower.scope': scopes.get(domain) ?? '',
  });
  for (const phase of document.phases) {
    const model = phase.model === undefined ? {} : { [MODEL]: phase.model };
    yield* phaseFigures(phase, (domain) => ({ ...ofRun, ...model, ...ofDomain(domain) }));
  }
  for (const trial of document.trials) {
    const attributes = { ...ofRun, ...trialAttributes(trial) };
    for (const phase of trial.phases)
      yield* phaseFigures(phase, (domain) => ({ ...attributes, ...ofDomain(domain) }));
    for (const row of trial.energy)
      yield* rowFigures(trial, row, { ...attributes, ...ofDomain(row.domain), [GRADE]: row.grade });
  }
  for (const row of document.summary) {
    const attributes = { ...ofRun, ...summaryAttributes(row), ...ofDomain(row.domain) };
    yield* summaryFigures(row, { start_s: 0, end_s: document.run.duration_s, attributes });
  }
}

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** The name that OpenTelemetry's conventions for generative models have for it. */
const MODEL = 'gen_ai.request.model';
const GRADE = 'lmpower.grade';
const BASIS = 'lmpower.energy.basis';

function trialAttributes(trial: TrialResult): Attributes {
  return {
    [MODEL]: trial.model,
    'lmpower.workload': trial.workload,
    'lmpower.prompt.id': trial.promptId,
    'lmpower.prompt.category': trial.category,
    'lmpower.trial': trial.index,
    'lmpower.repetition': trial.repetition,
  };
}

function summaryAttributes(row: Summary): Attributes {
  return {
    [MODEL]: row.model,
    'lmpower.workload': row.workload,
    'lmpower.prompt.category': row.category,
    'lmpower.headline': row.headline,
    'lmpower.trials': row.n,
    [GRADE]: row.grade,
  };
}

function* phaseFigures(phase: PhaseResult, attributesOf: (domain: string) => Attributes): Generator<Figure> {
  const { end_s, kind, start_s } = phase;
  for (const { domain, gross_J, meanPower_W } of phase.energy) {
    const window = { start_s, end_s, attributes: { ...attributesOf(domain), 'lmpower.phase': kind } };
    yield { ...window, instrument: INSTRUMENTS.phaseEnergy, value: gross_J };
    yield { ...window, instrument: INSTRUMENTS.phasePower, value: meanPower_W };
  }
}

function* rowFigures(trial: TrialResult, row: EnergyRow, attributes: Attributes): Generator<Figure> {
  const { completion } = trial;
  if (completion === null) return;
  const window = {
    start_s: completion.requested_s,
    end_s: completion.ended_s,
    attributes: { ...attributes, 'lmpower.phase': 'inference' },
  };
  yield* bothBases({ ...window, instrument: INSTRUMENTS.requestEnergy }, row.gross_J, row.net_J);
  yield* bothBases(
    { ...window, instrument: INSTRUMENTS.requestPerToken },
    row.gross_JPerTok,
    row.net_JPerTok,
  );
  yield { ...window, instrument: INSTRUMENTS.requestBound, value: row.uncertainty.bound_J };
  yield { ...window, instrument: INSTRUMENTS.requestRate, value: row.tokPerS };
  yield { ...window, instrument: INSTRUMENTS.requestEfficiency, value: row.tokPerSPerW };
}

function* summaryFigures(
  { gross_JPerTok, net_JPerTok, tokPerS, tokPerSPerW }: Summary,
  window: Pick<Figure, 'start_s' | 'end_s' | 'attributes'>,
): Generator<Figure> {
  const perToken = { ...window, instrument: INSTRUMENTS.runPerToken };
  yield* bothBases(perToken, gross_JPerTok.value, net_JPerTok.value);
  yield { ...window, instrument: INSTRUMENTS.runRate, value: tokPerS.value };
  yield { ...window, instrument: INSTRUMENTS.runEfficiency, value: tokPerSPerW.value };
}

function* bothBases(
  figure: Omit<Figure, 'value'>,
  gross: number | null,
  net: number | null,
): Generator<Figure> {
  yield { ...figure, attributes: { ...figure.attributes, [BASIS]: 'gross' }, value: gross };
  yield { ...figure, attributes: { ...figure.attributes, [BASIS]: 'net' }, value: net };
}
