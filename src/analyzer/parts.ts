import type { PartEnergy } from '../core/result.ts';
import type { Completion } from '../core/run.ts';
import type { Seconds, Watts } from '../core/units.ts';
import type { Edge } from './edges.ts';
import { gradeOf } from './grade.ts';
import { ratio } from './latency.ts';
import type { Timeline } from './timeline.ts';
import { tokenCounts } from './token-counts.ts';
import { windowEnergy } from './window-energy.ts';

export interface Parts {
  readonly prefill: PartEnergy | null;
  readonly decode: PartEnergy | null;
}

/**
 * Energy of prefill, [t_pps, t_ppe] where the server says it, else [t_req, t_first], and of decode, [t_first, t_last].
 * Null below grade C: with fewer than five readings inside, a part cannot be told from its neighbours. Source: METHOD §4.
 * `beforeRequest_s`: start of the phase before the request, for the causal split.
 */
export function partsOf(
  timeline: Timeline,
  completion: Completion,
  context: { readonly beforeRequest_s: Seconds | null; readonly baseline_W: Watts | null },
): Parts {
  const { requested_s, promptStart_s, promptEnd_s, firstToken_s, lastToken_s } = completion;
  const counts = tokenCounts(completion);
  const isServed = promptStart_s !== null && promptEnd_s !== null && promptEnd_s > promptStart_s;
  const start_s = isServed ? promptStart_s : requested_s;
  const end_s = isServed ? promptEnd_s : firstToken_s;
  const anchor = { at_s: requested_s, precedingStart_s: context.beforeRequest_s };
  return {
    prefill: partOf(timeline, context.baseline_W, {
      start_s,
      end_s,
      beforeStart_s: context.beforeRequest_s,
      beforeEnd_s: start_s,
      anchor,
      tokens: counts.prefill_tok,
    }),
    decode: partOf(timeline, context.baseline_W, {
      start_s: firstToken_s,
      end_s: lastToken_s,
      beforeStart_s: start_s,
      beforeEnd_s: firstToken_s,
      anchor,
      tokens: counts.decode_tok,
    }),
  };
}

interface PartWindow {
  readonly start_s: Seconds | null;
  readonly end_s: Seconds | null;
  readonly beforeStart_s: Seconds | null;
  readonly beforeEnd_s: Seconds | null;
  readonly anchor: Omit<Edge, 'anchor'>;
  readonly tokens: number | null;
}

function partOf(timeline: Timeline, baseline_W: Watts | null, part: PartWindow): PartEnergy | null {
  const { start_s, end_s, tokens } = part;
  if (start_s === null || end_s === null || !(end_s > start_s)) return null;
  const energy = windowEnergy(timeline, { ...part, start_s, end_s });
  const grade = gradeOf(energy.publications);
  if (grade === 'D') return null;
  const net_J = baseline_W === null ? null : energy.gross_J - baseline_W * energy.covered_s;
  return {
    start_s,
    end_s,
    gross_J: energy.gross_J,
    net_J,
    bound_J: energy.bound_J,
    tokens,
    gross_JPerTok: ratio(energy.gross_J, tokens),
    net_JPerTok: ratio(net_J, tokens),
    publications: energy.publications,
    grade,
  };
}
