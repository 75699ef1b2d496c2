import { describe, expect, test } from 'vitest';
import { play, runPhases } from '../support/play-run.ts';

describe('executeRun: windows', () => {
  test('a trial is baseline, inference from request to end, cooldown from there', async () => {
    const [trial] = (await play({})).sink.trials();
    const [baseline, inference, cooldown] = trial?.phases ?? [];
    expect(trial?.phases.map(({ kind }) => kind)).toEqual(['baseline', 'inference', 'cooldown']);
    expect((baseline?.end_s ?? 0) - (baseline?.start_s ?? 0)).toBeCloseTo(2, 9);
    expect([inference?.start_s, inference?.end_s]).toEqual([
      trial?.completions[0]?.requested_s,
      trial?.completions[0]?.ended_s,
    ]);
    expect(cooldown?.start_s).toBe(inference?.end_s);
    expect((cooldown?.end_s ?? 0) - (cooldown?.start_s ?? 0)).toBeCloseTo(1, 9);
  });

  test('nothing is appended inside a phase of a trial or of the run', async () => {
    const played = await play({ plan: { trials: 2 } });
    const phases = [...runPhases(played), ...played.sink.trials().flatMap((trial) => trial.phases)];
    expect(phases.length).toBeGreaterThan(12);
    for (const at_s of played.sink.at_s) {
      expect(phases.filter(({ start_s, end_s }) => start_s < at_s && at_s < end_s)).toEqual([]);
    }
  });

  test('the meter is read past the end of the closing baseline, so that it is bracketed', async () => {
    const played = await play({});
    const closing = runPhases(played).at(-1);
    const samples = played.sink.parts.flatMap((part) => part.samples ?? []);
    expect(closing?.kind).toBe('baseline');
    expect(samples.some(({ start_s }) => start_s >= (closing?.end_s ?? 0))).toBe(true);
  });

  test('a meter that died is not waited for longer than three readings', async () => {
    const alive = await play({});
    const dead = await play({ recorder: { dies_s: 3 } });
    expect(dead.outcome.state).toBe('finished');
    expect(dead.ended_s - alive.ended_s).toBeLessThanOrEqual(3 * 0.5 + 0.5);
  });

  test('without any meter a run still records its trials', async () => {
    const { outcome, sink } = await play({ recorder: { none: true } });
    expect(outcome.state).toBe('finished');
    expect(sink.trials()).toHaveLength(2);
  });

  test('samples reach the store once each and without a hole', async () => {
    const samples = (await play({})).sink.parts.flatMap((part) => part.samples ?? []);
    for (const [i, sample] of samples.entries()) {
      if (i > 0) expect(sample.start_s).toBeCloseTo(samples[i - 1]?.end_s ?? -1, 9);
    }
  });

  test('wall and monotonic time are marked at the start, after each trial and at the end', async () => {
    const played = await play({});
    const marks = played.sink.parts.flatMap((part) => part.marks ?? []);
    expect(marks).toHaveLength(4);
    expect(marks[0]?.monotonic_s).toBe(0);
    expect(marks.at(-1)?.monotonic_s).toBe(played.ended_s);
  });

  test('an uneven baseline is extended by what the warm-up drew, up to its maximum', async () => {
    const busy = (at_s: number): number => (at_s > 0.5 && at_s <= 4.5 ? 30 : 0);
    const uneven = (at_s: number): number => busy(at_s) + (Math.round(at_s * 2) % 2 === 0 ? 4 : 6);
    const even = (at_s: number): number => busy(at_s) + 5;
    const lengths = async (power_W: (at_s: number) => number): Promise<number[]> => {
      const played = await play({ plan: { baselineMax_s: 7 }, recorder: { power_W } });
      const trials = played.sink
        .trials()
        .flatMap((trial) => trial.phases.filter((p) => p.kind === 'baseline'));
      return trials.map(({ start_s, end_s }) => Math.round(end_s - start_s));
    };
    expect(await lengths(uneven)).toEqual([7, 7]);
    expect(await lengths(even)).toEqual([2, 2]);
  });
});
