import { describe, expect, test } from 'vitest';
import { virtualTrial } from '../../src/simulator/virtual-trial.ts';

const GIVEN = { physics: { seed: 21 }, meter: { interval_ms: 250 } };

describe('virtualTrial', () => {
  const trial = virtualTrial(GIVEN);

  test('has its phases back to back and the request at the border of baseline and inference', () => {
    expect(trial.phases.map((phase) => phase.kind)).toEqual(['baseline', 'inference', 'cooldown']);
    expect(trial.phases[0]?.end_s).toBe(trial.completion.requested_s);
    expect(trial.phases[1]).toMatchObject({ start_s: 12, end_s: 17 });
    expect(trial.phases[2]?.start_s).toBe(trial.completion.ended_s);
  });

  test('is metered from before the first phase to after the last', () => {
    const samples = trial.batches.flatMap((batch) => batch.samples);
    expect(samples[0]?.start_s).toBeLessThan(2);
    expect(samples.at(-1)?.end_s).toBeGreaterThan(27);
  });

  test('tells a truth near the work asked for: prefill, decode, little else', () => {
    const { gross_J, net_J, prefill_J, decode_J } = trial.truth;
    expect(net_J / (21.2 * 0.8 + 14.9 * 4.2)).toBeCloseTo(0.97, 1);
    expect(gross_J).toBeGreaterThan(net_J);
    expect(((prefill_J ?? 0) + (decode_J ?? 0)) / gross_J).toBeCloseTo(1, 9);
  });

  test('what the meter saw of the whole is what the machine used', () => {
    const soc = trial.batches.flatMap((batch) => batch.samples.filter((sample) => sample.domain === 'soc'));
    const seen_J = soc.reduce((sum, sample) => sum + sample.energy_J, 0);
    const { net_J } = trial.truth;
    expect(seen_J).toBeGreaterThan(net_J + 0.82 * 25);
    expect(seen_J).toBeLessThan(net_J + 0.82 * 25 + 10);
  });

  test('differs by seed and is the same for the same one', () => {
    expect(virtualTrial(GIVEN).truth).toEqual(trial.truth);
    expect(virtualTrial({ ...GIVEN, physics: { seed: 22 } }).truth).not.toEqual(trial.truth);
  });
});
