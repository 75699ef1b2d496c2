import { expect, test } from 'vitest';
import { WatchedPower } from '../../../src/cli/watch/watched-power.ts';
import { meanSample } from '../../support/scripted-sampler.ts';

test('a domain has its newest power, its course and all its energy', () => {
  const power = new WatchedPower();
  power.add(meanSample('cpu', 0, 1, 4));
  power.add(meanSample('gpu', 0, 1, 9));
  power.add(meanSample('cpu', 1, 3, 4));
  expect(power.domains()).toMatchObject([
    { domain: 'cpu', power_W: 2, course_W: [4, 2], energy_J: 8, max_W: 4 },
    { domain: 'gpu', power_W: 9, course_W: [9], energy_J: 9 },
  ]);
});

test('the course is bounded, the energy is not', () => {
  const power = new WatchedPower();
  for (let i = 0; i < 5000; i++) power.add(meanSample('cpu', i, i + 1, i));
  const [cpu] = power.domains();
  expect(cpu?.course_W.length).toBeLessThan(1000);
  expect(cpu?.course_W.at(-1)).toBe(4999);
  expect(cpu?.energy_J).toBe((4999 * 5000) / 2);
});
