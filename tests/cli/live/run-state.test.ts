import { describe, expect, test } from 'vitest';
import { RunState } from '../../../src/cli/live/run-state.ts';
import type { Batch } from '../../../src/core/sample.ts';
import { domainOf } from '../../support/recording.ts';

const PLACE = { index: 1, of: 9, promptId: 'short-2', category: 'short', repetition: 0 };
const reading = (start_s: number): Batch => ({
  domains: [
    domainOf({ id: 'gpu', rank: 0 }),
    domainOf({ id: 'soc', rank: 1 }),
    domainOf({ id: 'cpu', rank: 0 }),
  ],
  samples: (['gpu', 'soc', 'cpu'] as const).map((domain, i) => ({
    ...{ domain, start_s, end_s: start_s + 0.5, energy_J: i + 1, kind: 'mean' },
  })),
  observations: [],
  events: [],
});

describe('RunState', () => {
  test('knows nothing at first, and says so', () => {
    expect(new RunState(5).glance(7)).toEqual({
      ...{
        phase: 'starting',
        model: null,
        prompt: null,
        trial: null,
        trials: null,
        elapsed_s: 2,
        planned_s: null,
      },
      ...{ remaining_s: 0, tokens: 0, tokPerS: null, energy_J: null, domain: null },
    });
  });

  test('counts place, phase, tokens, their rate, and the joules of the widest domain', () => {
    const state = new RunState(0);
    state.hear(
      { kind: 'phase', phase: 'inference', model: 'm', trial: PLACE, planned_s: 8, remaining_s: 95 },
      10,
    );
    state.hear({ kind: 'token', count: 3 }, 11);
    state.hear({ kind: 'token', count: 23 }, 12);
    state.read(reading(10));
    state.read(reading(10.5));
    expect(state.glance(13)).toEqual({
      ...{
        phase: 'inference',
        model: 'm',
        prompt: 'short-2',
        trial: 2,
        trials: 9,
        elapsed_s: 3,
        planned_s: 8,
      },
      ...{ remaining_s: 92, tokens: 23, tokPerS: 20, energy_J: 4, domain: 'soc' },
    });
    expect(state.power.widestFirst().map(({ domain }) => domain)).toEqual(['soc', 'gpu', 'cpu']);
  });

  test('a new phase begins without tokens; joules go on', () => {
    const state = new RunState(0);
    state.read(reading(0));
    state.hear({ kind: 'token', count: 3 }, 1);
    state.hear(
      { kind: 'phase', phase: 'cooldown', model: 'm', trial: PLACE, planned_s: 10, remaining_s: 20 },
      2,
    );
    state.hear({ kind: 'extended', phase: 'cooldown', planned_s: 30 }, 2);
    const { energy_J, planned_s, tokens, tokPerS } = state.glance(2);
    expect([tokens, tokPerS, planned_s, energy_J]).toEqual([0, null, 30, 2]);
  });
});
