import { describe, expect, test } from 'vitest';
import { StepResponse } from '../../../samplers/gpu/step-response.ts';

interface Sensor {
  readonly averaging_s: number;
  readonly update_s: number;
  readonly interval_s: number;
}

/** Mean over the last τ of a load that is 40 W, and 300 W from 5.03 s to 15.07 s. */
function mean_W(t_s: number, averaging_s: number): number {
  const busy = (at_s: number): number => Math.min(Math.max(at_s - 5.03, 0), 10.04);
  const part =
    averaging_s === 0
      ? Number(t_s > 5.03 && t_s <= 15.07)
      : (busy(t_s) - busy(t_s - averaging_s)) / averaging_s;
  return 40 + 260 * part;
}

/** What a sensor with this averaging, renewed and read so often, is found to average over, edge by edge. */
function found({ averaging_s, update_s, interval_s }: Sensor, noise_W = 0): number[] {
  const response = new StepResponse();
  const times_s = Array.from({ length: Math.floor(20 / interval_s) }, (_, i) => i * interval_s);
  return times_s.flatMap((at_s) => {
    const renewed_s = Math.floor(at_s / update_s + 1e-9) * update_s;
    const wobble_W = noise_W * Math.sin(12.9898 * Math.floor(renewed_s / update_s));
    const news = response.read(at_s, Number((mean_W(renewed_s, averaging_s) + wobble_W).toFixed(2)));
    return news === null ? [] : [news.averaging_s];
  });
}

describe('StepResponse', () => {
  test.each<[number, number]>([
    [1, 0.1],
    [0.5, 0.1],
    [1, 0.02],
    [0.4, 0.05],
  ])('a mean over %f s read each %f s is found at both edges of a load', (averaging_s, interval_s) => {
    const times_s = found({ averaging_s, update_s: interval_s, interval_s });
    expect(times_s).toHaveLength(2);
    for (const time_s of times_s) expect(Math.abs(time_s - averaging_s)).toBeLessThanOrEqual(interval_s);
  });

  test('so it is where values stand for several readings, and where they wobble', () => {
    for (const time_s of found({ averaging_s: 1, update_s: 0.1, interval_s: 0.02 }, 2)) {
      expect(time_s).toBeGreaterThan(0.85);
      expect(time_s).toBeLessThan(1.15);
    }
    expect(found({ averaging_s: 1, update_s: 0.1, interval_s: 0.02 }, 2)).toHaveLength(2);
  });

  test('a sensor quicker than it is read is known to be no slower', () => {
    const times_s = found({ averaging_s: 0, update_s: 0.02, interval_s: 0.1 });
    expect(times_s).toHaveLength(2);
    for (const time_s of times_s) expect(time_s).toBeLessThanOrEqual(0.1 + 1e-9);
  });

  test('a slow climb, a spike, small steps and a stream with holes tell nothing', () => {
    const climb = new StepResponse();
    const spike = new StepResponse();
    const small = new StepResponse();
    const holed = new StepResponse();
    for (let i = 0; i < 300; i++) {
      const at_s = i * 0.1;
      expect(climb.read(at_s, at_s < 5 ? 40 : Math.min(300, 40 + (at_s - 5) * 13))).toBeNull();
      expect(spike.read(at_s, i === 100 ? 300 : 40)).toBeNull();
      expect(small.read(at_s, i < 150 ? 200 : 215)).toBeNull();
      if (i === 149) holed.forget();
      expect(holed.read(at_s, i < 150 ? 40 : 300)).toBeNull();
    }
  });
});
