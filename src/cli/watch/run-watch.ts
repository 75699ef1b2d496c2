import type { Surroundings } from '../../storage/locations.ts';
import { findRun } from '../live/find-run.ts';
import type { RunGlance } from '../live/run-state.ts';

/** Asks for a run that is on, once for each look, and tells what the last answer was. */
export class RunWatch {
  private readonly surroundings: Surroundings;
  private answer: RunGlance | null = null;
  private isAsking = false;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  look(): RunGlance | null {
    if (!this.isAsking) void this.ask();
    return this.answer;
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    this.answer = await findRun(this.surroundings).catch(() => null);
    this.isAsking = false;
  }
}
