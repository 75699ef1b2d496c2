import type { Seconds } from './units.ts';

/** A model of the plan that could not be had; the others were run. */
export interface ModelFailure {
  /** As the plan names it. */
  readonly model: string;
  /** Of the error. */
  readonly code: string;
  readonly message: string;
  readonly at_s: Seconds;
}

/** A run that was taken up again: from `start_s` on its times count from another reading of the boot's clock. */
export interface Session {
  readonly startedAt: string;
  /** Reading of that boot's monotonic clock at which the run's own time was 0, or would have been. */
  readonly origin_s: Seconds;
  readonly start_s: Seconds;
  readonly toolVersion: string;
}
