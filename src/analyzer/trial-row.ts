import { type CodeId, isVoid, sortCodes } from '../core/codes.ts';
import type { BaselineResult, EnergyRow, Grade } from '../core/result.ts';
import type { Completion, Trial } from '../core/run.ts';
import type { Joules, Seconds } from '../core/units.ts';
import { type BaselinePair, baselinesAround, interpolatedBaseline } from './baseline.ts';
import { limitsBound_J } from './bound.ts';
import { codesTouching } from './code-spans.ts';
import { completionCodes } from './completion-codes.ts';
import type { RowContext } from './context.ts';
import { precedingStart } from './edges.ts';
import { demoted, gradeOf } from './grade.ts';
import { ratio } from './latency.ts';
import { netCodes } from './net.ts';
import { type Parts, partsOf } from './parts.ts';
import { phaseWindow } from './phases.ts';
import { powerCodes } from './power-codes.ts';
import type { Timeline } from './timeline.ts';
import { tokenCounts } from './token-counts.ts';
import { type WindowEnergy, windowEnergy } from './window-energy.ts';

/** A gap bound above this part of net energy lowers the grade. Source: METHOD §7. */
const GAP_BOUND_RATIO = 0.01;

/** One domain's answer for one trial, closure still open. A void code nulls every joule of the row. */
export function trialRow(context: RowContext, trial: Trial, timeline: Timeline): EnergyRow {
  const completion = trial.completions.at(-1);
  return completion === undefined
    ? unansweredRow(context, trial, timeline)
    : answeredRow({ context, trial, timeline, completion });
}

interface Asked {
  readonly context: RowContext;
  readonly trial: Trial;
  readonly timeline: Timeline;
  readonly completion: Completion;
}

interface Answer extends Asked {
  readonly window: WindowEnergy;
  readonly around: BaselinePair;
  readonly baseline: BaselineResult | null;
  readonly net_J: Joules | null;
}

function answeredRow(asked: Asked): EnergyRow {
  const answer = measured(asked);
  const { timeline, trial, completion, window, baseline, net_J } = answer;
  const parts = partsOf(timeline, worked(asked), {
    beforeRequest_s: precedingStart(asked.context.starts, completion.requested_s),
    baseline_W: baseline?.power_W ?? null,
  });
  const codes = codesOf(answer, parts);
  const row = { ...identityOf(timeline), ...ratesOf(completion), baseline, ...qualityOf(answer), codes };
  if (isVoid(codes)) return { ...row, ...WITHHELD, uncertainty: uncertaintyOf(answer, null) };
  const { output_tok } = tokenCounts(completion);
  return {
    ...row,
    gross_J: window.gross_J,
    net_J,
    ...parts,
    remainder_J:
      parts.prefill !== null && parts.decode !== null
        ? window.gross_J - parts.prefill.gross_J - parts.decode.gross_J
        : null,
    tail_J: tail_J(answer),
    proRated: {
      gross_J: window.proRated_J,
      net_J: baseline === null ? null : window.proRated_J - baseline.power_W * window.covered_s,
    },
    method:
      parts.prefill === null && parts.decode === null ? 'none' : trial.block === true ? 'block' : 'window',
    gross_JPerTok: ratio(window.gross_J, output_tok),
    net_JPerTok: ratio(net_J, output_tok),
    tokPerSPerW: ratio(output_tok, window.gross_J),
    uncertainty: uncertaintyOf(answer, window.bound_J),
  };
}

/** A block is prefill from its start to its end. */
function worked({ completion, trial }: Asked): Completion {
  const { ended_s } = completion;
  return trial.block === true ? { ...completion, firstToken_s: ended_s, lastToken_s: ended_s } : completion;
}

/** E_net = E_gross − P_b·T over the time that readings cover: what was not read is not credited either. */
function measured(asked: Asked): Answer {
  const { context, trial, timeline, completion } = asked;
  const request = { start_s: completion.requested_s, end_s: completion.ended_s };
  const window = windowEnergy(timeline, phaseWindow(request, context.starts));
  const around = baselinesAround(context.baselines, request, trial.phases);
  const before = around.before === null ? null : context.idlePowerOf(timeline, around.before);
  const after = around.after === null ? null : context.idlePowerOf(timeline, around.after);
  const state = around.before?.state ?? around.after?.state ?? context.recording.run.baselineState;
  const middle_s = (request.start_s + request.end_s) / 2;
  const baseline = interpolatedBaseline({ state, isShared: !around.isOwn }, { before, after }, middle_s);
  const net_J = baseline === null ? null : window.gross_J - baseline.power_W * window.covered_s;
  return { ...asked, window, around, baseline, net_J };
}

function codesOf(answer: Answer, parts: Parts): CodeId[] {
  const { context, trial, timeline, completion, window, baseline, net_J, around } = answer;
  const span = { start_s: completion.requested_s, end_s: completion.ended_s };
  const baselines = [around.before, around.after].filter((phase) => phase !== null);
  return sortCodes([
    ...completionCodes(context.recording.run, trial, context.sharedPrompt),
    ...powerCodes(timeline, context.timelines, { ...span, energy: window }),
    ...codesTouching(context.spans, timeline.domain, { window: span, trial: trialSpan(trial), baselines }),
    ...netCodes({ ...window, net_J, baseline }, around),
    ...(parts.prefill === null || (parts.decode === null && trial.block !== true)
      ? (['PARTS_UNRESOLVED'] as const)
      : []),
  ]);
}

/** From the first phase of a trial to the end of its last, the request included. */
function trialSpan(trial: Trial): { readonly start_s: Seconds; readonly end_s: Seconds } {
  const stretches = [
    ...trial.phases,
    ...trial.completions.map((one) => ({ start_s: one.requested_s, end_s: one.ended_s })),
  ];
  return {
    start_s: Math.min(...stretches.map((one) => one.start_s)),
    end_s: Math.max(...stretches.map((one) => one.end_s)),
  };
}

/** E[t_end, t_end + T_c] − P_b·T_c; null without a cooldown or a baseline. Source: METHOD §3. */
function tail_J({ context, trial, timeline, completion, baseline }: Answer): Joules | null {
  const cooldown = trial.phases.find((phase) => phase.kind === 'cooldown');
  if (cooldown === undefined || baseline === null) return null;
  const start_s = completion.ended_s;
  const end_s = Math.min(cooldown.end_s, start_s + context.recording.run.plan.cooldown_s);
  if (!(end_s > start_s)) return null;
  const tail = windowEnergy(timeline, phaseWindow({ start_s, end_s }, context.starts));
  return tail.coverage < 1 ? null : tail.gross_J - baseline.power_W * tail.covered_s;
}

const WITHHELD = {
  gross_J: null,
  net_J: null,
  prefill: null,
  decode: null,
  remainder_J: null,
  tail_J: null,
  proRated: { gross_J: null, net_J: null },
  method: 'none',
  gross_JPerTok: null,
  net_JPerTok: null,
  tokPerSPerW: null,
} as const;

function identityOf({ domain }: Timeline) {
  return { domain: domain.id, scope: domain.scope, kind: domain.kind, closure: null };
}

function ratesOf(completion: Completion): { readonly tokPerS: number | null } {
  return { tokPerS: ratio(tokenCounts(completion).output_tok, completion.ended_s - completion.requested_s) };
}

function qualityOf({ timeline, window, net_J }: Answer) {
  return {
    publications: window.publications,
    coverage: window.coverage,
    grade: gradeOfWindow(timeline, window, net_J),
  };
}

/** A running mean whose window is shorter than 5 τ is never grade A. Source: METHOD §2. */
function gradeOfWindow({ domain }: Timeline, window: WindowEnergy, net_J: Joules | null): Grade {
  const grade = gradeOf(window.publications);
  const isSmeared = domain.kind === 'averaged' && window.covered_s < 5 * (domain.averaging_s ?? 0);
  const isHoled = window.gapBound_J > GAP_BOUND_RATIO * Math.abs(net_J ?? window.gross_J);
  return isHoled || (isSmeared && grade === 'A') ? demoted(grade) : grade;
}

function uncertaintyOf(
  { timeline, window, baseline, completion }: Answer,
  bound_J: Joules | null,
): EnergyRow['uncertainty'] {
  const limits_J = limitsBound_J(timeline, window.gross_J, completion.ended_s - completion.requested_s);
  return {
    bound_J,
    ...(timeline.domain.kind === 'gauge' ? { limits_J: bound_J === null ? null : limits_J } : {}),
    baseline_J: baseline === null || bound_J === null ? null : baseline.halfWidth_W * window.covered_s,
    systematicRatio: timeline.domain.systematicRatio,
  };
}

function unansweredRow(context: RowContext, trial: Trial, timeline: Timeline): EnergyRow {
  return {
    ...identityOf(timeline),
    ...WITHHELD,
    baseline: null,
    tokPerS: null,
    uncertainty: { bound_J: null, baseline_J: null, systematicRatio: timeline.domain.systematicRatio },
    publications: 0,
    coverage: 0,
    grade: 'D',
    codes: sortCodes(completionCodes(context.recording.run, trial, context.sharedPrompt)),
  };
}
