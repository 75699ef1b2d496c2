import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../../src/cli/display-width.ts';
import { glanceLine, progressLine } from '../../../src/cli/live/glance-text.ts';
import type { RunGlance } from '../../../src/cli/live/run-state.ts';
import type { WatchedDomain } from '../../../src/cli/watch/watched-power.ts';

const GLANCE: RunGlance = {
  ...{
    phase: 'inference',
    model: 'qwen3-4b',
    prompt: 'short-2',
    trial: 2,
    trials: 9,
    elapsed_s: 3,
    planned_s: 8,
  },
  ...{ remaining_s: 3725, tokens: 42, tokPerS: 18.24, energy_J: 128, domain: 'soc' },
};

function rail(domain: string, power_W: number, course_W: readonly number[]): WatchedDomain {
  const figures = { samples: 1, min_W: 1, mean_W: 1, max_W: 1, energy_J: 1, covered_s: 1 };
  return { domain, power_W, course_W, ...figures };
}

describe('the line of a run', () => {
  test('fits 80 columns with the course of the widest domain, and takes more where there is room', () => {
    const rails = [
      rail('soc', 12.34, [0, 6, 12, 12, 6, 0, 12, 12]),
      rail('cpu', 3.4, []),
      rail('gpu', 8.5, []),
    ];
    expect(progressLine(GLANCE, rails, 80)).toBe(
      '[2/9] short-2  inference 3/8 s  42 tok  128 J  soc 12.3 W ▁▅██▅▁██  1:02:05 left',
    );
    expect(progressLine(GLANCE, rails, 120)).toBe(
      '[2/9] short-2  inference 3/8 s  42 tok  18.2 tok/s  128 J  soc 12.3 W ▁▅██▅▁██  cpu 3.40 W  gpu 8.50 W  1:02:05 left',
    );
  });

  test('without power it still says where the run is', () => {
    expect(progressLine({ ...GLANCE, energy_J: null, tokens: 0 }, [], 80)).toBe(
      '[2/9] short-2  inference 3/8 s  1:02:05 left',
    );
  });

  test('is no wider than asked wherever the phase and one power fit, and obeys nothing that it names', () => {
    const any = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(
        any,
        any,
        fc.array(any, { maxLength: 5 }),
        fc.integer({ min: 60, max: 200 }),
        (prompt, model, names, width) => {
          const glance = { ...GLANCE, prompt, model };
          const rails = names.map((name, i) => rail(name.slice(0, 8), i * 10, [1, 2, 3]));
          for (const line of [progressLine(glance, rails, width), glanceLine(glance, width)]) {
            expect(displayWidth(line)).toBeLessThanOrEqual(width);
            expect(line).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
    );
  });
});
