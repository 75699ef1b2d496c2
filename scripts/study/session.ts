import type { Completion, Phase, Recording, TokenDelta, Trial } from '../../src/core/run.ts';
import {
  courseOnGrid,
  edgesBetween,
  meanSeries,
  type PowerCourse,
} from '../../tests/support/power-course.ts';
import { completionOf, domainOf, recordingOf, trialOf } from '../../tests/support/recording.ts';
import type { SeededRandom } from '../../tests/support/seeded-random.ts';

/** One request: how long its two parts take and what each draws above idle, before drift, lag and noise. */
export interface Request {
  readonly model?: string;
  readonly promptId?: string;
  readonly input_tok: number;
  readonly output_tok: number;
  readonly prefill_s: number;
  readonly prefill_W: number;
  readonly decode_s: number;
  readonly decode_W: number;
}

export interface SessionSettings {
  readonly requests: readonly Request[];
  readonly interval_s: number;
  readonly idle_W: number;
  readonly noise: { readonly deviationRatio: number; readonly correlation_s: number };
  /** Of the whole session: requests at its end draw so much more than those at its beginning. */
  readonly driftRatio: number;
  readonly lag_s: number;
  readonly baseline: 'fresh' | 'shared';
  readonly baseline_s: number;
  readonly cooldown_s: number;
}

export interface Session {
  readonly recording: Recording;
  readonly course: PowerCourse;
  readonly plan: readonly Planned[];
}

export interface Planned {
  readonly request: Request;
  readonly start_s: number;
  readonly first_s: number;
  readonly end_s: number;
}

/** Steps of time in which power is constant; requests begin and end on them, the meter's windows anywhere. */
const CELL_s = 0.04;
const LEAD_s = 4;
const TOKENS = 4;

/** Requests after one another with idle time between: power that drifts, lags and is noisy, and what a meter makes of it. */
export function session(settings: SessionSettings, random: SeededRandom): Session {
  const plan = planned(settings);
  const last_s = (plan.at(-1)?.end_s ?? 0) + settings.cooldown_s + settings.baseline_s;
  const course = courseOnGrid(
    CELL_s,
    powers_W(settings, plan, { cells: Math.ceil((last_s + 3) / CELL_s), random }),
  );
  const edges_s = edgesBetween({ from_s: random.next(), to_s: last_s + 2 }, settings.interval_s, () =>
    random.between(0, 0.04),
  );
  const metering = { edges_s, quantum_J: 1e-3, delay_s: () => random.exponential(2e-3) };
  const recording = recordingOf({
    domains: [domainOf({ quantum_J: 1e-3, misalignment_s: 2e-3 })],
    series: [meanSeries(course, metering)],
    trials: plan.map((one, index) => trialAt(settings, one, index)),
    phases: phasesOfRun(settings, plan, last_s),
  });
  return { recording, course, plan };
}

/** Energy above idle that a request is expected to take inside its own window, at the middle of the session. */
export function expected_J({ prefill_s, prefill_W, decode_s, decode_W }: Request, lag_s: number): number {
  const reached_W = prefill_W * (1 - Math.exp(-prefill_s / lag_s));
  const prefill_J = prefill_W * prefill_s - reached_W * lag_s;
  return prefill_J + decode_W * decode_s + (reached_W - decode_W) * lag_s * (1 - Math.exp(-decode_s / lag_s));
}

/** The nearest border of a cell. */
export function onGrid(t_s: number): number {
  return Math.round(t_s / CELL_s) * CELL_s;
}

function planned({ requests, baseline, baseline_s, cooldown_s }: SessionSettings): Planned[] {
  let t_s = LEAD_s + (baseline === 'shared' ? baseline_s : 0);
  return requests.map((request) => {
    const start_s = onGrid(t_s + (baseline === 'fresh' ? baseline_s : 0));
    const first_s = onGrid(start_s + request.prefill_s);
    const end_s = onGrid(first_s + request.decode_s);
    t_s = end_s + cooldown_s;
    return { request, start_s, first_s, end_s };
  });
}

/** Mean power of each cell: the lagged level times AR(1) noise that is constant within a cell. */
function powers_W(
  settings: SessionSettings,
  plan: readonly Planned[],
  { cells, random }: { readonly cells: number; readonly random: SeededRandom },
): Float64Array {
  const { idle_W, lag_s, driftRatio } = settings;
  const { correlation_s, deviationRatio } = settings.noise;
  const keep = Math.exp(-CELL_s / correlation_s);
  const decay = Math.exp(-CELL_s / lag_s);
  const within = (lag_s / CELL_s) * (1 - decay);
  const fresh = Math.sqrt(1 - keep * keep);
  const powers = new Float64Array(cells);
  let active_W = 0;
  let noise = random.normal();
  let next = 0;
  for (let cell = 0; cell < cells; cell++) {
    const now_s = (cell + 0.5) * CELL_s;
    while ((plan[next]?.end_s ?? Number.POSITIVE_INFINITY) < now_s) next++;
    const one = plan[next];
    const drift = 1 + driftRatio * (cell / cells - 0.5);
    const asked_W = one === undefined || now_s < one.start_s ? 0 : drift * workOf(one, now_s);
    const mean_W = asked_W + (active_W - asked_W) * within;
    active_W = asked_W + (active_W - asked_W) * decay;
    noise = keep * noise + fresh * random.normal();
    powers[cell] = Math.max(0, (idle_W + mean_W) * (1 + deviationRatio * noise));
  }
  return powers;
}

function workOf({ request, first_s }: Planned, now_s: number): number {
  return now_s < first_s ? request.prefill_W : request.decode_W;
}

function trialAt({ baseline, baseline_s, cooldown_s }: SessionSettings, one: Planned, index: number): Trial {
  const { request, start_s, end_s } = one;
  const times = {
    baseline_s: start_s - baseline_s,
    requested_s: start_s,
    ended_s: end_s,
    cooledDown_s: end_s + cooldown_s,
  };
  const trial = trialOf(times, {
    index,
    repetition: index,
    model: request.model ?? 'some-model',
    promptId: request.promptId ?? 'p1',
    completions: [answerOf(one)],
  });
  return baseline === 'fresh'
    ? trial
    : { ...trial, phases: trial.phases.filter(({ kind }) => kind !== 'baseline') };
}

function answerOf({ request, start_s, first_s, end_s }: Planned): Completion {
  const tokens = Array.from(
    { length: TOKENS },
    (_, i): TokenDelta => ({
      arrival_s: first_s + ((end_s - first_s) * i) / (TOKENS - 1),
      count_tok: i === 0 ? 1 : (request.output_tok - 1) / (TOKENS - 1),
      sort: 'content',
    }),
  );
  const { input_tok, output_tok } = request;
  const said = { promptId: request.promptId ?? 'p1', tokens, firstToken_s: first_s, lastToken_s: end_s };
  return completionOf({ requested_s: start_s, ended_s: end_s }, { ...said, input_tok, output_tok });
}

/** A closing baseline; a first one of all trials in common where they have none of their own. */
function phasesOfRun(
  { baseline, baseline_s }: SessionSettings,
  plan: readonly Planned[],
  last_s: number,
): Phase[] {
  const closing: Phase = { kind: 'baseline', start_s: last_s - baseline_s, end_s: last_s };
  const first_s = plan[0]?.start_s ?? 0;
  return baseline === 'fresh'
    ? [closing]
    : [{ kind: 'baseline', start_s: first_s - baseline_s, end_s: first_s }, closing];
}
