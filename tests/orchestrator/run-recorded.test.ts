import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sampler } from '../../samplers/sampler.ts';
import { analyze } from '../../src/analyzer/analyze.ts';
import type { Recording, RunRecord } from '../../src/core/run.ts';
import type { Seconds, Watts } from '../../src/core/units.ts';
import { probeEnvironment } from '../../src/orchestrator/environment.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { executeRun } from '../../src/orchestrator/run.ts';
import { createRecorder } from '../../src/recording/live-recorder.ts';
import { openStore, type RunStore } from '../../src/storage/store.ts';
import { manualClock } from '../support/manual-clock.ts';
import { scriptedBackend, scriptedModel, scriptedWorkload } from '../support/scripted-run.ts';
import { batchOf, meanSample, testDomain } from '../support/scripted-sampler.ts';

const IDLE_W = 5;
const BUSY_W = 30;
const INTERVAL_S = 0.25;

/** A meter that integrates a known power over each interval of the clock, without delay. */
function exactSampler(energyOf_J: (start_s: Seconds, end_s: Seconds) => number): Sampler {
  const domains = [testDomain('soc', { source: 'exact', rank: 1 })];
  return {
    id: 'exact',
    title: 'exact',
    privilege: 'none',
    probe: async () => ({ state: 'ready', detail: '', remedy: null }),
    domains: () => domains,
    createParser: () => ({ push: () => [], end: () => [] }),
    async *stream({ clock, signal }) {
      for (let start_s = clock.now_s(); !signal.aborted; ) {
        await clock.sleep(INTERVAL_S, signal).catch(() => undefined);
        const end_s = clock.now_s();
        if (end_s > start_s)
          yield batchOf([meanSample('soc', start_s, end_s, energyOf_J(start_s, end_s))], { domains });
        start_s = end_s;
      }
    },
  };
}

describe('a run with the real recorder, store and analyzer', () => {
  let folder: string;
  let store: RunStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lmpower-run-'));
    store = openStore(join(folder, 'runs.sqlite'));
  });
  afterAll(async () => {
    store.close();
    await rm(folder, { recursive: true });
  });

  async function record(id: string, abortAt_s?: Seconds): Promise<Recording> {
    const clock = manualClock();
    const backend = scriptedBackend([], clock, {
      loaded: [scriptedModel('m')],
      answers: [{ duration_s: 5.1 }],
    });
    const requests: Array<readonly [Seconds, Seconds]> = [];
    const watched = {
      ...backend,
      complete: async (...given: Parameters<typeof backend.complete>) => {
        const at_s = clock.now_s();
        const slot = requests.push([at_s, Number.POSITIVE_INFINITY]) - 1;
        const completion = await backend.complete(...given);
        requests[slot] = [at_s, clock.now_s()];
        return completion;
      },
    };
    const energyOf_J = (start_s: Seconds, end_s: Seconds): number => {
      const busy_s = requests.reduce(
        (sum_s, [from_s, to_s]) => sum_s + Math.max(0, Math.min(end_s, to_s) - Math.max(start_s, from_s)),
        0,
      );
      const extra_W: Watts = BUSY_W - IDLE_W;
      return IDLE_W * (end_s - start_s) + extra_W * busy_s;
    };
    const plan = planRun({
      workload: scriptedWorkload(2),
      backend: 'scripted',
      interval_ms: 250,
      baseline_s: 3,
      cooldown_s: 2,
    });
    const run: RunRecord = {
      id,
      startedAt: clock.wallAt(),
      origin_s: 0,
      state: 'running',
      toolVersion: '0',
      methodVersion: 1,
      baselineState: 'B2',
      simulated: false,
      plan,
      environment: await probeEnvironment(),
    };
    store.createRun(run);
    const abort = new AbortController();
    if (abortAt_s !== undefined) void clock.sleep(abortAt_s).then(() => abort.abort());
    const outcome = await clock.runUntil(
      executeRun({
        plan,
        runId: id,
        backend: watched,
        recorder: createRecorder({ samplers: [exactSampler(energyOf_J)], clock, interval_ms: 250 }),
        sink: {
          append: ({ settings: _none, ...part }) => store.append(id, part),
          finish: (state) => store.finishRun(id, state),
        },
        clock,
        signal: abort.signal,
      }),
    );
    expect(outcome.error).toBeNull();
    return store.load(id);
  }

  test('known power comes out as the energy it is, gross and net, of every trial', async () => {
    const document = analyze(await record('whole'));
    expect(document.run.state).toBe('finished');
    expect(document.trials).toHaveLength(2);
    for (const { energy } of document.trials) {
      expect(energy[0]?.gross_J).toBeCloseTo(BUSY_W * 5.1, 6);
      expect(energy[0]?.net_J).toBeCloseTo((BUSY_W - IDLE_W) * 5.1, 6);
      expect(energy[0]?.baseline).toMatchObject({ before_W: IDLE_W, after_W: IDLE_W });
      expect(energy[0]?.coverage).toBe(1);
    }
  });

  test('an interrupted run is in the store as far as it came, and its whole trial keeps its energy', async () => {
    // 0.25 meter · 5.35 warm-up · 7.35 settled · 10.35 baseline · 15.45 answer · 17.45 cooldown · then the second trial
    const recording = await record('cut', 22);
    const document = analyze(recording);
    expect(recording.run.state).toBe('interrupted');
    expect(
      recording.trials.map(({ completions }) => completions.map(({ stopReason }) => stopReason)),
    ).toEqual([['eos'], ['cancelled']]);
    expect(document.trials[0]?.energy[0]?.net_J).toBeCloseTo((BUSY_W - IDLE_W) * 5.1, 6);
  });
});
