import { LmpowerError } from '../core/errors.ts';
import type { Joules, Seconds, Watts } from '../core/units.ts';

/** Leakage: idle power creeps towards `ratio` × active power with the time constant `time_s`. */
export interface LeakageSettings {
  readonly ratio: number;
  readonly time_s: Seconds;
}

export interface LevelSettings {
  readonly idle_W: Watts;
  /** Time constant of the first-order lag between work asked for and power drawn; 0 follows at once. */
  readonly lag_s: Seconds;
  readonly leakage: LeakageSettings;
}

/**
 * One stretch of unchanged work: P(s) = steady + lagging·e^(−s/lag) + creeping·e^(−s/time), s from `start_s`.
 * `active_W` and `leak_W` are the state at `start_s`.
 */
interface Stretch {
  readonly start_s: Seconds;
  readonly target_W: Watts;
  readonly active_W: Watts;
  readonly leak_W: Watts;
  readonly steady_W: Watts;
  readonly lagging_W: Watts;
  readonly creeping_W: Watts;
}

/** Expected power of one rail, without noise; every question has a closed form. */
export interface Level {
  /** From `at_s` on the work asks for `target_W` on top of idle. @throws {LmpowerError} BUG when out of order. */
  ask(at_s: Seconds, target_W: Watts): void;
  power_W(at_s: Seconds): Watts;
  energy_J(from_s: Seconds, to_s: Seconds): Joules;
  /** Energy had nothing been asked from `from_s` on: what earlier work left behind still decays. */
  undisturbed_J(from_s: Seconds, to_s: Seconds): Joules;
}

/**
 * dA/dt = (target − A)/lag and dL/dt = (ratio·A − L)/time, P = idle + A + L: two linear equations in cascade, solved
 * exactly on each stretch. @throws {LmpowerError} USAGE for negative settings or equal time constants.
 */
export function createLevel(settings: LevelSettings): Level {
  checkLevel(settings);
  const stretches = [stretchFrom(settings, Number.NEGATIVE_INFINITY, [0, 0, 0])];
  const indexAt = (at_s: Seconds): number => lastStartingBy(stretches, at_s);
  const at = (index: number): Stretch => stretches[index] ?? nowhere(index);
  const energy_J = (from_s: Seconds, to_s: Seconds): Joules => {
    let sum_J = 0;
    let index = indexAt(from_s);
    for (let start_s = from_s; start_s < to_s; index++) {
      const end_s = Math.min(to_s, stretches[index + 1]?.start_s ?? to_s);
      sum_J += stretchEnergy_J(settings, at(index), start_s, end_s);
      start_s = end_s;
    }
    return sum_J;
  };
  return {
    energy_J,
    ask: (at_s, target_W) => {
      const last = at(stretches.length - 1);
      if (!(at_s >= last.start_s) || !Number.isFinite(at_s)) {
        throw new LmpowerError('BUG', `power steps must be in order of time: ${at_s} after ${last.start_s}`);
      }
      const [active_W, leak_W] = stateAt(settings, last, at_s);
      stretches.push(stretchFrom(settings, at_s, [target_W, active_W, leak_W]));
    },
    power_W: (at_s) => {
      const [active_W, leak_W] = stateAt(settings, at(indexAt(at_s)), at_s);
      return settings.idle_W + active_W + leak_W;
    },
    undisturbed_J: (from_s, to_s) => {
      const [active_W, leak_W] = stateAt(settings, at(indexAt(from_s)), from_s);
      return stretchEnergy_J(settings, stretchFrom(settings, from_s, [0, active_W, leak_W]), from_s, to_s);
    },
  };
}

function checkLevel({ idle_W, lag_s, leakage }: LevelSettings): void {
  const all = [idle_W, lag_s, leakage.ratio, leakage.time_s];
  if (!all.every((value) => Number.isFinite(value) && value >= 0) || leakage.time_s === lag_s) {
    throw new LmpowerError(
      'USAGE',
      `physics needs settings of 0 or more and a leakage time other than the lag: ${all.join(', ')}`,
    );
  }
}

function stretchFrom(
  { idle_W, lag_s, leakage }: LevelSettings,
  start_s: Seconds,
  [target_W, before_W, leak_W]: readonly [Watts, Watts, Watts],
): Stretch {
  const active_W = lag_s === 0 ? target_W : before_W;
  const behind_W = active_W - target_W;
  const leakBehind_W = (leakage.ratio * behind_W * lag_s) / (lag_s - leakage.time_s);
  return {
    start_s,
    target_W,
    active_W,
    leak_W,
    steady_W: idle_W + target_W * (1 + leakage.ratio),
    lagging_W: behind_W + leakBehind_W,
    creeping_W: leak_W - leakage.ratio * target_W - leakBehind_W,
  };
}

/** Active and leakage power at `at_s` ≥ the stretch's start. */
function stateAt(settings: LevelSettings, stretch: Stretch, at_s: Seconds): readonly [Watts, Watts] {
  if (stretch.start_s === Number.NEGATIVE_INFINITY) return [0, 0];
  const { lag_s, leakage, idle_W } = settings;
  const past_s = at_s - stretch.start_s;
  const lagged = decay(past_s, lag_s);
  const active_W = stretch.target_W + (stretch.active_W - stretch.target_W) * lagged;
  const power_W =
    stretch.steady_W + stretch.lagging_W * lagged + stretch.creeping_W * decay(past_s, leakage.time_s);
  return [active_W, power_W - idle_W - active_W];
}

/** Integral of the stretch's power over [from_s, to_s], written so that short windows lose no digits. */
function stretchEnergy_J(
  { lag_s, leakage }: LevelSettings,
  stretch: Stretch,
  from_s: Seconds,
  to_s: Seconds,
): Joules {
  const width_s = to_s - from_s;
  const past_s = from_s - stretch.start_s;
  const term_J = (power_W: Watts, time_s: Seconds): Joules =>
    power_W === 0 || time_s === 0
      ? 0
      : -power_W * time_s * decay(past_s, time_s) * Math.expm1(-width_s / time_s);
  return (
    stretch.steady_W * width_s + term_J(stretch.lagging_W, lag_s) + term_J(stretch.creeping_W, leakage.time_s)
  );
}

function decay(past_s: Seconds, time_s: Seconds): number {
  return time_s === 0 ? 0 : Math.exp(-past_s / time_s);
}

/** Index of the last stretch that starts at or before `at_s`; the first one starts before everything. */
function lastStartingBy(stretches: readonly Stretch[], at_s: Seconds): number {
  let low = 0;
  let high = stretches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((stretches[middle]?.start_s ?? Number.POSITIVE_INFINITY) <= at_s) low = middle;
    else high = middle - 1;
  }
  return low;
}

function nowhere(index: number): never {
  throw new LmpowerError('BUG', `no stretch ${index}`);
}
