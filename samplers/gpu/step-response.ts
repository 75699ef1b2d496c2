import type { Seconds, Watts } from '../../src/core/units.ts';

/** Readings and time that make a plateau. Declared choices, as all below. */
const PLATEAU_READINGS = 3;
const PLATEAU_s = 0.5;
/** Readings of one plateau lie this close to its mean, in parts of it or in watts. */
const PLATEAU_RATIO = 0.08;
const PLATEAU_W: Watts = 3;
/** A lesser step tells nothing of the sensor. */
const STEP_RATIO = 0.3;
const STEP_W: Watts = 20;
/** A slower rise is the load's own. */
const RAMP_MOST_s: Seconds = 5;
/** Between these parts of the step the time is taken: noise of the plateaus stays outside. */
const FROM = 0.1;
const TO = 0.9;

interface Point {
  readonly at_s: Seconds;
  readonly power_W: Watts;
}

/** What one load edge told of the sensor. */
export interface StepNews {
  /** Time over which a mean must run to rise as slowly; the load's own rise makes it longer. */
  readonly averaging_s: Seconds;
}

/**
 * How fast a power reading follows a load edge: a mean over τ turns a step into a ramp of τ. Looks for a plateau, a
 * monotone ramp and another plateau; pure of everything but its readings.
 */
export class StepResponse {
  #before: Point[] = [];
  #ramp: Point[] = [];

  /** News where this reading completes an edge. */
  read(at_s: Seconds, power_W: Watts): StepNews | null {
    const point = { at_s, power_W };
    if (this.#ramp.length === 0 && fits(this.#before, power_W)) {
      this.#before = recent([...this.#before, point]);
      return null;
    }
    if (!isPlateau(this.#before)) {
      this.forget();
      this.#before = [point];
      return null;
    }
    this.#ramp.push(point);
    const after = plateauAtEnd(this.#ramp);
    if (after === null) {
      if (at_s - (this.#before.at(-1)?.at_s ?? at_s) > RAMP_MOST_s) this.#restart(this.#ramp.slice(-1));
      return null;
    }
    const averaging_s = rampTime_s({ before: this.#before, ramp: this.#ramp, after });
    this.#restart(after);
    return averaging_s === null ? null : { averaging_s };
  }

  /** After a missing reading nothing is known of what led to the next. */
  forget(): void {
    this.#restart([]);
  }

  #restart(before: readonly Point[]): void {
    this.#before = [...before];
    this.#ramp = [];
  }
}

function mean_W(points: readonly Point[]): Watts {
  return points.reduce((sum_W, { power_W }) => sum_W + power_W, 0) / points.length;
}

/** Close enough to all of these to be of one plateau with them; true of none. */
function fits(points: readonly Point[], power_W: Watts): boolean {
  if (points.length === 0) return true;
  const level_W = mean_W(points);
  return Math.abs(power_W - level_W) <= Math.max(PLATEAU_W, PLATEAU_RATIO * level_W);
}

function isPlateau(points: readonly Point[]): boolean {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return false;
  return points.length >= PLATEAU_READINGS && last.at_s - first.at_s >= PLATEAU_s;
}

/** Enough of a plateau to know its level; an old level may have drifted. */
function recent(points: Point[]): Point[] {
  const last_s = points.at(-1)?.at_s ?? 0;
  const first = points.findIndex(({ at_s }) => at_s >= last_s - 2 * PLATEAU_s);
  return points.slice(Math.max(0, Math.min(first, points.length - PLATEAU_READINGS)));
}

/** The shortest plateau that the points end with; null where they do not. */
function plateauAtEnd(points: readonly Point[]): Point[] | null {
  for (let from = points.length - PLATEAU_READINGS; from >= 0; from--) {
    const end = points.slice(from);
    if (!end.every(({ power_W }) => fits(end, power_W))) return null;
    if (isPlateau(end)) return end;
  }
  return null;
}

interface Edge {
  readonly before: readonly Point[];
  readonly ramp: readonly Point[];
  readonly after: readonly Point[];
}

/** Time from a tenth to nine tenths of the step, as that of a straight ramp; null for what is none. */
function rampTime_s({ before, ramp, after }: Edge): Seconds | null {
  const from_W = mean_W(before);
  const step_W = mean_W(after) - from_W;
  if (Math.abs(step_W) < Math.max(STEP_W, STEP_RATIO * Math.max(from_W, from_W + step_W))) return null;
  const course = [...before.slice(-1), ...ramp].map(({ at_s, power_W }) => ({
    at_s,
    part: (power_W - from_W) / step_W,
  }));
  // Between its plateaus a mean of a step only rises.
  const isMonotone = course.every(({ part }, i) => part >= (course[i - 1]?.part ?? part) - PLATEAU_RATIO);
  const [begun_s, ended_s] = [crossed_s(course, FROM), crossed_s(course, TO)];
  if (!isMonotone || begun_s === null || ended_s === null) return null;
  return (ended_s - begun_s) / (TO - FROM);
}

/** When the course first reaches this part, straight between readings; a repeated reading is none. */
function crossed_s(
  course: readonly { readonly at_s: Seconds; readonly part: number }[],
  wanted: number,
): Seconds | null {
  const steps = course.filter(({ part }, i) => i === 0 || part !== course[i - 1]?.part);
  const at = steps.findIndex(({ part }) => part >= wanted);
  const [low, high] = [steps[at - 1], steps[at]];
  if (low === undefined || high === undefined) return null;
  return low.at_s + ((high.at_s - low.at_s) * (wanted - low.part)) / (high.part - low.part);
}
