import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { LifecycleResult } from '../../src/core/result.ts';
import type { Phase, Recording } from '../../src/core/run.ts';
import { edgesBetween, meanSeries, stepsThrough } from '../support/power-course.ts';
import { domainOf, planOf, recordingOf, runRecordOf } from '../support/recording.ts';
import { seededRandom } from '../support/seeded-random.ts';

const OPEN_W = 5;
const LOAD_W = 25;
const LOAD_S = 6;

interface Idle {
  readonly cycles: number;
  readonly resident_W: number;
  readonly closed_W?: number;
  readonly noiseRatio?: number;
}

/** Cycles of 20 s open, 6 s of load, 5 s of cooldown, 20 s resident, 2 s of unload, 5 s of cooldown. */
function idleRun({ closed_W, cycles, noiseRatio = 0, resident_W }: Idle): Recording {
  const random = seededRandom(7);
  const phases: Phase[] = [];
  const steps: [number, number][] = [];
  let now_s = 0.7;
  const add = (kind: Phase['kind'], length_s: number, power_W: number, more: Partial<Phase> = {}): void => {
    phases.push({ kind, start_s: now_s, end_s: now_s + length_s, ...more });
    for (let t_s = 0; t_s < length_s; t_s += 0.5)
      steps.push([now_s + t_s, power_W * (1 + noiseRatio * random.normal())]);
    now_s += length_s;
  };
  steps.push([0, OPEN_W]);
  for (let cycle = 0; cycle < cycles; cycle++) {
    add('baseline', 20, OPEN_W, { state: 'B1' });
    add('load', LOAD_S, LOAD_W, { model: 'm' });
    add('cooldown', 5, resident_W);
    add('baseline', 20, resident_W, { state: 'B2', model: 'm' });
    add('unload', 2, 8, { model: 'm' });
    add('cooldown', 5, OPEN_W);
  }
  add('baseline', 20, OPEN_W, { state: 'B1' });
  if (closed_W !== undefined) add('baseline', 20, closed_W, { state: 'B0' });
  const end_s = now_s + 4;
  steps.push([now_s, OPEN_W]);
  const plan = planOf();
  return recordingOf({
    run: runRecordOf({ plan: { ...plan, workload: { ...plan.workload, kind: 'idle', prompts: [] } } }),
    domains: [domainOf()],
    series: [
      meanSeries(stepsThrough(steps, end_s), {
        domain: 'soc',
        edges_s: edgesBetween({ from_s: 0, to_s: end_s - 1 }, 0.5),
      }),
    ],
    phases,
  });
}

function resultOf(idle: Idle): LifecycleResult {
  const [found] = analyze(idleRun(idle)).lifecycle ?? [];
  if (found === undefined) throw new Error('no lifecycle');
  return found;
}

describe('lifecycle', () => {
  test('gives idle power by state, load, residency and the break-even time', () => {
    const found = resultOf({ cycles: 1, resident_W: 7, closed_W: 4 });
    expect(found).toMatchObject({ model: 'm', domain: 'soc', headline: true, n: 1 });
    expect(found.closed_W.value).toBeCloseTo(4, 6);
    expect(found.open_W.value).toBeCloseTo(OPEN_W, 6);
    expect(found.resident_W.value).toBeCloseTo(7, 6);
    expect(found.residency_W.value).toBeCloseTo(2, 6);
    expect(found.load_s.value).toBeCloseTo(LOAD_S, 9);
    expect(found.load_J.value).toBeCloseTo(LOAD_W * LOAD_S, 1);
    expect(found.netLoad_J.value).toBeCloseTo((LOAD_W - OPEN_W) * LOAD_S, 1);
    expect(found.unload_J.value).toBeCloseTo(16, 1);
    expect(found.breakEven_s).toBeCloseTo(((LOAD_W - OPEN_W) * LOAD_S) / 2, 1);
  });

  test('a load that failed or was interrupted is none: it brought no model into memory', () => {
    const whole = idleRun({ cycles: 1, resident_W: 7 });
    // The first 3 s of the load as one that broke off, of this model and of another.
    const broken = (model: string): Phase => ({ kind: 'load', start_s: 20.7, end_s: 22, model });
    const phases = whole.phases.flatMap((phase): Phase[] =>
      phase.kind === 'load' ? [broken('m'), broken('other'), { ...phase, start_s: 23.7 }] : [phase],
    );
    const found = analyze({ ...whole, phases }).lifecycle ?? [];
    expect(found.map(({ model, n }) => [model, n])).toEqual([['m', 1]]);
    expect(found[0]?.load_s.value).toBeCloseTo(3, 9);
  });

  test('idle power of a later sitting tells nothing of a load before the pause', () => {
    const whole = idleRun({ cycles: 1, resident_W: 7 });
    const last = whole.phases.findLast(({ state }) => state === 'B1');
    const start_s = (last?.start_s ?? 0) - 0.1;
    const session = { startedAt: '2026-01-01T01:00:00.000Z', origin_s: 0, start_s, toolVersion: '1' };
    const [found] = analyze({ ...whole, sessions: [session] }).lifecycle ?? [];
    const [plain] =
      analyze({ ...whole, phases: whole.phases.filter((phase) => phase !== last) }).lifecycle ?? [];
    expect(found?.residency_W).toEqual(plain?.residency_W);
  });

  test('the closed server is unknown unless it was measured', () => {
    expect(resultOf({ cycles: 1, resident_W: 7 }).closed_W).toEqual({
      value: null,
      ci95: null,
      spread: null,
    });
  });

  test('there is no break-even where residency may cost nothing: its interval holds 0', () => {
    const same = resultOf({ cycles: 3, resident_W: OPEN_W, noiseRatio: 0.05 });
    const [low, high] = same.residency_W.ci95 ?? [1, 1];
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
    expect(same.breakEven_s).toBeNull();
  });

  test('repetitions give residency an interval from their own spread', () => {
    const found = resultOf({ cycles: 4, resident_W: 7, noiseRatio: 0.05 });
    const [low, high] = found.residency_W.ci95 ?? [0, 0];
    expect(found.residency_W.spread).toBeGreaterThan(0);
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(2);
    expect(found.breakEven_s).toBeGreaterThan(0);
  });

  test('drift of idle power is no residency: the open server is taken at the same time', () => {
    const drifting = idleRun({ cycles: 1, resident_W: OPEN_W });
    const rise = drifting.series.map((series) => ({
      ...series,
      energy_J: series.energy_J.map((energy_J, k) => energy_J + 0.5 * 0.02 * ((series.end_s[k] ?? 0) - 0.25)),
    }));
    const [found] = analyze({ ...drifting, series: rise }).lifecycle ?? [];
    expect(found?.residency_W.value).toBeCloseTo(0, 6);
  });

  test('a run of prompts has none', () => {
    expect(
      analyze(recordingOf({ phases: [{ kind: 'load', start_s: 0, end_s: 1 }] })).lifecycle,
    ).toBeUndefined();
  });
});
