import type { Completion, Phase, Recording, Trial } from '../../src/core/run.ts';
import { edgesBetween, meanSeries, stepsThrough } from './power-course.ts';
import { completionOf, domainOf, planOf, recordingOf, runRecordOf, trialOf } from './recording.ts';
import { seededRandom } from './seeded-random.ts';

export interface PartsRequest {
  readonly prompt_tok: number;
  readonly output_tok: number;
  /** Sent so often, back to back, as one trial. */
  readonly block?: number;
}

/** What each token costs the simulated machine, net, and how long it takes. */
export const COST = {
  idle_W: 4,
  prefill_JPerTok: 0.02,
  decode_JPerTok: 0.5,
  slope_JPerTok2: 0.5 * 2e-4,
  prefillTokPerS: 1000,
  decodeTokPerS: 20,
} as const;

/** Net joules of one request. */
export function truthOf({ output_tok, prompt_tok }: PartsRequest): { prefill_J: number; decode_J: number } {
  const decoded = output_tok - 1;
  const context_tok = prompt_tok + output_tok / 2;
  return {
    prefill_J: COST.prefill_JPerTok * prompt_tok,
    decode_J: (COST.decode_JPerTok + COST.slope_JPerTok2 * context_tok) * decoded,
  };
}

const INTERVAL_S = 1;
const IDLE_S = 12;

/**
 * Requests one after the other, idle before each and at the end, read once a second: prefill is too short for windows.
 * `noiseRatio`: how much the power of a request differs from its mean.
 */
export function partsSession(requests: readonly PartsRequest[], seed = 1, noiseRatio = 0): Recording {
  const random = seededRandom(seed);
  const steps: [number, number][] = [[0, COST.idle_W]];
  const trials: Trial[] = [];
  let now_s = 0.3;
  for (const [index, request] of requests.entries()) {
    const baseline_s = now_s;
    now_s += IDLE_S + random.between(0, INTERVAL_S);
    const completions: Completion[] = [];
    const factor = 1 + noiseRatio * random.normal();
    for (let k = 0; k < (request.block ?? 1); k++) {
      const completion = answer(request, now_s, random.between(0, 1e-3));
      const { decode_J, prefill_J } = truthOf(request);
      const prefill_s = (completion.firstToken_s ?? now_s) - now_s;
      steps.push([now_s, COST.idle_W + (factor * prefill_J) / prefill_s]);
      const decode_s = completion.ended_s - now_s - prefill_s;
      if (decode_s > 0) steps.push([now_s + prefill_s, COST.idle_W + (factor * decode_J) / decode_s]);
      now_s = completion.ended_s;
      completions.push(completion);
    }
    steps.push([now_s, COST.idle_W]);
    trials.push(trial(index, request, { baseline_s, completions }));
    now_s += 5;
  }
  const closing: Phase = { kind: 'baseline', start_s: now_s, end_s: now_s + IDLE_S, state: 'B2' };
  const end_s = now_s + IDLE_S + 4;
  const course = stepsThrough(steps, end_s);
  const edges_s = edgesBetween({ from_s: 0, to_s: end_s - 1 }, INTERVAL_S);
  const plan = planOf();
  return recordingOf({
    run: runRecordOf({ plan: { ...plan, workload: { ...plan.workload, identity: 'lexicon', nonce: true } } }),
    domains: [domainOf({ maxPower_W: 200 })],
    series: [meanSeries(course, { domain: 'soc', edges_s })],
    trials,
    phases: [closing],
  });
}

function answer({ output_tok, prompt_tok }: PartsRequest, requested_s: number, jitter_s: number): Completion {
  const first_s = requested_s + prompt_tok / COST.prefillTokPerS + jitter_s;
  const ended_s = first_s + (output_tok - 1) / COST.decodeTokPerS;
  const tokens = Array.from({ length: output_tok }, (_, i) => ({
    arrival_s: first_s + i / COST.decodeTokPerS,
    count_tok: 1,
    sort: 'content' as const,
  }));
  const counts = { input_tok: prompt_tok, cached_tok: 0, output_tok, stopReason: 'length' as const };
  return completionOf(
    { requested_s, ended_s },
    { tokens, firstToken_s: first_s, lastToken_s: ended_s, ...counts },
  );
}

function trial(
  index: number,
  { block, output_tok, prompt_tok }: PartsRequest,
  { baseline_s, completions }: { readonly baseline_s: number; readonly completions: readonly Completion[] },
): Trial {
  const requested_s = completions[0]?.requested_s ?? 0;
  const ended_s = completions.at(-1)?.ended_s ?? 0;
  const promptId = `in${prompt_tok}-out${output_tok}`;
  return {
    ...trialOf(
      { baseline_s, requested_s, ended_s, cooledDown_s: ended_s + 5 },
      { index, promptId, category: `in${prompt_tok}`, repetition: index, completions },
    ),
    ...(block === undefined ? {} : { block: true as const }),
  };
}
