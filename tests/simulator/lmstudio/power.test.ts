import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Work } from '../../../src/simulator/lmstudio/power.ts';
import { WorkPower } from '../../../src/simulator/lmstudio/power.ts';
import { PowerSteps } from '../../../src/simulator/power-step.ts';
import { manualClock } from '../../support/manual-clock.ts';

const power = (cpu_W: number, gpu_W: number, ane_W = 0) => ({ cpu_W, gpu_W, ane_W });

describe('WorkPower', () => {
  test('writes a step with the time of each change, and idle at the end', async () => {
    const clock = manualClock(100);
    const steps = new PowerSteps();
    const work = new WorkPower(steps, clock).begin(power(2, 19));
    await clock.advance(1);
    work.change(power(3, 11));
    await clock.advance(2);
    work.end();
    work.end();
    expect(steps.all()).toEqual([
      { at_s: 100, ...power(2, 19) },
      { at_s: 101, ...power(3, 11) },
      { at_s: 103, ...power(0, 0) },
    ]);
  });

  test('writes nothing when the sum stays what it is', () => {
    const steps = new PowerSteps();
    const work = new WorkPower(steps, manualClock()).begin(power(2, 19));
    work.change(power(2, 19));
    expect(steps.all()).toHaveLength(1);
  });

  test('adds what runs together, up to what each rail delivers', () => {
    const steps = new PowerSteps();
    const works = new WorkPower(steps, manualClock(), power(5, 30, 1));
    works.begin(power(2, 20));
    works.begin(power(2, 20));
    expect(steps.all().at(-1)).toMatchObject(power(4, 30));
  });

  test('is idle to the last bit after any works in any order', () => {
    const order = fc.array(
      fc.record({ watts: fc.double({ min: 0, max: 50, noNaN: true }), endFirst: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(order, (jobs) => {
        const steps = new PowerSteps();
        const sum = new WorkPower(steps, manualClock());
        const open: Work[] = [];
        for (const { watts, endFirst } of jobs) {
          if (endFirst) open.shift()?.end();
          open.push(sum.begin(power(watts, watts / 3)));
        }
        for (const work of open) work.end();
        const last = steps.all().at(-1) ?? power(0, 0);
        expect([last.cpu_W, last.gpu_W, last.ane_W]).toEqual([0, 0, 0]);
      }),
    );
  });
});
