import { describe, expect, test, vi } from 'vitest';
import { displayWidth } from '../../src/cli/display-width.ts';
import { type ProgressOptions, startProgress } from '../../src/cli/progress.ts';
import type { Batch } from '../../src/core/sample.ts';
import type { ProgressEvent, TrialPlace } from '../../src/orchestrator/progress.ts';
import { captureOutput } from '../support/captured-output.ts';
import { completionOf, domainOf, trialOf } from '../support/recording.ts';

const PLACE: TrialPlace = { index: 1, of: 9, promptId: 'short-2', category: 'short', repetition: 0 };
const TIMES = { baseline_s: 0, requested_s: 2, ended_s: 4, cooledDown_s: 6 };
const DONE: ProgressEvent = {
  kind: 'trial-done',
  trial: trialOf(TIMES, { index: 1, promptId: 'short-2' }),
  of: 9,
  remaining_s: 95,
};
const phase = (part: Partial<Extract<ProgressEvent, { kind: 'phase' }>> = {}): ProgressEvent => ({
  kind: 'phase',
  phase: 'inference',
  model: 'qwen3-4b',
  trial: PLACE,
  planned_s: 8,
  remaining_s: 95,
  ...part,
});
const options = (part: Partial<ProgressOptions> = {}): ProgressOptions => ({
  now_s: () => 0,
  quiet: false,
  ...part,
});
/** So many readings of a second each, of a rail and of the whole. */
const batch = (count = 1): Batch => ({
  domains: [domainOf({ id: 'gpu', rank: 0 }), domainOf({ id: 'soc', rank: 1 })],
  samples: Array.from({ length: count }, (_, at_s) => at_s).flatMap((start_s) => [
    { domain: 'gpu', start_s, end_s: start_s + 1, energy_J: 8.5, kind: 'mean' },
    { domain: 'soc', start_s, end_s: start_s + 1, energy_J: 12.34, kind: 'mean' },
  ]),
  observations: [],
  events: [],
});

/** What the last drawing left on the line. */
const ERASE = '\r\u001b[2K';
const lineOf = (written: string): string => written.split(ERASE).at(-1) ?? '';

describe('progress on a screen', () => {
  const started = (columns: number, part: Partial<ProgressOptions> = {}) => {
    vi.useFakeTimers();
    vi.stubEnv('TERM', 'xterm');
    const output = captureOutput(columns);
    const progress = startProgress(options(part));
    return { output, progress, tick: () => vi.advanceTimersByTime(1000) };
  };
  const finish = (): void => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  };

  test.each([
    [80, '[2/9] short-2  inference 3/8 s  42 tok  123 J  soc 12.3 W ████████  1:32 left'],
    [
      140,
      '[2/9] short-2  inference 3/8 s  42 tok  20.0 tok/s  123 J  soc 12.3 W ██████████  gpu 8.50 W  1:32 left',
    ],
    [52, 'inference 3/8 s  42 tok  soc 12.3 W  1:32 left'],
  ])(
    'on %d columns: place, phase, tokens, joules so far, watts and their course, time left',
    (columns, line) => {
      let now_s = 0;
      const { output, progress, tick } = started(columns, { now_s: () => now_s });
      progress.listener(phase());
      progress.read(batch(10));
      progress.listener({ kind: 'token', count: 2 });
      now_s = 2;
      progress.listener({ kind: 'token', count: 42 });
      now_s = 3;
      tick();
      expect(lineOf(output.stderr())).toBe(line);
      progress.end();
      finish();
    },
  );

  test('is drawn once a second and no more, whatever happens in between', () => {
    const { output, progress, tick } = started(100);
    progress.listener(phase());
    for (let count = 1; count <= 500; count++) progress.listener({ kind: 'token', count });
    expect(output.stderr()).toBe('');
    tick();
    tick();
    expect(output.stderr().split(ERASE)).toHaveLength(3);
    progress.end();
    finish();
  });

  test.each([80, 50, 20])('never wraps on %d columns', (columns) => {
    const { output, progress, tick } = started(columns);
    progress.read(batch(100));
    progress.listener(phase({ trial: { ...PLACE, promptId: 'モデル'.repeat(40) }, remaining_s: 1e6 }));
    progress.listener({ kind: 'token', count: 1e9 });
    tick();
    expect(displayWidth(lineOf(output.stderr()))).toBeLessThan(columns);
    progress.end();
    finish();
  });

  test('follows a baseline that goes on, and forgets the tokens of the prompt before', () => {
    const { output, progress, tick } = started(100);
    progress.listener({ kind: 'token', count: 42 });
    progress.listener(phase({ phase: 'baseline', planned_s: 10 }));
    progress.listener({ kind: 'extended', phase: 'baseline', planned_s: 60 });
    tick();
    expect(lineOf(output.stderr())).toBe('[2/9] short-2  baseline 0/60 s  1:35 left');
    progress.end();
    finish();
  });

  test('gives way to a note, and leaves nothing behind at its end', () => {
    const { output, progress, tick } = started(100);
    progress.listener(phase());
    tick();
    progress.listener({ kind: 'note', text: 'the model\u001b[31m was unloaded' });
    expect(output.stderr().endsWith(`${ERASE}the model␛[31m was unloaded\n`)).toBe(true);
    tick();
    progress.end();
    expect(output.stderr().endsWith(ERASE)).toBe(true);
    const length = output.stderr().length;
    tick();
    expect(output.stderr()).toHaveLength(length);
    finish();
  });
});

describe('progress where there is no screen', () => {
  test('is one plain line for each phase of the run and each finished prompt', () => {
    const output = captureOutput();
    const { end, listener } = startProgress(options());
    listener(phase({ phase: 'load', trial: null }));
    listener(phase());
    listener({ kind: 'token', count: 3 });
    listener(DONE);
    end();
    expect(output.stderr()).toBe('load · qwen3-4b\n[2/9] short-2 · 10 tokens · 1 min 35 s left\n');
  });

  test('says why a prompt got no answer', () => {
    const output = captureOutput();
    const error = { code: 'BACKEND_DISCONNECTED', message: 'the connection was cut' };
    const trial = trialOf(TIMES, { completions: [completionOf(TIMES, { error })] });
    startProgress(options()).listener({ ...DONE, trial });
    expect(output.stderr()).toContain('failed: the connection was cut');
  });

  test('is nothing but notes when it is to be quiet', () => {
    const output = captureOutput();
    const { listener } = startProgress(options({ quiet: true }));
    listener(phase());
    listener(DONE);
    listener({ kind: 'note', text: 'something to know' });
    expect(output.stderr()).toBe('something to know\n');
  });
});
