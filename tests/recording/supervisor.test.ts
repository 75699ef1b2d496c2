import { describe, expect, test } from 'vitest';
import { LmpowerError } from '../../src/core/errors.ts';
import type { Batch, RecordedEvent } from '../../src/core/sample.ts';
import { Supervisor } from '../../src/recording/supervisor.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import {
  batchOf,
  eventOf,
  meanSample,
  type ScriptedOptions,
  type ScriptedSampler,
  scriptedSampler,
} from '../support/scripted-sampler.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly sampler: ScriptedSampler;
  readonly supervisor: Supervisor;
  readonly batches: Batch[];
  /** Gives one sample a second for so long. */
  live(duration_s: number): Promise<void>;
  events(): RecordedEvent[];
}

function scene(options: ScriptedOptions = {}, interval_ms = 500): Scene {
  const clock = manualClock(100);
  const sampler = scriptedSampler('meter', options);
  const batches: Batch[] = [];
  const supervisor = new Supervisor({ sampler, clock, interval_ms, onBatch: (batch) => batches.push(batch) });
  void supervisor.run();
  return {
    clock,
    sampler,
    supervisor,
    batches,
    events: () => batches.flatMap((batch) => batch.events),
    live: async (duration_s) => {
      for (let second = 0; second < duration_s; second++) {
        await clock.advance(1);
        sampler.give(batchOf([meanSample('cpu', clock.now_s() - 1, clock.now_s())]));
        await clock.advance(0);
      }
    },
  };
}

const brief = ({ code, at_s }: RecordedEvent): [string, number] => [code, at_s];

describe('Supervisor', () => {
  test('it passes batches on in order and ends the stream when told to', async () => {
    const { supervisor, sampler, batches, live, events } = scene();
    await live(3);
    await supervisor.stop();
    expect(batches.map((batch) => batch.samples[0]?.end_s)).toEqual([101, 102, 103]);
    expect([sampler.opened, sampler.open]).toEqual([1, 0]);
    expect(events()).toEqual([]);
    expect(supervisor.failure).toBeNull();
  });

  test('each silence of five intervals, at least 3 s, is one SAMPLER_STALLED, and the stream goes on', async () => {
    const { clock, live, events, supervisor, sampler } = scene();
    await live(2);
    await clock.advance(2.9);
    expect(events()).toEqual([]);
    await clock.advance(20);
    expect(events().map(brief)).toEqual([['SAMPLER_STALLED', 105]]);
    await live(1);
    await clock.advance(4);
    expect(events().map(brief)).toEqual([
      ['SAMPLER_STALLED', 105],
      ['SAMPLER_STALLED', expect.closeTo(128.9, 6)],
    ]);
    expect(sampler.opened).toBe(1);
    await supervisor.stop();
  });

  test('a slow source is silent for five of its own intervals before it has stalled', async () => {
    const { clock, live, events, supervisor } = scene({}, 2000);
    await live(1);
    await clock.advance(9.9);
    expect(events()).toEqual([]);
    await clock.advance(0.2);
    expect(events().map(brief)).toEqual([['SAMPLER_STALLED', 111]]);
    await supervisor.stop();
  });

  test('a stream that ends before its signal is reported dead, restarted, and the gap is recorded', async () => {
    const { clock, live, events, supervisor, sampler, batches } = scene();
    await live(4);
    sampler.end();
    await clock.advance(0.4);
    expect(events().map(brief)).toEqual([['SAMPLER_DIED', 104]]);
    expect(supervisor.failure?.code).toBe('SAMPLER_UNAVAILABLE');
    await clock.advance(0.6);
    expect(sampler.opened).toBe(2);
    expect(events().map(brief)).toEqual([
      ['SAMPLER_DIED', 104],
      ['GAP', 104.5],
    ]);
    await live(1);
    expect(batches.at(-1)?.samples[0]?.end_s).toBe(106);
    expect(supervisor.failure).toBeNull();
    await supervisor.stop();
    expect(sampler.open).toBe(0);
  });

  test('it restarts three times, waiting longer each time, and then gives up', async () => {
    const { clock, live, events, supervisor, sampler } = scene();
    await live(4);
    const died_s: number[] = [];
    for (let life = 0; life < 4; life++) {
      sampler.fail(new Error('pipe broke'));
      died_s.push(clock.now_s());
      await clock.advance(5);
      if (life < 3) await live(1);
    }
    await clock.advance(60);
    expect(sampler.opened).toBe(4);
    const gaps_s = events()
      .filter(({ code }) => code === 'GAP')
      .map(({ at_s }, index) => at_s - (died_s[index] ?? 0));
    expect(gaps_s).toEqual([0.5, 1, 2]);
    expect(events().filter(({ code }) => code === 'SAMPLER_DIED')).toHaveLength(4);
    expect(supervisor.failure?.message).toBe('pipe broke');
    await supervisor.run();
  });

  test('a finite source that comes to its end is not restarted, and that is no failure', async () => {
    const { clock, live, events, supervisor, sampler } = scene({ finite: true });
    await live(5);
    sampler.end();
    await clock.advance(30);
    expect(events().map(brief)).toEqual([['SAMPLER_DIED', 105]]);
    expect(sampler.opened).toBe(1);
    expect(supervisor.failure).toBeNull();
    await supervisor.run();
  });

  test('a recording that is replayed at full speed is over where its samples end, not where the clock is', async () => {
    const { clock, sampler, events } = scene({ finite: true });
    sampler.give(batchOf([meanSample('cpu', 100, 3700)]));
    sampler.end();
    await clock.advance(0);
    expect(events().map(brief)).toEqual([['SAMPLER_DIED', 3700]]);
  });

  test('a sampler that told of its own death is not reported dead twice, and failed of that', async () => {
    const { clock, sampler, events, live, supervisor } = scene();
    await live(1);
    sampler.give(batchOf([], { events: [eventOf('SAMPLER_DIED', 101)] }));
    sampler.end();
    await clock.advance(10);
    expect(events()).toEqual([eventOf('SAMPLER_DIED', 101)]);
    expect(supervisor.failure?.message).toBe(eventOf('SAMPLER_DIED', 101).detail);
  });

  test('what dies at once is not restarted', async () => {
    const { clock, sampler, live } = scene();
    await live(1);
    sampler.end();
    await clock.advance(60);
    expect(sampler.opened).toBe(1);
  });

  test('a right that was withdrawn is not asked for again and again', async () => {
    const { clock, sampler, live, supervisor } = scene();
    await live(4);
    sampler.fail(new LmpowerError('SAMPLER_NOT_PERMITTED', 'sudo wants a password'));
    await clock.advance(60);
    expect(sampler.opened).toBe(1);
    expect(supervisor.failure?.code).toBe('SAMPLER_NOT_PERMITTED');
  });

  test('a refusal before the first batch is why it did not start', async () => {
    const refusal = new LmpowerError('SAMPLER_NOT_PERMITTED', 'powermetrics needs root');
    const { clock, supervisor, sampler, events } = scene({ refusal });
    await expect(supervisor.started).resolves.toBe(refusal);
    await clock.advance(60);
    expect(sampler.opened).toBe(1);
    expect(events()[0]?.detail).toContain('powermetrics needs root');
  });

  test('a stream without a first batch counts as failed after 30 s, and is welcome when it comes', async () => {
    const { clock, supervisor, live, events, batches } = scene();
    await clock.advance(29);
    expect(events()).toEqual([]);
    await clock.advance(2);
    await expect(supervisor.started).resolves.toMatchObject({ code: 'SAMPLER_UNAVAILABLE' });
    expect(events().map(brief)).toEqual([['SAMPLER_STALLED', 130]]);
    await live(1);
    expect(supervisor.failure).toBeNull();
    expect(batches.at(-1)?.samples).toHaveLength(1);
    await supervisor.stop();
  });

  test('a stream that ignores its signal is left behind after 5 s, and nothing more of it is taken', async () => {
    const { clock, supervisor, sampler, live, batches } = scene({ deaf: true });
    await live(1);
    await clock.runUntil(supervisor.stop());
    expect(clock.now_s()).toBe(106);
    expect(supervisor.failure?.message).toBe('meter did not end in 5 s');
    sampler.give(batchOf([meanSample('cpu', 105, 106)]));
    await clock.advance(1);
    expect(batches).toHaveLength(1);
  });

  test('stopped while it waits to restart, it does not restart', async () => {
    const { clock, supervisor, sampler, live } = scene();
    await live(3);
    sampler.end();
    await clock.advance(0.1);
    await supervisor.stop();
    await clock.advance(60);
    expect(sampler.opened).toBe(1);
  });

  test('a stream that never waits lets others have their turn', async () => {
    const clock = manualClock();
    const endless = scriptedSampler('endless');
    let given = 0;
    const supervisor = new Supervisor({
      sampler: {
        ...endless,
        stream: async function* ({ signal }) {
          for (; !signal.aborted; given++) yield batchOf([meanSample('cpu', given, given + 1)]);
        },
      },
      clock,
      interval_ms: 100,
      onBatch: () => undefined,
    });
    void supervisor.run();
    await new Promise<void>((resolve) => setImmediate(resolve));
    const seen = given;
    expect(seen).toBeGreaterThan(0);
    await supervisor.stop();
    expect(given).toBeLessThan(seen + 1000);
  });
});
