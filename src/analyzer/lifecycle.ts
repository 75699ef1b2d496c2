import type { Estimate, LifecycleResult } from '../core/result.ts';
import type { Phase } from '../core/run.ts';
import type { Session } from '../core/sessions.ts';
import type { Joules, Seconds } from '../core/units.ts';
import type { IdlePower } from './baseline.ts';
import type { RunContext } from './context.ts';
import { type EnergyReader, energyReaders } from './energy-reader.ts';
import { sumOf } from './ratio-interval.ts';
import { studentT } from './student-t.ts';

/** From so many repetitions on, their own spread gives the interval. */
const REPETITIONS_LEAST = 3;
const RATIO_95 = 0.975;
const UNKNOWN: Estimate = { value: null, ci95: null, spread: null };

/** Idle power by state, load, residency, unload and break-even; null unless states were measured. Source: METHOD §4. */
export function lifecycleOf(context: RunContext): LifecycleResult[] | null {
  const { phases, run } = context.recording;
  const ordered = phases.toSorted((a, b) => a.start_s - b.start_s);
  const isIdle = run.plan.workload.kind === 'idle';
  if (!isIdle && !ordered.some(({ state }) => state === 'B0' || state === 'B1')) return null;
  const loads = wholeLoads(ordered, context.recording.sessions ?? []);
  const loaded = new Set(loads.map(({ load }) => load.model ?? null));
  const models = loaded.size > 0 ? [...loaded] : [null];
  return models.flatMap((model) =>
    energyReaders(context).map((reader) => resultOf(context, reader, { model, loads, phases: ordered })),
  );
}

/** A load after which its model was resident, and until when: the next load, or the end of the sitting. */
interface WholeLoad {
  readonly load: Phase;
  readonly resident: Phase;
  readonly until_s: Seconds;
}

interface Course {
  readonly model: string | null;
  /** Of all models. */
  readonly loads: readonly WholeLoad[];
  readonly phases: readonly Phase[];
}

/** One that failed or was interrupted is not what loading costs. */
function wholeLoads(ordered: readonly Phase[], sessions: readonly Session[]): WholeLoad[] {
  const loads = ordered.filter(({ kind }) => kind === 'load');
  const starts_s = [...loads, ...sessions].map(({ start_s }) => start_s);
  return loads.flatMap((load): WholeLoad[] => {
    const until_s = Math.min(...starts_s.filter((start_s) => start_s > load.start_s));
    const resident = ordered.find(
      ({ kind, start_s, state }) =>
        kind === 'baseline' && state === 'B2' && start_s >= load.end_s && start_s < until_s,
    );
    return resident === undefined ? [] : [{ load, resident, until_s }];
  });
}

/** A value and, where its own error is known, the half-width of its 95 % interval. */
interface Value {
  readonly value: number;
  readonly halfWidth: number;
}

function resultOf(context: RunContext, reader: EnergyReader, course: Course): LifecycleResult {
  const cycles = course.loads
    .filter(({ load }) => (load.model ?? null) === course.model)
    .map((load) => cycleOf(reader, load, course.phases));
  const residency_W = estimated(cycles.flatMap((cycle) => cycle.residency ?? []));
  const netLoad_J = estimated(cycles.flatMap((cycle) => cycle.netLoad ?? []));
  const idle_W = (state: Phase['state']): Estimate =>
    estimated(statePowers(reader, course, state).map(inexact));
  return {
    model: course.model,
    domain: reader.domain.id,
    scope: reader.domain.scope,
    headline: reader.domain.id === context.headline?.domain.id,
    n: cycles.length,
    closed_W: idle_W('B0'),
    open_W: idle_W('B1'),
    resident_W: idle_W('B2'),
    residency_W,
    load_s: estimated(cycles.map(({ load }) => exact(load.end_s - load.start_s))),
    load_J: estimated(cycles.flatMap((cycle) => (cycle.load_J === null ? [] : exact(cycle.load_J)))),
    netLoad_J,
    unload_J: estimated(unloads(reader, course)),
    breakEven_s: breakEven_s(netLoad_J, residency_W),
  };
}

/** B2 belongs to the model that is resident; the other states to all. */
function statePowers(reader: EnergyReader, { model, phases }: Course, state: Phase['state']): IdlePower[] {
  return phases
    .filter((phase) => phase.kind === 'baseline' && phase.state === state)
    .filter((phase) => state !== 'B2' || model === null || phase.model === model)
    .flatMap((phase) => reader.idle(phase) ?? []);
}

interface Cycle {
  readonly load: Phase;
  readonly load_J: Joules | null;
  readonly netLoad: Value | null;
  readonly residency: Value | null;
}

/** One load, idle before it and resident after it; idle again after the unload, where it was measured. */
function cycleOf(reader: EnergyReader, whole: WholeLoad, phases: readonly Phase[]): Cycle {
  const { load, until_s } = whole;
  const idle = (phase: Phase | undefined): IdlePower | null =>
    phase === undefined ? null : reader.idle(phase);
  const isOpen = ({ kind, state }: Phase): boolean => kind === 'baseline' && state === 'B1';
  const before = idle(phases.findLast((phase) => isOpen(phase) && phase.end_s <= load.start_s));
  const after = idle(
    phases.find((phase) => isOpen(phase) && phase.start_s >= load.end_s && phase.start_s < until_s),
  );
  const resident = idle(whole.resident);
  const load_J = reader.energy_J(load);
  const duration_s = load.end_s - load.start_s;
  return {
    load,
    load_J,
    netLoad:
      load_J === null || before === null
        ? null
        : { value: load_J - before.power_W * duration_s, halfWidth: before.halfWidth_W * duration_s },
    residency: before === null || resident === null ? null : difference(resident, before, after),
  };
}

/** P_B2 less the power of the open server at the same time: between before and after, else as before. */
function difference(resident: IdlePower, before: IdlePower, after: IdlePower | null): Value {
  const end = after ?? before;
  const span_s = end.middle_s - before.middle_s;
  const share = span_s > 0 ? (resident.middle_s - before.middle_s) / span_s : 0;
  return {
    value: resident.power_W - before.power_W - share * (end.power_W - before.power_W),
    halfWidth: Math.hypot(resident.halfWidth_W, (1 - share) * before.halfWidth_W, share * end.halfWidth_W),
  };
}

function unloads(reader: EnergyReader, { model, phases }: Course): Value[] {
  return phases
    .filter((phase) => phase.kind === 'unload' && (phase.model ?? null) === model)
    .map((phase) => reader.energy_J(phase))
    .flatMap((gross_J) => (gross_J === null ? [] : exact(gross_J)));
}

/** Mean; its interval from the spread of three or more, else from the errors of each where they are known. */
function estimated(values: readonly Value[]): Estimate {
  const n = values.length;
  if (n === 0) return UNKNOWN;
  const value = sumOf(values.map((one) => one.value)) / n;
  const squares = sumOf(values.map((one) => (one.value - value) ** 2));
  const spread = n < 2 ? null : Math.sqrt(squares / (n - 1));
  const own = Math.hypot(...values.map((one) => one.halfWidth)) / n;
  const half =
    spread !== null && n >= REPETITIONS_LEAST ? (studentT(RATIO_95, n - 1) * spread) / Math.sqrt(n) : own;
  return { value, ci95: Number.isFinite(half) ? [value - half, value + half] : null, spread };
}

function inexact({ halfWidth_W, power_W }: IdlePower): Value {
  return { value: power_W, halfWidth: halfWidth_W };
}

/** Of an energy or a time whose own error is no statistical one. */
function exact(value: number): Value {
  return { value, halfWidth: Number.NaN };
}

/** Null where residency may cost nothing: its interval holds 0. Source: METHOD §4. */
function breakEven_s(netLoad_J: Estimate, residency_W: Estimate): number | null {
  const { ci95, value } = residency_W;
  if (netLoad_J.value === null || value === null || ci95 === null || ci95[0] <= 0) return null;
  return netLoad_J.value / value;
}
