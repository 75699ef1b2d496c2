import { afterEach, expect, test } from 'vitest';
import { createLmStudio } from '../../src/backends/lmstudio.ts';
import { type Clock, clockSince, systemClock } from '../../src/core/clock.ts';
import { planRun } from '../../src/orchestrator/plan.ts';
import { executeRun } from '../../src/orchestrator/run.ts';
import type { RunRecorder } from '../../src/orchestrator/run-context.ts';
import { FAST_MODELS, startFastLab } from '../support/lmstudio-lab.ts';
import { manualClock } from '../support/manual-clock.ts';
import { scriptedSink, scriptedWorkload } from '../support/scripted-run.ts';

const opened: Array<{ close(): Promise<void> }> = [];

const NO_METER: RunRecorder = {
  start: async () => undefined,
  stop: async () => undefined,
  domains: () => [],
  latest: () => [],
  meanPower_W: () => null,
  drain: () => ({ domains: [], samples: [], observations: [], events: [] }),
};

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** Real time, in which a phase that is waited for is over at once; both clocks say the same time. */
function skippingClocks(): { readonly run: Clock; readonly server: Clock } {
  const real = clockSince(systemClock.now_s());
  let skipped_s = 0;
  const server = { ...real, now_s: () => real.now_s() + skipped_s };
  const run = {
    ...server,
    sleep: async (duration_s: number) => {
      skipped_s += duration_s;
    },
  };
  return { run, server };
}

test('two quantizations by turns over real sockets: both in memory, each asked under its own name, both gone after', async () => {
  const keys = FAST_MODELS.slice(0, 2).map(({ key }) => key);
  const lab = await startFastLab({ loadedAtStart: [] });
  const clocks = skippingClocks();
  const backend = createLmStudio({ url: lab.url, token: null, clock: clocks.server, timeout_s: 30 });
  opened.push(lab, backend);
  const sink = scriptedSink([], manualClock());
  const outcome = await executeRun({
    plan: planRun({
      workload: scriptedWorkload(1),
      backend: 'lmstudio',
      models: keys,
      order: 'interleaved',
      trials: 2,
      warmup: false,
      baseline_s: 2,
      cooldown_s: 1,
      inference: { maxOutput_tok: 8 },
    }),
    runId: 'run-1',
    backend,
    recorder: NO_METER,
    sink,
    clock: clocks.run,
    signal: new AbortController().signal,
  });
  const [a, b] = keys;
  expect(outcome).toEqual({ state: 'finished', trials: 4, failedTrials: 0, error: null });
  expect(sink.trials().map(({ model }) => model)).toEqual([a, b, b, a]);
  expect(lab.answers.map(({ modelKey }) => modelKey)).toEqual([a, b, b, a]);
  expect(new Set(lab.answers.map(({ identifier }) => identifier)).size).toBe(2);
  expect(sink.parts.flatMap(({ phases }) => phases ?? []).map(({ kind }) => kind)).toEqual([
    'load',
    'load',
    'baseline',
  ]);
  expect(await backend.loaded()).toEqual([]);
});
