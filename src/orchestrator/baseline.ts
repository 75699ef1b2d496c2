import type { BaselineState, Phase } from '../core/run.ts';
import type { Domain, DomainId } from '../core/sample.ts';
import type { Seconds, Watts } from '../core/units.ts';
import { S_PER_MS } from '../core/units.ts';
import { stallLimit_s } from '../recording/silence-watch.ts';
import { isLongEnough, spotCheck_s } from './baseline-length.ts';
import { announce, type PhaseOwner, waitUntil } from './phases.ts';
import type { RunContext, RunRecorder } from './run-context.ts';

/** Looking at the meter more often than this would itself cost energy. */
const SHORTEST_LOOK_s = 0.25;

/** An idle phase and what was read in it. */
export interface WatchedIdle {
  readonly phase: Phase;
  readonly powers_W: readonly Watts[];
}

/** Whether the server is up and a model in memory. */
export interface IdleState {
  readonly state: BaselineState;
  /** Key of the resident model where the phase is no trial's. */
  readonly model?: string;
}

const RESIDENT: IdleState = { state: 'B2' };

/**
 * Idle for at least `plan.baseline_s`; then on while readings are too uneven for what the warm-up drew, at most to
 * `plan.baselineMax_s`. `warmup_W` null: the minimum. Interrupted: the phase as far as it came.
 */
export async function baseline(
  context: RunContext,
  owner: PhaseOwner,
  warmup_W: Watts | null,
): Promise<Phase> {
  return (await watchedBaseline(context, owner, { ...RESIDENT, warmup_W })).phase;
}

/** The same with its state said, and with its readings. */
export async function watchedBaseline(
  context: RunContext,
  owner: PhaseOwner,
  { warmup_W, ...state }: IdleState & { readonly warmup_W: Watts | null },
): Promise<WatchedIdle> {
  const { clock, plan } = context;
  announce(context, owner, { phase: 'baseline', planned_s: plan.baseline_s });
  const start_s = clock.now_s();
  const readings = new LiveReadings(context.recorder, start_s + plan.interval_ms * S_PER_MS);
  const least_s = start_s + plan.baseline_s;
  let whole = await readings.watch(context, least_s);
  let end_s = least_s;
  while (whole && end_s < start_s + plan.baselineMax_s && !isLongEnough(readings.powers_W, warmup_W)) {
    end_s = Math.min(end_s + extension_s(context), start_s + plan.baselineMax_s);
    context.progress({ kind: 'extended', phase: 'baseline', planned_s: end_s - start_s });
    whole = await readings.watch(context, end_s);
  }
  const phase: Phase = { kind: 'baseline', start_s, end_s: whole ? end_s : clock.now_s(), ...state };
  return { phase, powers_W: readings.powers_W };
}

/** A short look at idle power. Interrupted: the phase as far as it came. */
export async function spotCheck(context: RunContext, owner: PhaseOwner): Promise<WatchedIdle> {
  const { clock, plan } = context;
  const planned_s = spotCheck_s(plan);
  announce(context, owner, { phase: 'idle', planned_s });
  const start_s = clock.now_s();
  const readings = new LiveReadings(context.recorder, start_s + plan.interval_ms * S_PER_MS);
  const whole = await readings.watch(context, start_s + planned_s);
  const end_s = whole ? start_s + planned_s : clock.now_s();
  return { phase: { kind: 'idle', start_s, end_s }, powers_W: readings.powers_W };
}

/** Ten readings, which change the verdict; at least a quarter of the minimum, so that progress does not flicker. */
function extension_s({ plan }: RunContext): Seconds {
  return Math.max(10 * plan.interval_ms * S_PER_MS, plan.baseline_s / 4);
}

/**
 * The widest domain that is being read: one that was announced and says nothing (a battery that was plugged in, a meter that
 * died) cannot tell how long to wait. Null where nothing is metered.
 */
export function headlineDomain(
  recorder: Pick<RunRecorder, 'domains' | 'latest'>,
  interval_ms: number,
): Domain | null {
  const newest = new Map(recorder.latest().map(({ domain, at_s }) => [domain, at_s]));
  const since_s = Math.max(...newest.values()) - stallLimit_s(interval_ms);
  return recorder
    .domains()
    .filter(({ id }) => (newest.get(id) ?? Number.NaN) >= since_s)
    .reduce<Domain | null>(
      (widest, next) => (widest === null || next.rank > widest.rank ? next : widest),
      null,
    );
}

/** Powers of the headline domain as they arrive, each reading once, those up to `since_s` left out. */
class LiveReadings {
  private read: { readonly domain: DomainId | null; readonly powers_W: Watts[] } = {
    domain: null,
    powers_W: [],
  };
  private readonly recorder: RunRecorder;
  private last_s: Seconds;

  constructor(recorder: RunRecorder, since_s: Seconds) {
    this.recorder = recorder;
    this.last_s = since_s;
  }

  get powers_W(): readonly Watts[] {
    return this.read.powers_W;
  }

  /** Looks until `until_s`; false when interrupted. */
  async watch(context: RunContext, until_s: Seconds): Promise<boolean> {
    const look_s = Math.max(SHORTEST_LOOK_s, context.plan.interval_ms * S_PER_MS);
    while (context.clock.now_s() < until_s) {
      const next_s = Math.min(until_s, context.clock.now_s() + look_s);
      if (!(await waitUntil(context, next_s))) return false;
      this.look(context.plan.interval_ms);
    }
    return true;
  }

  private look(interval_ms: number): void {
    const id = headlineDomain(this.recorder, interval_ms)?.id ?? null;
    // Another's readings are no continuation.
    if (id !== this.read.domain) this.read = { domain: id, powers_W: [] };
    const newest = this.recorder.latest().find(({ domain }) => domain === id);
    if (newest === undefined || newest.at_s <= this.last_s) return;
    this.last_s = newest.at_s;
    this.read.powers_W.push(newest.power_W);
  }
}
