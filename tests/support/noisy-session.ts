import type { Recording, Trial } from '../../src/core/run.ts';
import { courseOnGrid, edgesBetween, meanSeries, type PowerCourse } from './power-course.ts';
import { domainOf, recordingOf, trialOf } from './recording.ts';
import { seededRandom } from './seeded-random.ts';

export interface SessionSettings {
  readonly trials: number;
  readonly interval_s: number;
  /** Shortest and longest request, in intervals. */
  readonly publications: readonly [number, number];
  readonly seed: number;
  /** Power up to the first token, a quarter of the request; that of the rest when absent. */
  readonly prefill_W?: number;
}

export interface NoisySession {
  readonly recording: Recording;
  readonly course: PowerCourse;
  /** Idle power without noise. */
  readonly idle_W: number;
}

const CELL_S = 0.01;
const IDLE_W = 4;
const BUSY_W = 30;
const NOISE_RATIO = 0.08;
const CORRELATION_S = 0.3;
const LAG_MOST_S = 0.2;
const BASELINE_S = 15;
const COOLDOWN_S = 10;

/** Trials after one another: idle, a request, idle; 8 % AR(1) noise, first-order lag up to 200 ms, jittered widths. */
export function noisySession(settings: SessionSettings): NoisySession {
  const { trials, interval_s, publications, seed, prefill_W = BUSY_W } = settings;
  const random = seededRandom(seed);
  const schedule: { trial: Trial; lag_s: number }[] = [];
  let t_s = 5;
  for (let index = 0; index < trials; index++) {
    const requested_s = t_s + BASELINE_S + random.between(0, interval_s);
    const ended_s = requested_s + interval_s * random.between(...publications);
    const cooledDown_s = ended_s + COOLDOWN_S;
    const trial = trialOf(
      { baseline_s: t_s, requested_s, ended_s, cooledDown_s },
      { index, repetition: index },
    );
    schedule.push({ trial, lag_s: random.between(0, LAG_MOST_S) });
    t_s = cooledDown_s;
  }
  const last_s = t_s + BASELINE_S;
  const powers_W = new Float64Array(Math.ceil((last_s + 5) / CELL_S));
  let level_W = IDLE_W;
  let noise = 0;
  let next = 0;
  const keep = Math.exp(-CELL_S / CORRELATION_S);
  for (let cell = 0; cell < powers_W.length; cell++) {
    const now_s = cell * CELL_S;
    while ((schedule[next]?.trial.phases[2]?.end_s ?? Number.POSITIVE_INFINITY) <= now_s) next++;
    const request = schedule[next]?.trial.phases[1];
    const isBusy = request !== undefined && now_s >= request.start_s && now_s < request.end_s;
    const lag_s = schedule[next]?.lag_s ?? 0;
    const firstToken_s = schedule[next]?.trial.completions[0]?.firstToken_s ?? 0;
    const work_W = now_s < firstToken_s ? prefill_W : BUSY_W;
    level_W += ((isBusy ? work_W : IDLE_W) - level_W) * (1 - Math.exp(-CELL_S / Math.max(1e-6, lag_s)));
    noise = keep * noise + Math.sqrt(1 - keep * keep) * NOISE_RATIO * random.normal();
    powers_W[cell] = Math.max(0, level_W * (1 + noise));
  }
  const course = courseOnGrid(CELL_S, powers_W);
  const edges_s = edgesBetween({ from_s: 0, to_s: last_s + 3 }, interval_s, () => random.between(0, 0.04));
  const recording = recordingOf({
    domains: [domainOf({ quantum_J: 1e-3, misalignment_s: 2e-3 })],
    series: [meanSeries(course, { edges_s, quantum_J: 1e-3, delay_s: () => random.exponential(2e-3) })],
    trials: schedule.map(({ trial }) => trial),
    phases: [{ kind: 'baseline', start_s: t_s, end_s: last_s }],
  });
  return { recording, course, idle_W: IDLE_W };
}
