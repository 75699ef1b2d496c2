import { describe, expect, test } from 'vitest';
import type { Completion } from '../../src/core/run.ts';
import { createPhysics, type PhysicsSettings, socEnergy_J } from '../../src/simulator/physics.ts';
import { truthForTrials, truthOf, windowsOf } from '../../src/simulator/truth.ts';
import { virtualTrial } from '../../src/simulator/virtual-trial.ts';
import { recordingOf, trialOf } from '../support/lab-trials.ts';

const PLAIN: Partial<PhysicsSettings> = {
  seed: 2,
  idle_W: { cpu: 1, gpu: 0.5, ane: 0.25 },
  lag_s: 0,
  leakage: { ratio: 0, time_s: 45 },
  noise: { deviationRatio: 0, correlation_s: 0, cell_s: 0.02 },
};
const ORIGIN_s = 40_000;

function machine(settings: Partial<PhysicsSettings> = {}) {
  const physics = createPhysics({ ...PLAIN, ...settings });
  physics.apply({ at_s: ORIGIN_s + 10, cpu_W: 2, gpu_W: 20, ane_W: 0 });
  physics.apply({ at_s: ORIGIN_s + 11, cpu_W: 3, gpu_W: 10, ane_W: 0 });
  physics.apply({ at_s: ORIGIN_s + 15, cpu_W: 0, gpu_W: 0, ane_W: 0 });
  return physics;
}

const COMPLETION: Completion = {
  ...virtualTrial({ physics: PLAIN, meter: { interval_ms: 1000 } }).completion,
  requested_s: 10,
  promptStart_s: 10.25,
  promptEnd_s: 11,
  firstToken_s: 11.5,
  lastToken_s: 14.5,
  ended_s: 15,
};

describe('windowsOf', () => {
  test('shifts the times of the run to the clock of the boot', () => {
    expect(windowsOf(COMPLETION, 100)).toEqual({
      request: [110, 115],
      prefill: [110.25, 111],
      decode: [111.5, 114.5],
    });
  });

  test('takes the time to the first token for prefill where the server does not say', () => {
    expect(windowsOf({ ...COMPLETION, promptEnd_s: null }, 0).prefill).toEqual([10, 11.5]);
  });

  test('has neither prefill nor decode where nothing came back', () => {
    const silent = {
      ...COMPLETION,
      promptStart_s: null,
      promptEnd_s: null,
      firstToken_s: null,
      lastToken_s: null,
    };
    expect(windowsOf(silent, 0)).toEqual({ request: [10, 15], prefill: null, decode: null });
  });
});

describe('truthOf', () => {
  test('on a machine without lag, leakage and noise is plain arithmetic over all rails', () => {
    const truth = truthOf(machine(), windowsOf(COMPLETION, ORIGIN_s));
    expect(truth.gross_J).toBeCloseTo(1.75 * 5 + 22 * 1 + 13 * 4, 8);
    expect(truth.net_J).toBeCloseTo(22 * 1 + 13 * 4, 8);
    expect(truth.prefill_J).toBeCloseTo((1.75 + 22) * 0.75, 8);
    expect(truth.decode_J).toBeCloseTo((1.75 + 13) * 3, 8);
  });

  test("counts the request's own leakage as net and earlier work's as idle", () => {
    const leakage = { ratio: 0.1, time_s: 5 };
    const windows = windowsOf(COMPLETION, ORIGIN_s);
    const cold = truthOf(machine({ leakage }), windows);
    const warm = createPhysics({ ...PLAIN, leakage });
    warm.apply({ at_s: ORIGIN_s - 60, cpu_W: 0, gpu_W: 40, ane_W: 0 });
    warm.apply({ at_s: ORIGIN_s + 8, cpu_W: 0, gpu_W: 0, ane_W: 0 });
    warm.apply({ at_s: ORIGIN_s + 10, cpu_W: 2, gpu_W: 20, ane_W: 0 });
    warm.apply({ at_s: ORIGIN_s + 11, cpu_W: 3, gpu_W: 10, ane_W: 0 });
    warm.apply({ at_s: ORIGIN_s + 15, cpu_W: 0, gpu_W: 0, ane_W: 0 });
    const afterWork = truthOf(warm, windows);
    expect(cold.net_J).toBeGreaterThan(22 + 52 + 1);
    expect(afterWork.gross_J).toBeGreaterThan(cold.gross_J + 5);
    expect(afterWork.net_J).toBeCloseTo(cold.net_J, 8);
  });

  test('holds the very noise that the meter saw in gross, and the expected idle power in net', () => {
    const physics = machine({ noise: { deviationRatio: 0.08, correlation_s: 0.1, cell_s: 0.02 } });
    const truth = truthOf(physics, windowsOf(COMPLETION, ORIGIN_s));
    expect(truth.gross_J).toBe(socEnergy_J(physics, ORIGIN_s + 10, ORIGIN_s + 15));
    expect(truth.gross_J).not.toBeCloseTo(1.75 * 5 + 22 + 52, 3);
    expect(truth.gross_J - truth.net_J).toBeCloseTo(1.75 * 5, 8);
  });
});

describe('truthForTrials', () => {
  test('answers by trial index, from the last completion, on the clock of the boot', () => {
    const physics = machine();
    const retried = { ...COMPLETION, requested_s: 2, ended_s: 3 };
    const truths = truthForTrials(
      recordingOf([{ ...trialOf(4), completions: [retried, COMPLETION] }], ORIGIN_s),
      physics,
    );
    expect([...truths.keys()]).toEqual([4]);
    expect(truths.get(4)).toEqual(truthOf(physics, windowsOf(COMPLETION, ORIGIN_s)));
  });

  test('has nothing to say about a trial that sent nothing', () => {
    expect(truthForTrials(recordingOf([{ ...trialOf(0), completions: [] }], ORIGIN_s), machine()).size).toBe(
      0,
    );
  });
});
