import { analyze } from '../../src/analyzer/analyze.ts';
import type { Sample } from '../../src/core/sample.ts';
import { S_PER_NS } from '../../src/core/units.ts';
import { createPhysics, RAILS, socEnergy_J } from '../../src/simulator/physics.ts';
import { completionOf, domainOf, recordingOf, trialOf } from '../../tests/support/recording.ts';
import { type SeededRandom, seededRandom } from '../../tests/support/seeded-random.ts';
import { seriesOf } from '../../tests/support/virtual-run.ts';
import { percent, quantile, whole } from './numbers.ts';
import type { Effort, Section } from './page.ts';
import { PEER_METHODS, type PeerMethod, type PeerTrace, readingsBetween } from './peer-methods.ts';

const SEED = 901;
const TRACES = 400;
const ANSWERS_s = [3, 10, 60] as const;
const INTERVALS_ms = [100, 500, 1000] as const;
/** Between loading the model, the answer before and the request. */
const LOAD_s = 4;
const PAUSE_s = 10;
const COOLDOWN_s = 12;
const IDLE = { cpu_W: 0, gpu_W: 0, ane_W: 0 };

interface Error {
  readonly answer_s: number;
  readonly method: PeerMethod;
  readonly error: number;
}

/** What other ways of computing give on the same simulated power. */
export function peersSection(effort: Effort): Section {
  const count = effort.count(TRACES, 12);
  const errors = ANSWERS_s.flatMap((answer_s) =>
    Array.from({ length: count }, (_, i) =>
      errorsOf(answer_s, seededRandom(SEED + 1000 * answer_s + i), SEED + i),
    ).flat(),
  );
  const methods = [LMPOWER_GROSS, LMPOWER_NET, ...PEER_METHODS];
  return {
    title: 'What other ways of computing give',
    method: [
      `Seeds from ${SEED}. ${whole(count)} traces per length of answer on the lab's physics (8 % AR(1) noise, lag 20–200 ms, leakage): the ` +
        `model is loaded (${LOAD_s} s), another request is answered, ${PAUSE_s} s later this one; it prefills for a fifth of its time. Read at ` +
        '100, 500 or 1,000 ms by turns with the widths that powermetrics really has (6.5 ms more than asked, and some chance). Each method is ' +
        'written anew from the description of what the tool computes, and sees the same trace; the tool itself did not run. Errors are those ' +
        'of the method alone: sensors add theirs. Held against the true gross energy of the request, or the true net energy where said.',
      'Net energy of long answers comes out a little low in lmpower, too: the leakage that the answer itself causes raises the baseline ' +
        'after it, with which the one before is interpolated (METHOD §3).',
    ],
    findings: [],
    tables: [
      {
        title: 'Relative error: median (5th … 95th percentile)',
        head: ['method', 'computed so by', 'against', ...ANSWERS_s.map((answer_s) => `${answer_s} s answer`)],
        rows: methods.map((method) => [
          method.name,
          method.tools,
          method.against,
          ...ANSWERS_s.map((answer_s) => rangeOf(having(errors, method, answer_s))),
        ]),
      },
    ],
    charts: [chart(errors, methods)],
  };
}

const LMPOWER_GROSS: PeerMethod = {
  name: 'lmpower, gross',
  tools: 'lmpower',
  against: 'gross',
  energy_J: (trace) => measured(trace).gross_J,
};
const LMPOWER_NET: PeerMethod = {
  name: 'lmpower, net',
  tools: 'lmpower',
  against: 'net',
  energy_J: (trace) => measured(trace).net_J,
};

function errorsOf(answer_s: number, random: SeededRandom, seed: number): Error[] {
  const { trace, truth } = traceOf(answer_s, random, seed);
  return [LMPOWER_GROSS, LMPOWER_NET, ...PEER_METHODS].map((method) => ({
    answer_s,
    method,
    error: method.energy_J(trace) / truth[method.against] - 1,
  }));
}

function traceOf(answer_s: number, random: SeededRandom, seed: number) {
  const physics = createPhysics({ seed, lag_s: random.between(0.02, 0.2) });
  const interval_ms = INTERVALS_ms[Math.floor(random.between(0, INTERVALS_ms.length))] ?? 500;
  const streamStart_s = random.next();
  const load = spanFrom(streamStart_s + 5 + random.next(), LOAD_s);
  const previous = spanFrom(load.end_s + 1, 5);
  const request = spanFrom(previous.end_s + PAUSE_s + random.next(), answer_s);
  const first_s = request.start_s + answer_s / 5;
  const steps = [
    { at_s: load.start_s, cpu_W: 9, gpu_W: 2, ane_W: 0 },
    { at_s: load.end_s, ...IDLE },
    { at_s: previous.start_s, cpu_W: 3.4, gpu_W: 11.5, ane_W: 0 },
    { at_s: previous.end_s, ...IDLE },
    { at_s: request.start_s, cpu_W: 2.2, gpu_W: 19, ane_W: 0 },
    { at_s: first_s, cpu_W: 3.4, gpu_W: 11.5, ane_W: 0 },
    { at_s: request.end_s, ...IDLE },
  ];
  for (const step of steps.slice(0, 4)) physics.apply(step);
  // The idle level that this request found, before it is asked for.
  const idle_J = RAILS.reduce(
    (sum_J, rail) => sum_J + physics.undisturbed_J(rail, request.start_s, request.end_s),
    0,
  );
  for (const step of steps.slice(4)) physics.apply(step);
  const readings = readingsBetween(physics, interval_ms, {
    start_s: streamStart_s,
    end_s: request.end_s + COOLDOWN_s,
  });
  const trace: PeerTrace = {
    physics,
    interval_ms,
    readings,
    streamStart_s,
    load,
    previousEnd_s: previous.end_s,
    request,
  };
  const gross = socEnergy_J(physics, request.start_s, request.end_s);
  return { trace, truth: { gross, net: gross - idle_J } };
}

function spanFrom(start_s: number, span_s: number) {
  return { start_s, end_s: start_s + span_s };
}

/** The same readings through lmpower's analyzer. */
function measured({ readings, request, previousEnd_s }: PeerTrace): {
  readonly gross_J: number;
  readonly net_J: number;
} {
  const samples = readings.map(
    (one): Sample => ({
      domain: 'soc',
      start_s: one.arrival_s - one.elapsed_ns * S_PER_NS,
      end_s: one.arrival_s,
      energy_J: RAILS.reduce((sum_mJ, rail) => sum_mJ + one.energy_mJ[rail], 0) / 1000,
      kind: 'mean',
    }),
  );
  const { start_s: requested_s, end_s: ended_s } = request;
  const cooledDown_s = ended_s + 2;
  const times = { baseline_s: previousEnd_s + 1, requested_s, ended_s, cooledDown_s };
  const recording = recordingOf({
    domains: [domainOf({ quantum_J: 1e-3, rails: 3, misalignment_s: 5e-3 })],
    series: seriesOf(samples),
    phases: [{ kind: 'baseline', start_s: cooledDown_s, end_s: ended_s + COOLDOWN_s - 1 }],
    trials: [trialOf(times, { completions: [completionOf({ requested_s, ended_s })] })],
  });
  const row = analyze(recording).trials[0]?.energy[0];
  return { gross_J: row?.gross_J ?? Number.NaN, net_J: row?.net_J ?? Number.NaN };
}

function having(errors: readonly Error[], method: PeerMethod, answer_s: number): number[] {
  return errors.filter((one) => one.method === method && one.answer_s === answer_s).map(({ error }) => error);
}

function rangeOf(values: readonly number[]): string {
  const known = values.filter((value) => !Number.isNaN(value));
  const none = values.length - known.length;
  const [low, middle, high] = [0.05, 0.5, 0.95].map((part) => signed(quantile(known, part)));
  return `${middle} (${low} … ${high})${none > 0 ? `, no reading in ${percent(none / values.length, 0)}` : ''}`;
}

function signed(ratio: number): string {
  const text = percent(ratio, Math.abs(ratio) < 0.1 ? 1 : 0);
  return ratio > 0 ? `+${text}` : text;
}

function chart(errors: readonly Error[], methods: readonly PeerMethod[]) {
  const labelOf = ({ name, tools }: PeerMethod): string =>
    tools === 'lmpower' ? name : `${name} · ${tools}`;
  const values = methods.flatMap((method) =>
    ANSWERS_s.map((answer_s) => {
      const known = having(errors, method, answer_s).filter((error) => !Number.isNaN(error));
      const [low, middle, high] = [0.05, 0.5, 0.95].map((part) => 100 * quantile(known, part));
      return { method: labelOf(method), answer: `${answer_s} s`, low, middle, high };
    }),
  );
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    title: 'error of the energy of a request in %',
    scale: { type: 'symlog', constant: 1 },
    axis: { values: [-100, -10, -1, 0, 1, 10, 100], tickCount: 7, labelOverlap: false },
  });
  const y = {
    field: 'method',
    type: 'nominal',
    title: null,
    sort: methods.map(labelOf),
    axis: { labelLimit: 420 },
  };
  const answer = {
    field: 'answer',
    type: 'nominal',
    title: 'answer',
    sort: ANSWERS_s.map((answer_s) => `${answer_s} s`),
    legend: { columns: 3 },
  };
  const base = { y, yOffset: { field: 'answer', sort: answer.sort }, color: answer };
  return {
    file: 'peer-errors.svg',
    title: 'The same power, computed in other ways',
    subtitle:
      'Error against the closed-form truth of simulated requests of 3, 10 and 60 s: median, 5th to 95th percentile. Methods written from descriptions of the tools named; no tool ran.',
    spec: {
      data: { values },
      width: 420,
      height: { step: 12 },
      layer: [
        {
          data: { values: [{ zero: 0 }] },
          mark: { type: 'rule', opacity: 0.5 },
          encoding: { x: { field: 'zero', type: 'quantitative' } },
        },
        { mark: { type: 'rule', strokeWidth: 2 }, encoding: { ...base, x: x('low'), x2: { field: 'high' } } },
        {
          mark: { type: 'point', filled: true, size: 35, opacity: 1 },
          encoding: { ...base, x: x('middle') },
        },
      ],
    },
  };
}
