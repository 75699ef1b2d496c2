import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../../src/cli/display-width.ts';
import type { RunGlance } from '../../../src/cli/live/run-state.ts';
import { frameLines, plainLine, type WatchView } from '../../../src/cli/watch/frame.ts';
import type { WatchedDomain } from '../../../src/cli/watch/watched-power.ts';
import type { Observation } from '../../../src/core/sample.ts';

const domainRow = (domain: string, power_W: number): WatchedDomain => ({
  domain,
  samples: 4,
  min_W: power_W / 2,
  mean_W: power_W,
  max_W: power_W * 2,
  energy_J: power_W * 60,
  covered_s: 60,
  power_W,
  course_W: [0, power_W / 2, power_W],
});

const seen = (name: string, value: string | number): Observation => ({ source: 's', name, at_s: 0, value });

const viewOf = (part: Partial<WatchView> = {}): WatchView => ({
  title: 'powermetrics',
  elapsed_s: 61,
  domains: [domainRow('cpu', 4), domainRow('soc', 25)],
  observations: [seen('other_cores', 0.25), seen('thermal_pressure', 'nominal'), seen('gpu_temp_C', 48.5)],
  trouble: null,
  run: null,
  host: null,
  ...part,
});

const anyGlance: fc.Arbitrary<RunGlance> = fc.record({
  phase: fc.string({ unit: 'binary', maxLength: 40 }),
  model: fc.option(fc.string({ unit: 'binary', maxLength: 200 })),
  prompt: fc.option(fc.string({ unit: 'binary', maxLength: 200 })),
  trial: fc.option(fc.nat()),
  trials: fc.option(fc.nat()),
  elapsed_s: fc.double({ min: 0, max: 1e7, noNaN: true }),
  planned_s: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true })),
  remaining_s: fc.double({ min: 0, max: 1e7, noNaN: true }),
  tokens: fc.nat(),
  tokPerS: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
  energy_J: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })),
  domain: fc.option(fc.string({ unit: 'binary', maxLength: 40 })),
});

const anyView: fc.Arbitrary<WatchView> = fc.record({
  title: fc.string({ unit: 'binary', maxLength: 200 }),
  elapsed_s: fc.double({ min: 0, max: 1e7, noNaN: true }),
  domains: fc.array(
    fc
      .tuple(fc.string({ unit: 'binary', maxLength: 40 }), fc.double({ min: 0, max: 1e9, noNaN: true }))
      .map(([name, power_W]) => domainRow(name, power_W)),
    { maxLength: 30 },
  ),
  observations: fc.array(
    fc
      .tuple(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.oneof(fc.string({ unit: 'binary' }), fc.double()),
      )
      .map(([name, value]) => seen(name, value)),
    { maxLength: 60 },
  ),
  trouble: fc.option(fc.string({ unit: 'binary', maxLength: 200 })),
  run: fc.option(anyGlance),
  host: fc.option(
    fc.record({
      cpuRatio: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      memoryUsed_B: fc.nat(),
      memory_B: fc.nat(),
    }),
  ),
});

describe('frameLines', () => {
  test('shows power, energy and course of each domain, then heat before the rest', () => {
    expect(frameLines(viewOf(), { columns: 80, rows: 24 })).toEqual([
      `lmpower watch · powermetrics · 1 min 1 s${' '.repeat(29)}Ctrl-C ends`,
      '',
      'domain     W  mean W  max W      J',
      'cpu     4.00    4.00   8.00  240.0  ▁▅█',
      'soc     25.0    25.0   50.0   1500  ▁▅█',
      '',
      'thermal pressure nominal  gpu temp 48.5 °C          other cores 0.250',
    ]);
  });

  test('shows a run that is on, and the load of the machine', () => {
    const run: RunGlance = {
      ...{ phase: 'inference', model: 'qwen3-4b', prompt: 'short-2', trial: 2, trials: 9, elapsed_s: 3 },
      ...{ planned_s: 8, remaining_s: 92, tokens: 42, tokPerS: 18.24, energy_J: 128, domain: 'soc' },
    };
    const host = { cpuRatio: 0.256, memoryUsed_B: 12 * 2 ** 30, memory_B: 64 * 2 ** 30 };
    const lines = frameLines(viewOf({ run, host }), { columns: 100, rows: 24 });
    expect(lines.slice(5, 9)).toEqual([
      '',
      'run  [2/9] short-2  inference 3/8 s  42 tok  18.2 tok/s  128 J  qwen3-4b  1 min 32 s left',
      '',
      'processors 26 %  memory 12.0 of 64.0 GiB',
    ]);
  });

  test('never has more lines than the screen has rows, nor a line wider than it, nor a control character', () => {
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 200 }),
      rows: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(anyView, size, (view, { columns, rows }) => {
        const lines = frameLines(view, { columns, rows });
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) {
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('says how many observations a short screen leaves out', () => {
    const observations = Array.from({ length: 50 }, (_, i) =>
      seen(`core_${String(i).padStart(2, '0')}_C`, 40),
    );
    const lines = frameLines(viewOf({ observations }), { columns: 80, rows: 10 });
    expect(lines).toHaveLength(10);
    const shown = lines.join('\n').match(/°C/g)?.length ?? 0;
    expect(lines.at(-1)).toBe(`… ${50 - shown} more`);
  });

  test('drops the course and then the means where there is no room for them', () => {
    const narrow = frameLines(viewOf(), { columns: 30, rows: 24 });
    expect(narrow.join('\n')).not.toMatch(/[▁▅█]/);
    expect(narrow[2]).toBe('domain     W  mean W      J');
  });

  test('says what is wrong with a source, and that it waits', () => {
    const lines = frameLines(viewOf({ domains: [], trouble: 'hwmon: \u001b[2Jgone' }), {
      columns: 80,
      rows: 24,
    });
    expect(lines[1]).toBe('! hwmon: ␛[2Jgone');
    expect(lines).toContain('waiting for the first reading …');
  });
});

test('a plain line holds time, power and energy since the start', () => {
  expect(plainLine(viewOf())).toBe('61 s · cpu 4.00 W 240.0 J · soc 25.0 W 1500 J');
});
