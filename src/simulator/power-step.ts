import type { Seconds, Watts } from '../core/units.ts';

/**
 * From `at_s` on (seconds of the boot's monotonic clock, the same in every process) the machine's work asks for this
 * much power on top of idle. The lab's server writes these, the lab's meter and the truth read them; nothing else passes
 * between the three. What the machine really draws follows with the physics' lag.
 */
export interface PowerStep {
  readonly at_s: Seconds;
  readonly cpu_W: Watts;
  readonly gpu_W: Watts;
  readonly ane_W: Watts;
}

/** Append-only, in order of time. */
export class PowerSteps {
  private readonly steps: PowerStep[] = [];
  private readonly listeners = new Set<(step: PowerStep) => void>();

  append(step: PowerStep): void {
    this.steps.push(step);
    for (const listener of this.listeners) listener(step);
  }

  all(): readonly PowerStep[] {
    return this.steps;
  }

  /** Calls back for each step from now on; returns the way to stop. */
  subscribe(listener: (step: PowerStep) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
