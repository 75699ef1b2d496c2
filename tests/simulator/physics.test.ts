import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createPhysics,
  type Physics,
  type PhysicsSettings,
  RAILS,
  type Rail,
  socEnergy_J,
} from '../../src/simulator/physics.ts';
import type { PowerStep } from '../../src/simulator/power-step.ts';

const STEPS: readonly PowerStep[] = [
  { at_s: 1001.237, cpu_W: 2.2, gpu_W: 19, ane_W: 0 },
  { at_s: 1002.011, cpu_W: 3.4, gpu_W: 11.5, ane_W: 1 },
  { at_s: 1002.0135, cpu_W: 3.4, gpu_W: 14, ane_W: 1 },
  { at_s: 1006.5, cpu_W: 0, gpu_W: 0, ane_W: 0 },
];

function machine(settings: Partial<PhysicsSettings> = {}): Physics {
  const physics = createPhysics({ seed: 4, idle_W: { cpu: 0.7, gpu: 0.2, ane: 0.05 }, ...settings });
  for (const step of STEPS) physics.apply(step);
  return physics;
}

/** Gauss–Legendre with five nodes on 40 parts of every piece between noise cells, steps and the window's ends. */
function integrated_J(physics: Physics, rail: Rail, [from_s, to_s]: readonly [number, number]): number {
  const nodes = [0, 0.5384693101056831, -0.5384693101056831, 0.906179845938664, -0.906179845938664];
  const weights = [
    0.5688888888888889, 0.4786286704993665, 0.4786286704993665, 0.2369268850561891, 0.2369268850561891,
  ];
  const { cell_s } = physics.settings.noise;
  const edges = [from_s, to_s, ...STEPS.map((step) => step.at_s)];
  for (let cell = Math.ceil(from_s / cell_s); cell * cell_s < to_s; cell++) edges.push(cell * cell_s);
  const inside = edges.filter((edge) => edge >= from_s && edge <= to_s).sort((a, b) => a - b);
  let sum_J = 0;
  inside.slice(1).forEach((end_s, i) => {
    const start_s = inside[i] ?? end_s;
    const half_s = (end_s - start_s) / 80;
    for (let part = 0; part < 40; part++) {
      const middle_s = start_s + (2 * part + 1) * half_s;
      nodes.forEach((node, n) => {
        sum_J += (weights[n] ?? 0) * half_s * physics.power_W(rail, middle_s + half_s * node);
      });
    }
  });
  return sum_J;
}

describe('energy_J', () => {
  test.each([
    ['a lag of 120 ms', {}],
    ['a lag of 200 ms', { lag_s: 0.2 }],
    ['no lag', { lag_s: 0 }],
    ['strong leakage', { leakage: { ratio: 0.3, time_s: 2 } }],
    ['white noise', { noise: { deviationRatio: 0.08, correlation_s: 0, cell_s: 0.03 } }],
    ['no noise', { noise: { deviationRatio: 0, correlation_s: 0, cell_s: 0.02 } }],
  ] satisfies [string, Partial<PhysicsSettings>][])(
    'equals fine numerical integration with %s',
    (_, settings) => {
      const physics = machine(settings);
      for (const rail of RAILS) {
        for (const [from_s, to_s] of [
          [1000.55, 1007.71],
          [1001.9, 1002.3],
          [1006.41, 1012.6],
        ] as const) {
          const closed_J = physics.energy_J(rail, from_s, to_s);
          expect(Math.abs(closed_J / integrated_J(physics, rail, [from_s, to_s]) - 1)).toBeLessThan(1e-9);
        }
      }
    },
  );

  test('is additive over adjoining windows', () => {
    const physics = machine();
    const instant = fc.double({ min: 990, max: 1020, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(instant, instant, instant), (instants) => {
        const [a, b, c] = instants.sort((x, y) => x - y) as [number, number, number];
        const whole_J = physics.energy_J('gpu', a, c);
        const parts_J = physics.energy_J('gpu', a, b) + physics.energy_J('gpu', b, c);
        expect(Math.abs(whole_J - parts_J)).toBeLessThanOrEqual(1e-10 + 1e-11 * whole_J);
      }),
    );
  });

  test('of an empty window is nothing', () => {
    expect(machine().energy_J('cpu', 1002, 1002)).toBe(0);
  });

  test('is the same to the last bit in two instances, also when the second learns each step late', () => {
    const early = machine();
    const late = createPhysics(early.settings);
    for (const step of STEPS) {
      late.apply(step);
      const end_s = step.at_s + 0.001;
      for (const rail of RAILS) {
        expect(late.energy_J(rail, step.at_s, end_s)).toBe(early.energy_J(rail, step.at_s, end_s));
      }
    }
    expect(socEnergy_J(late, 990, 1020)).toBe(socEnergy_J(early, 990, 1020));
  });

  test('survives JSON: settings sent to another process make the same machine', () => {
    const physics = machine();
    const copy = machine(JSON.parse(JSON.stringify(physics.settings)));
    expect(copy.energy_J('gpu', 1001, 1006)).toBe(physics.energy_J('gpu', 1001, 1006));
  });

  test('differs between seeds', () => {
    expect(machine({ seed: 5 }).energy_J('gpu', 1001, 1006)).not.toBe(machine().energy_J('gpu', 1001, 1006));
  });

  test('follows idle power and what the steps ask for', () => {
    const quiet = machine({
      lag_s: 0,
      leakage: { ratio: 0, time_s: 1 },
      noise: { deviationRatio: 0, correlation_s: 0, cell_s: 0.02 },
    });
    expect(quiet.energy_J('gpu', 990, 1000)).toBeCloseTo(0.2 * 10, 9);
    expect(quiet.energy_J('gpu', 1003, 1006)).toBeCloseTo(14.2 * 3, 9);
    expect(quiet.energy_J('cpu', 1003, 1006)).toBeCloseTo(4.1 * 3, 9);
    expect(quiet.energy_J('ane', 1003, 1006)).toBeCloseTo(1.05 * 3, 9);
  });
});
