import type { BaselineState, Phase } from '../core/run.ts';
import type { DomainId } from '../core/sample.ts';
import type { Seconds, Watts } from '../core/units.ts';
import { S_PER_MS } from '../core/units.ts';
import type { LatestPower } from '../recording/recorder.ts';
import { stallLimit_s } from '../recording/silence-watch.ts';
import { isLongEnough, spotCheck_s } from './baseline-length.ts';
import { announce, type PhaseOwner, waitUntil } from './phases.ts';
import type { RunContext, RunRecorder } from './run-context.ts';

/** Looking at the meter more often than this would itself cost energy. */
const SHORTEST_LOOK_s = 0.25;

/** What a domain drew over some time. */
export interface DomainPower {
  readonly domain: DomainId;
  readonly power_W: Watts;
}

/** An idle phase and what was read in it. */
export interface WatchedIdle {
  readonly phase: Phase;
  /** Whose powers they are; null: nobody's, there are none. */
  readonly domain: DomainId | null;
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
 * `plan.baselineMax_s`. `warmup` null: the minimum. Interrupted: the phase as far as it came.
 */
export async function baseline(
  context: RunContext,
  owner: PhaseOwner,
  warmup: DomainPower | null,
): Promise<Phase> {
  return (await watchedBaseline(context, owner, { ...RESIDENT, warmup })).phase;
}

/** The same with its state said, and with its readings. */
export async function watchedBaseline(
  context: RunContext,
  owner: PhaseOwner,
  { warmup, ...state }: IdleState & { readonly warmup: DomainPower | null },
): Promise<WatchedIdle> {
  const { clock, plan } = context;
  announce(context, owner, { phase: 'baseline', planned_s: plan.baseline_s });
  const start_s = clock.now_s();
  const wanted = warmup?.domain ?? null;
  const readings = new LiveReadings(context.recorder, start_s + plan.interval_ms * S_PER_MS, wanted);
  const isEnough = (): boolean => isLongEnough(readings.powers_W, powerIn(warmup, readings.domain));
  const least_s = start_s + plan.baseline_s;
  let whole = await readings.watch(context, least_s);
  let end_s = least_s;
  while (whole && end_s < start_s + plan.baselineMax_s && !isEnough()) {
    end_s = Math.min(end_s + extension_s(context), start_s + plan.baselineMax_s);
    context.progress({ kind: 'extended', phase: 'baseline', planned_s: end_s - start_s });
    whole = await readings.watch(context, end_s);
  }
  const phase: Phase = { kind: 'baseline', start_s, end_s: whole ? end_s : clock.now_s(), ...state };
  return { phase, domain: readings.domain, powers_W: readings.powers_W };
}

/** What the warm-up drew in that domain; null where another was read then, with which it cannot be compared. */
export function powerIn(warmup: DomainPower | null, domain: DomainId | null): Watts | null {
  return warmup?.domain === domain ? warmup.power_W : null;
}

/** A short look at idle power, in the wanted domain if it is read. Interrupted: the phase as far as it came. */
export async function spotCheck(
  context: RunContext,
  owner: PhaseOwner,
  wanted: DomainId | null,
): Promise<WatchedIdle> {
  const { clock, plan } = context;
  const planned_s = spotCheck_s(plan);
  announce(context, owner, { phase: 'idle', planned_s });
  const start_s = clock.now_s();
  const readings = new LiveReadings(context.recorder, start_s + plan.interval_ms * S_PER_MS, wanted);
  const whole = await readings.watch(context, start_s + planned_s);
  const end_s = whole ? start_s + planned_s : clock.now_s();
  return { phase: { kind: 'idle', start_s, end_s }, domain: readings.domain, powers_W: readings.powers_W };
}

/** Ten readings, which change the verdict; at least a quarter of the minimum, so that progress does not flicker. */
function extension_s({ plan }: RunContext): Seconds {
  return Math.max(10 * plan.interval_ms * S_PER_MS, plan.baseline_s / 4);
}

/** A domain whose newest reading is older than so many of its own has fallen silent. */
const SILENT_READINGS = 3;

/**
 * The widest domain that is being read: one that was announced and says nothing (a battery that was plugged in, a meter that
 * died) cannot tell how long to wait. `kept` stays while it is read, for what different domains say is not comparable. Null
 * where nothing is metered.
 */
export function headlineDomain(
  recorder: Pick<RunRecorder, 'domains' | 'latest'>,
  interval_ms: number,
  kept: DomainId | null = null,
): DomainId | null {
  const latest = recorder.latest();
  const now_s = Math.max(...latest.map(({ at_s }) => at_s));
  const live = latest.filter(({ at_s, start_s }) => {
    const limit_s = Math.max(stallLimit_s(interval_ms), SILENT_READINGS * (at_s - start_s));
    return now_s - at_s <= limit_s;
  });
  if (live.some(({ domain }) => domain === kept)) return kept;
  const rankOf = new Map(recorder.domains().map(({ id, rank }) => [id, rank]));
  const rank = ({ domain }: LatestPower): number => rankOf.get(domain) ?? Number.NEGATIVE_INFINITY;
  const widest = live.reduce<LatestPower | null>(
    (best, next) => (best === null || rank(next) > rank(best) ? next : best),
    null,
  );
  return widest?.domain ?? null;
}

/** Powers of one domain as they arrive, each reading once, those up to `since_s` left out: of `wanted` while it is read. */
class LiveReadings {
  domain: DomainId | null;
  powers_W: Watts[] = [];
  private readonly recorder: RunRecorder;
  private last_s: Seconds;

  constructor(recorder: RunRecorder, since_s: Seconds, wanted: DomainId | null = null) {
    this.recorder = recorder;
    this.last_s = since_s;
    this.domain = wanted;
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
    const domain = headlineDomain(this.recorder, interval_ms, this.domain);
    // Another's readings are no continuation.
    if (domain !== this.domain) this.powers_W = [];
    this.domain = domain;
    const newest = this.recorder.latest().find((one) => one.domain === domain);
    if (newest === undefined || newest.at_s <= this.last_s) return;
    this.last_s = newest.at_s;
    this.powers_W.push(newest.power_W);
  }
}
