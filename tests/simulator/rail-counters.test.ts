import { describe, expect, test } from 'vitest';
import { createPhysics, RAILS } from '../../src/simulator/physics.ts';
import { createRailCounters } from '../../src/simulator/rail-counters.ts';

describe('createRailCounters', () => {
  test('gives whole millijoules and loses less than one over any number of windows', () => {
    const physics = createPhysics({ seed: 3, idle_W: { cpu: 0.0371, gpu: 0.0123, ane: 0.0004 } });
    const counters = createRailCounters(physics);
    const sum_mJ = { cpu: 0, gpu: 0, ane: 0 };
    for (let window = 0; window < 500; window++) {
      const energy_mJ = counters.take(window * 0.108, (window + 1) * 0.108);
      for (const rail of RAILS) {
        expect(Number.isInteger(energy_mJ[rail])).toBe(true);
        expect(energy_mJ[rail]).toBeGreaterThanOrEqual(0);
        sum_mJ[rail] += energy_mJ[rail];
        const behind_mJ = physics.energy_J(rail, 0, (window + 1) * 0.108) * 1000 - sum_mJ[rail];
        expect(behind_mJ).toBeGreaterThan(-1e-6);
        expect(behind_mJ).toBeLessThan(1 + 1e-6);
      }
    }
  });
});
