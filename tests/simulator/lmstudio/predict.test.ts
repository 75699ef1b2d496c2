import { describe, expect, test } from 'vitest';
import type { LabModel } from '../../../src/simulator/lmstudio/catalog.ts';
import { DEFAULT_CATALOG } from '../../../src/simulator/lmstudio/catalog.ts';
import { Instance } from '../../../src/simulator/lmstudio/instance.ts';
import { WorkPower } from '../../../src/simulator/lmstudio/power.ts';
import type { PredictionOrder } from '../../../src/simulator/lmstudio/predict.ts';
import { predict } from '../../../src/simulator/lmstudio/predict.ts';
import type { PredictionEvent, PredictionOutcome } from '../../../src/simulator/lmstudio/prediction.ts';
import { effectiveLoad } from '../../../src/simulator/lmstudio/settings.ts';
import { PowerSteps } from '../../../src/simulator/power-step.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';

const PREFILL = { cpu_W: 2, gpu_W: 20, ane_W: 0 };
const DECODE = { cpu_W: 3, gpu_W: 12, ane_W: 0 };
const IDLE = { cpu_W: 0, gpu_W: 0, ane_W: 0 };
const TEN_TOKENS = 'one two three four five six seven eight nine ten';

const [BASE] = DEFAULT_CATALOG;
if (BASE === undefined) throw new Error('the catalogue is empty');
const MODEL: LabModel = {
  ...BASE,
  prefillTokPerS: 10,
  decodeTokPerS: 4,
  prefillPower: PREFILL,
  decodePower: DECODE,
  answer_tok: 5,
};

interface Bench {
  readonly clock: ManualClock;
  readonly steps: PowerSteps;
  readonly instance: Instance;
  readonly order: PredictionOrder;
  readonly events: { readonly at_s: number; readonly event: PredictionEvent }[];
  run(order?: Partial<PredictionOrder>): Promise<PredictionOutcome>;
}

function bench(model: Partial<LabModel> = {}, requested: Record<string, unknown> = {}): Bench {
  const clock = manualClock(1000);
  const steps = new PowerSteps();
  const machine = { clock, power: new WorkPower(steps, clock), answerTokens: undefined };
  const used = { ...MODEL, ...model };
  const instance = new Instance(
    {
      identifier: 'it',
      reference: 'ref',
      model: used,
      settings: effectiveLoad(used, requested, {}),
      ttl_s: null,
      justInTime: false,
    },
    clock,
  );
  const order: PredictionOrder = {
    instance,
    question: TEN_TOKENS,
    prompt: TEN_TOKENS,
    maxOutput_tok: null,
    stopStrings: [],
    thinks: true,
    signal: new AbortController().signal,
  };
  const events: { at_s: number; event: PredictionEvent }[] = [];
  const run = async (changed: Partial<PredictionOrder> = {}): Promise<PredictionOutcome> => {
    for await (const event of predict(machine, { ...order, ...changed })) {
      events.push({ at_s: clock.now_s(), event });
      if (event.type === 'end') return event.outcome;
    }
    throw new Error('no outcome');
  };
  return { clock, steps, instance, order, events, run };
}

const tokenTimes = ({ events }: Bench): number[] =>
  events.filter(({ event }) => event.type === 'token').map(({ at_s }) => at_s);

describe('predict', () => {
  test('processes the prompt at its rate, then says token i at the first plus i by the rate', async () => {
    const lab = bench();
    const outcome = await lab.clock.runUntil(lab.run());
    expect(tokenTimes(lab)).toEqual([1001, 1001.25, 1001.5, 1001.75, 1002]);
    expect(outcome).toMatchObject({
      stopReason: 'eosFound',
      prompt_tok: 10,
      cached_tok: 0,
      output_tok: 5,
      requested_s: 1000,
      promptStart_s: 1000,
      firstToken_s: 1001,
      lastToken_s: 1002,
      ended_s: 1002.25,
      passes: 5,
    });
  });

  test('power changes exactly where the work does: prefill, decode, the pass that ends it', async () => {
    const lab = bench();
    await lab.clock.runUntil(lab.run());
    expect(lab.steps.all()).toEqual([
      { at_s: 1000, ...PREFILL },
      { at_s: 1001, ...DECODE },
      { at_s: 1002.25, ...IDLE },
    ]);
  });

  test('a limit ends with the last token; no pass follows', async () => {
    const lab = bench();
    const outcome = await lab.clock.runUntil(lab.run({ maxOutput_tok: 3 }));
    expect(outcome).toMatchObject({
      stopReason: 'maxPredictedTokensReached',
      output_tok: 3,
      ended_s: 1001.5,
      passes: 2,
    });
    expect(lab.steps.all().at(-1)).toEqual({ at_s: 1001.5, ...IDLE });
  });

  test('one token is prefill alone', async () => {
    const lab = bench();
    await lab.clock.runUntil(lab.run({ maxOutput_tok: 1 }));
    expect(lab.steps.all()).toEqual([
      { at_s: 1000, ...PREFILL },
      { at_s: 1001, ...IDLE },
    ]);
  });

  test('a timer that wakes late delays one token, not those after it', async () => {
    const lab = bench({ answer_tok: 100, decodeTokPerS: 50 });
    const late: ManualClock = {
      ...lab.clock,
      sleep: (duration_s, signal) => lab.clock.sleep(duration_s + 0.004, signal),
    };
    const machine = { clock: late, power: new WorkPower(lab.steps, late), answerTokens: undefined };
    const times: number[] = [];
    const run = async (): Promise<void> => {
      for await (const event of predict(machine, lab.order)) {
        if (event.type === 'token') times.push(late.now_s());
      }
    };
    await lab.clock.runUntil(run());
    const first_s = times[0] ?? 0;
    const delays_s = times.map((at_s, index) => at_s - first_s - index / 50);
    expect(times).toHaveLength(100);
    expect(Math.max(...delays_s)).toBeLessThan(0.0041);
  });

  test('progress counts cached, processed and left tokens, batch by batch', async () => {
    const lab = bench({}, { 'llm.load.llama.evalBatchSize': 4 });
    await lab.clock.runUntil(lab.run());
    const progress = lab.events.flatMap(({ at_s, event }) =>
      event.type === 'prompt' ? [[at_s, event.progress.processed_tok, event.progress.left_tok]] : [],
    );
    expect(progress).toEqual([
      [1000, 0, 10],
      [1000.4, 4, 6],
      [1000.8, 8, 2],
      [1001, 10, 0],
    ]);
  });

  test('the same prompt again costs one token of prefill', async () => {
    const lab = bench();
    await lab.clock.runUntil(lab.run());
    const again = await lab.clock.runUntil(lab.run());
    expect(again.cached_tok).toBe(9);
    expect((again.firstToken_s ?? 0) - again.requested_s).toBeCloseTo(0.1, 9);
  });

  test('a cancel while tokens come ends power and answer at once', async () => {
    const lab = bench();
    const cancel = new AbortController();
    const outcome = lab.run({ signal: cancel.signal });
    await lab.clock.advance(1.6);
    cancel.abort();
    expect(await outcome).toMatchObject({ stopReason: 'userStopped', output_tok: 3, ended_s: 1001.6 });
    expect(lab.steps.all().at(-1)).toEqual({ at_s: 1001.6, ...IDLE });
  });

  test('a cancel during prefill leaves no token, and only what was processed in the cache', async () => {
    const lab = bench({}, { 'llm.load.llama.evalBatchSize': 4 });
    const cancel = new AbortController();
    const outcome = lab.run({ signal: cancel.signal });
    await lab.clock.advance(0.5);
    cancel.abort();
    expect(await outcome).toMatchObject({ stopReason: 'userStopped', output_tok: 0, firstToken_s: null });
    expect((await lab.clock.runUntil(lab.run())).cached_tok).toBe(4);
  });

  test('unloading the model ends what it was saying', async () => {
    const lab = bench();
    const outcome = lab.run();
    await lab.clock.advance(1.3);
    lab.instance.unload();
    expect(await outcome).toMatchObject({ stopReason: 'modelUnloaded', output_tok: 2 });
    expect(lab.steps.all().at(-1)).toMatchObject(IDLE);
  });

  test('a model on another machine draws nothing here', async () => {
    const lab = bench({ deviceIdentifier: 'elsewhere' });
    await lab.clock.runUntil(lab.run());
    expect(lab.steps.all()).toEqual([]);
  });

  test('with one slot the second request waits for the first; with two their powers add up', async () => {
    const one = bench({}, { 'llm.load.numParallelSessions': 1 });
    const first = one.run();
    const second = one.run({ prompt: 'another' });
    await one.clock.advance(0.5);
    expect(one.instance.queued).toBe(1);
    expect(one.instance.status).toBe('processingPrompt');
    const [a, b] = await one.clock.runUntil(Promise.all([first, second]));
    expect(b.promptStart_s).toBe(a.ended_s);

    const two = bench({}, { 'llm.load.numParallelSessions': 2 });
    await two.clock.runUntil(Promise.all([two.run(), two.run()]));
    expect(Math.max(...two.steps.all().map(({ gpu_W }) => gpu_W))).toBe(40);
  });

  test('a prompt that does not fit the context is refused before any work', async () => {
    const lab = bench({}, { 'llm.load.contextLength': 10 });
    await expect(lab.run()).rejects.toThrow(/greater than the context length/);
    expect(lab.steps.all()).toEqual([]);
  });

  test('a consumer that walks away in the middle leaves the machine idle', async () => {
    const lab = bench();
    const machine = {
      clock: lab.clock,
      power: new WorkPower(lab.steps, lab.clock),
      answerTokens: undefined,
    };
    for await (const _event of predict(machine, lab.order)) break;
    expect(lab.steps.all().at(-1)).toMatchObject(IDLE);
    expect(lab.instance.status).toBe('idle');
  });
});
