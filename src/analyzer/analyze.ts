import { sortCodes } from '../core/codes.ts';
import {
  type EnergyRow,
  METHOD_VERSION,
  type PhaseResult,
  RUN_SCHEMA_VERSION,
  type RunDocument,
  type TrialResult,
} from '../core/result.ts';
import type { Phase, Recording } from '../core/run.ts';
import type { SampleSeries } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { blockAsOne, type MergedTrial, withBlockParts } from './blocks.ts';
import { compositeRow, withComposites } from './composite-row.ts';
import { type RowContext, type RunContext, rowContext } from './context.ts';
import { energyReaders } from './energy-reader.ts';
import { experimentOf } from './experiment.ts';
import { type Answer, type Headline, headlineOf, WHOLE_MACHINE_RANK } from './headline.ts';
import { latencyOf, ratio } from './latency.ts';
import { lifecycleOf } from './lifecycle.ts';
import { withOutliers } from './outliers.ts';
import { phaseResult } from './phases.ts';
import { publicPlan } from './public-plan.ts';
import { serverCpuOf } from './server-cpu.ts';
import { summaries } from './summary.ts';
import { timelinesOf } from './timelines.ts';
import { trialRow } from './trial-row.ts';
import { warningsOf } from './warnings.ts';

/** Every number of a run from its recording alone. Pure: the same recording gives the same bytes of JSON. */
export function analyze(recorded: Recording): RunDocument {
  const recording = { ...recorded, trials: recorded.trials.map(blockAsOne) };
  const prepared = rowContext(recording);
  const measured = recording.trials.map((trial) => ({ trial, rows: rowsOf(prepared, trial) }));
  const context: RunContext = { ...prepared, ...headlineOfRun(prepared, measured) };
  const { run } = recording;
  const headline = context.headline?.domain.id ?? null;
  const phases = recording.phases.map((phase) => phaseOf(context, phase));
  const trials = withOutliers(withBlockParts(measured.map((one) => trialResult(context, one))));
  const summary = summaries(trials, { headline, plan: run.plan });
  const lifecycle = lifecycleOf(context);
  const document: RunDocument = {
    schemaVersion: RUN_SCHEMA_VERSION,
    tool: { name: 'lmpower', version: run.toolVersion, methodVersion: METHOD_VERSION },
    ...(run.simulated ? { simulated: true as const } : {}),
    run: { id: run.id, startedAt: run.startedAt, state: run.state, duration_s: duration_s(recording) },
    environment: run.environment,
    plan: publicPlan(run.plan),
    domains: [...recording.domains, ...context.composites.map(({ domain }) => domain)],
    headline,
    ...(context.passedOver.length === 0 ? {} : { passedOver: context.passedOver }),
    phases,
    trials,
    summary,
    ...(lifecycle === null ? {} : { lifecycle }),
    ...(recording.failures === undefined ? {} : { failures: recording.failures }),
    ...(recording.sessions === undefined ? {} : { sessions: recording.sessions }),
    warnings: warningsOf(context, { phases, trials, summary }),
  };
  const experiment = experimentOf(document);
  return experiment === null ? document : { ...document, experiment };
}

/** The same recording with every sample at its true place, one sample per publication: what timelines are drawn from. */
export function aligned(recording: Recording): Recording {
  const series = timelinesOf(recording).map(
    ({ domain, start_s, end_s, energy_J, startPower_W, endPower_W }): SampleSeries => ({
      domain: domain.id,
      kind: domain.kind,
      start_s,
      end_s,
      energy_J,
      startPower_W,
      endPower_W,
    }),
  );
  return { ...recording, series };
}

interface MeasuredTrial {
  readonly trial: MergedTrial;
  readonly rows: readonly EnergyRow[];
}

/** Of all that was read, then of its sums. */
function rowsOf(context: RowContext, trial: MergedTrial): EnergyRow[] {
  const own = context.timelines.map((timeline) => trialRow(context, trial, timeline));
  const sums = context.composites.map((composite) => compositeRow(context, composite, { trial, rows: own }));
  return [...own, ...sums.filter((row) => row !== null)];
}

/** Decided by the requests; without any by the phases. */
function headlineOfRun(context: RowContext, measured: readonly MeasuredTrial[]): Headline {
  // Of equally wide ones a sum that holds the GPU boards says more than a platform counter without them.
  const candidates = [...context.composites, ...context.timelines];
  const requests: (readonly Answer[])[] = measured.map(({ rows }) => rows);
  return headlineOf(candidates, requests.length > 0 ? requests : phaseAnswers(context));
}

function phaseAnswers(context: RowContext): Answer[][] {
  const readers = energyReaders(context);
  return context.recording.phases.map((phase) =>
    readers.map(({ domain, energy_J }) => ({ domain: domain.id, gross_J: energy_J(phase) })),
  );
}

function trialResult(context: RunContext, { trial, rows }: MeasuredTrial): TrialResult {
  const completion = trial.completions.at(-1);
  const serverCpu = completion === undefined ? null : serverCpuOf(context.recording.observations, completion);
  const memory = completion === undefined ? null : context.memoryOf(completion);
  const headline = context.headline?.domain;
  const widest_J = rows.find((row) => row.domain === headline?.id)?.gross_J ?? null;
  const isPartial = completion !== undefined && (headline?.rank ?? 0) < WHOLE_MACHINE_RANK;
  return {
    index: trial.index,
    model: trial.model,
    workload: trial.workload,
    promptId: trial.promptId,
    category: trial.category,
    repetition: trial.repetition,
    phases: trial.phases.map((phase) => phaseOf(context, phase)),
    completion: completion === undefined ? null : { ...completion, latency: latencyOf(completion) },
    energy: rows.map((row) =>
      row.domain === headline?.id
        ? { ...row, codes: isPartial ? sortCodes([...row.codes, 'DOMAIN_PARTIAL']) : row.codes }
        : { ...row, closure: ratio(row.gross_J, widest_J) },
    ),
    ...(serverCpu === null ? {} : { serverCpu }),
    ...(memory === null ? {} : { memory }),
    ...(trial.requests === undefined ? {} : { requests: trial.requests }),
    ...(trial.truth === null ? {} : { truth: trial.truth }),
  };
}

function phaseOf(context: RunContext, phase: Phase): PhaseResult {
  return withComposites(context, phaseResult(phase, context.timelines, context.starts));
}

/** The latest instant that anything was recorded at. */
function duration_s(recording: Recording): Seconds {
  const ends = [
    ...recording.phases.map((phase) => phase.end_s),
    ...recording.trials.flatMap((trial) => [
      ...trial.phases.map((phase) => phase.end_s),
      ...trial.completions.map((completion) => completion.ended_s),
    ]),
    ...recording.marks.map((mark) => mark.monotonic_s),
  ];
  return ends.reduce((latest_s, end_s) => Math.max(latest_s, end_s), 0);
}
