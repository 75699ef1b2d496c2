import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/core/sample.ts';
import { type Played, play } from '../support/play-run.ts';

function observations({ sink }: Pick<Played, 'sink'>): Observation[] {
  return sink.parts.flatMap((part) => part.observations ?? []);
}

describe('surroundings of a run', () => {
  test('processor time and memory of the server are read at both ends of each request', async () => {
    const played = await play({
      surroundings: (now_s) => ({
        look: async () => ({}),
        server: () => ({ cpu_s: 2 * now_s(), memory_B: 3e9 + now_s() }),
      }),
    });
    const requests = played.sink.parts
      .flatMap(({ trials }) => trials ?? [])
      .flatMap((trial) => trial.completions);
    expect(requests.length).toBeGreaterThan(1);
    const readings = observations(played);
    for (const { ended_s, requested_s } of requests) {
      const source = 'environment';
      expect(readings.filter(({ at_s }) => at_s === requested_s || at_s === ended_s)).toEqual(
        [requested_s, ended_s].flatMap((at_s) => [
          { source, name: 'server_cpu_s', at_s, value: 2 * at_s },
          { source, name: 'server_rss_B', at_s, value: 3e9 + at_s },
        ]),
      );
    }
  });

  test('memory that is not stated leaves no reading', async () => {
    const played = await play({
      surroundings: () => ({ look: async () => ({}), server: () => ({ cpu_s: 1, memory_B: null }) }),
    });
    expect(new Set(observations(played).map(({ name }) => name))).toEqual(new Set(['server_cpu_s']));
  });

  test('a server whose time is not known leaves no reading', async () => {
    const played = await play({ surroundings: () => ({ look: async () => ({}), server: () => null }) });
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
        server: () => null,
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
