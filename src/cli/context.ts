import type { ExitCode } from '../core/errors.ts';
import type { Elevation } from './elevation.ts';

/** What the entry found out before anything else was loaded. */
export interface Launch {
  readonly version: string;
  readonly elevation: Elevation;
}

/** Handed to every command: how it was launched, and where it leaves its exit code. */
export interface CommandContext extends Launch {
  exitCode: ExitCode;
}
