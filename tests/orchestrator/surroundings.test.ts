import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/core/sample.ts';
import { type Played, play } from '../support/play-run.ts';

function observations({ sink }: Pick<Played, 'sink'>): Observation[] {
  return sink.parts.flatMap((part) => part.observations ?? []);
}

describe('surroundings of a run', () => {
  test('the processor time of the server is read at both ends of each request', async () => {
    const played = await play({
      surroundings: (now_s) => ({ look: async () => ({}), serverCpu_s: () => 2 * now_s() }),
    });
    const requests = played.sink.parts
      .flatMap(({ trials }) => trials ?? [])
      .flatMap((trial) => trial.completions);
    expect(requests.length).toBeGreaterThan(1);
    const readings = observations(played).filter(({ name }) => name === 'server_cpu_s');
    for (const { ended_s, requested_s } of requests) {
      expect(readings.filter(({ at_s }) => at_s === requested_s || at_s === ended_s)).toEqual([
        { source: 'environment', name: 'server_cpu_s', at_s: requested_s, value: 2 * requested_s },
        { source: 'environment', name: 'server_cpu_s', at_s: ended_s, value: 2 * ended_s },
      ]);
    }
  });

  test('a server whose time is not known leaves no reading', async () => {
    const played = await play({ surroundings: () => ({ look: async () => ({}), serverCpu_s: () => null }) });
    expect(observations(played)).toEqual([]);
  });

  test('the machine is looked at between phases only', async () => {
    const looks_s: number[] = [];
    const played = await play({
      surroundings: (now_s) => ({
        look: async () => {
          looks_s.push(now_s());
          return { power_source: 'battery' };
        },
        serverCpu_s: () => null,
      }),
    });
    const phases = played.sink.parts
      .flatMap(({ trials }) => trials ?? [])
      .flatMap((trial) => trial.phases)
      .filter(({ kind }) => kind === 'baseline' || kind === 'inference' || kind === 'cooldown');
    expect(looks_s.length).toBeGreaterThanOrEqual(4);
    for (const look_s of looks_s) {
      expect(phases.filter(({ start_s, end_s }) => start_s < look_s && look_s < end_s)).toEqual([]);
    }
    expect(observations(played)).toEqual(
      looks_s.map((at_s) => ({ source: 'environment', name: 'power_source', at_s, value: 'battery' })),
    );
  });
});
