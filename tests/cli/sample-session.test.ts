import { describe, expect, test, vi } from 'vitest';
import { ReaderGone } from '../../src/cli/output.ts';
import { SampleSession } from '../../src/cli/sample-session.ts';
import type { Batch } from '../../src/core/sample.ts';
import { captureOutput } from '../support/captured-output.ts';

const QUIET = { frames: undefined, keeps: false, prints: false, simulated: false };
const frame = (end_s: number): Batch => ({
  samples: [{ domain: 'soc', start_s: end_s - 1, end_s, energy_J: 5, kind: 'mean' }],
  observations: [],
  events: [],
});
const EVENT: Batch = { samples: [], observations: [], events: [] };

describe('SampleSession', () => {
  test('has enough when every source gave its frames; batches without samples are none', () => {
    const session = new SampleSession(['a', 'b'], { ...QUIET, frames: 2 });
    for (const batch of [frame(1), EVENT, EVENT]) session.take(batch, 'a');
    session.take(frame(2), 'a');
    session.take(frame(1), 'b');
    expect(session.signal.aborted).toBe(false);
    session.take(frame(2), 'b');
    expect(session.signal.aborted).toBe(true);
  });

  test('does not wait for a source that fell silent, unless it speaks again; silence of all is never enough', () => {
    const session = new SampleSession(['a', 'b'], { ...QUIET, frames: 1 });
    const silence = (code: 'SAMPLER_STALLED' | 'SAMPLER_DIED', source: string): Batch => ({
      ...EVENT,
      events: [{ code, source, at_s: 1, domain: null, detail: 'no reading yet' }],
    });
    session.take(silence('SAMPLER_STALLED', 'b'), 'b');
    session.take(silence('SAMPLER_DIED', 'a'), 'a');
    expect(session.signal.aborted).toBe(false);
    session.take(frame(1), 'a');
    expect(session.signal.aborted).toBe(true);
  });

  test('takes no frame more than asked for from the quicker source', () => {
    const session = new SampleSession(['a', 'b'], { ...QUIET, frames: 2, keeps: true });
    for (const end_s of [1, 2, 3, 4]) session.take(frame(end_s), 'a');
    expect(session.kept).toHaveLength(2);
    expect(session.summary.rows()).toMatchObject([{ samples: 2, energy_J: 10 }]);
  });

  test('without a number of frames it never has enough', () => {
    const session = new SampleSession(['a'], QUIET);
    for (let end_s = 1; end_s <= 100; end_s++) session.take(frame(end_s), 'a');
    expect(session.signal.aborted).toBe(false);
    expect(session.kept).toEqual([]);
  });

  test('prints one sample a line as it comes', async () => {
    const output = captureOutput();
    const session = new SampleSession(['a'], { ...QUIET, prints: true });
    session.take(frame(1), 'a');
    session.take(frame(2), 'a');
    await session.written();
    const lines = output.stdout().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).energy_J)).toEqual([5, 5]);
  });

  test('what is made up says so in every line', async () => {
    const output = captureOutput();
    const session = new SampleSession(['a'], { ...QUIET, prints: true, simulated: true });
    session.take(frame(1), 'a');
    await session.written();
    expect(JSON.parse(output.stdout())).toMatchObject({ domain: 'soc', energy_J: 5, simulated: true });
  });

  test('ends, instead of crashing, when nobody reads what it prints', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((_chunk, encoding, callback) => {
      const done = typeof encoding === 'function' ? encoding : callback;
      done?.(Object.assign(new Error('broken'), { code: 'EPIPE' }));
      return false;
    });
    const session = new SampleSession(['a'], { ...QUIET, prints: true });
    session.take(frame(1), 'a');
    await expect(session.written()).rejects.toBeInstanceOf(ReaderGone);
    expect(session.signal.aborted).toBe(true);
    session.take(frame(2), 'a');
    expect(write).toHaveBeenCalledOnce();
    write.mockRestore();
  });
});
