import type { Completion, Phase, TokenDelta, Truth } from '../core/run.ts';
import type { Batch, Domain } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { createPhysics, type Physics, type PhysicsSettings } from './physics.ts';
import type { PowerStep } from './power-step.ts';
import { truthOf, windowsOf } from './truth.ts';
import { type VirtualMeterOptions, virtualMeter } from './virtual-meter.ts';

type Power = Omit<PowerStep, 'at_s'>;

export interface VirtualTrialOptions {
  readonly physics: Partial<PhysicsSettings>;
  readonly meter: Omit<VirtualMeterOptions, 'from_s' | 'to_s' | 'domains'>;
  readonly domains?: readonly Domain[];
  /** Instant of the run at which the baseline begins; all times of the trial count like it, and like boot's clock. */
  readonly start_s: Seconds;
  readonly baseline_s: Seconds;
  readonly prefill_s: Seconds;
  readonly decode_s: Seconds;
  readonly cooldown_s: Seconds;
  /** Idle time after the cooldown, and before the baseline for the meter to start in. */
  readonly margin_s: Seconds;
  readonly output_tok: number;
  readonly prefillPower: Power;
  readonly decodePower: Power;
}

/** One trial in virtual time, with what the meter saw of it and what it really used. */
export interface VirtualTrial {
  readonly physics: Physics;
  readonly steps: readonly PowerStep[];
  readonly phases: readonly Phase[];
  readonly completion: Completion;
  readonly batches: readonly Batch[];
  readonly truth: Truth;
}

/** A 5 s answer after 10 s of baseline: about 20 windows at 250 ms. */
export const DEFAULT_VIRTUAL_TRIAL: Omit<VirtualTrialOptions, 'physics' | 'meter'> = {
  start_s: 2,
  baseline_s: 10,
  prefill_s: 0.8,
  decode_s: 4.2,
  cooldown_s: 10,
  margin_s: 2,
  output_tok: 160,
  prefillPower: { cpu_W: 2.2, gpu_W: 19, ane_W: 0 },
  decodePower: { cpu_W: 3.4, gpu_W: 11.5, ane_W: 0 },
};

/**
 *   margin | baseline | prefill · decode | cooldown | margin
 *                     t_req   t_first    t_end
 * Pure and quick: for statistics over many trials, which differ by the physics' seed and by `start_s`.
 */
export function virtualTrial(
  given: Partial<VirtualTrialOptions> & Pick<VirtualTrialOptions, 'meter' | 'physics'>,
): VirtualTrial {
  const options: VirtualTrialOptions = { ...DEFAULT_VIRTUAL_TRIAL, ...given };
  const completion = completionOf(options);
  const steps = stepsOf(options, completion);
  const physics = createPhysics(options.physics);
  for (const step of steps) physics.apply(step);
  const { start_s, margin_s, cooldown_s } = options;
  const batches = virtualMeter(physics, {
    ...options.meter,
    ...(options.domains === undefined ? {} : { domains: options.domains }),
    from_s: start_s - margin_s,
    to_s: completion.ended_s + cooldown_s + margin_s,
  });
  const truth = truthOf(physics, windowsOf(completion, 0));
  return { physics, steps, phases: phasesOf(options, completion), completion, batches, truth };
}

function stepsOf(options: VirtualTrialOptions, completion: Completion): PowerStep[] {
  const { requested_s, ended_s } = completion;
  return [
    { at_s: requested_s, ...options.prefillPower },
    { at_s: requested_s + options.prefill_s, ...options.decodePower },
    { at_s: ended_s, cpu_W: 0, gpu_W: 0, ane_W: 0 },
  ];
}

function phasesOf({ start_s, cooldown_s }: VirtualTrialOptions, completion: Completion): Phase[] {
  const { requested_s, ended_s } = completion;
  return [
    { kind: 'baseline', start_s, end_s: requested_s },
    { kind: 'inference', start_s: requested_s, end_s: ended_s },
    { kind: 'cooldown', start_s: ended_s, end_s: ended_s + cooldown_s },
  ];
}

function completionOf(options: VirtualTrialOptions): Completion {
  const requested_s = options.start_s + options.baseline_s;
  const first_s = requested_s + options.prefill_s;
  const { output_tok, decode_s } = options;
  const tokens = Array.from(
    { length: output_tok },
    (_, i): TokenDelta => ({
      arrival_s: first_s + (decode_s * i) / Math.max(1, output_tok - 1),
      count_tok: 1,
      sort: 'content',
    }),
  );
  return {
    promptId: 'virtual',
    requested_s,
    promptStart_s: requested_s,
    promptEnd_s: first_s,
    tokens,
    firstToken_s: first_s,
    lastToken_s: tokens.at(-1)?.arrival_s ?? first_s,
    ended_s: first_s + decode_s,
    input_tok: 100,
    cached_tok: 0,
    output_tok,
    reasoning_tok: 0,
    draft_tok: null,
    accepted_tok: null,
    tokenSource: 'server',
    stopReason: 'eos',
    text: '',
    serverStatistics: {},
    error: null,
  };
}
