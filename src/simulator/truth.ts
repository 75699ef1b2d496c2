import type { Completion, Recording, Truth } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';
import { type Physics, RAILS, socEnergy_J } from './physics.ts';

/** A request's own windows on the boot's clock; null where the request never got that far. */
export interface TruthWindows {
  readonly request: Window;
  readonly prefill: Window | null;
  readonly decode: Window | null;
}

export type Window = readonly [from_s: Seconds, to_s: Seconds];

/**
 * What the simulated machine really used, all rails together. `gross_J`, `prefill_J` and `decode_J` are gross, with the
 * very noise that the meter saw. `net_J` takes off the true idle level: the energy expected, had this request not been
 * made, over the same window. Leakage and lag left by earlier work belong to that level, leakage that the request
 * itself causes does not (METHOD §3: a later baseline holds it, an earlier one does not).
 */
export function truthOf(physics: Physics, windows: TruthWindows): Truth {
  const gross_J = socEnergy_J(physics, ...windows.request);
  return {
    gross_J,
    net_J: gross_J - idle_J(physics, windows.request),
    prefill_J: windows.prefill === null ? null : socEnergy_J(physics, ...windows.prefill),
    decode_J: windows.decode === null ? null : socEnergy_J(physics, ...windows.decode),
  };
}

/** Truth by trial index, for the trials that sent something; the last completion of a trial is its answer. */
export function truthForTrials(recording: Recording, physics: Physics): Map<number, Truth> {
  const truths = new Map<number, Truth>();
  for (const trial of recording.trials) {
    const completion = trial.completions.at(-1);
    if (completion === undefined) continue;
    const windows = windowsOf(completion, recording.run.origin_s);
    const first = trial.block === true ? trial.completions[0] : undefined;
    truths.set(
      trial.index,
      truthOf(physics, first === undefined ? windows : blockOf(first, windows, recording.run.origin_s)),
    );
  }
  return truths;
}

/**
 * Windows of METHOD §4: request [t_req, t_end], prefill [t_pps, t_ppe] or else [t_req, t_first], decode
 * [t_first, t_last]. A completion's times count from `origin_s`, the windows from boot.
 */
export function windowsOf(completion: Completion, origin_s: Seconds): TruthWindows {
  const { promptStart_s, promptEnd_s, requested_s, firstToken_s, lastToken_s, ended_s } = completion;
  const said = promptStart_s !== null && promptEnd_s !== null;
  return {
    request: [origin_s + requested_s, origin_s + ended_s],
    prefill: said
      ? windowFrom(origin_s, promptStart_s, promptEnd_s)
      : windowFrom(origin_s, requested_s, firstToken_s),
    decode: windowFrom(origin_s, firstToken_s, lastToken_s),
  };
}

/** Back to back, a block's requests are one window, all of it prefill. `last`: the windows of its last request. */
function blockOf({ requested_s }: Completion, last: TruthWindows, origin_s: Seconds): TruthWindows {
  const request: Window = [origin_s + requested_s, last.request[1]];
  return { request, prefill: request, decode: null };
}

function windowFrom(origin_s: Seconds, from_s: Seconds | null, to_s: Seconds | null): Window | null {
  return from_s === null || to_s === null ? null : [origin_s + from_s, origin_s + to_s];
}

function idle_J(physics: Physics, [from_s, to_s]: Window): number {
  return RAILS.reduce((sum_J, rail) => sum_J + physics.undisturbed_J(rail, from_s, to_s), 0);
}
