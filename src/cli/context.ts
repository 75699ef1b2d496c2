import type { ExitCode } from '../core/errors.ts';
import type { ServerPlaces } from './config/layer.ts';
import type { ConfigPlaces } from './config/places.ts';
import type { Elevation } from './elevation.ts';

/** What the entry found out before anything else was loaded. */
export interface Launch {
  readonly version: string;
  readonly elevation: Elevation;
  /** Not given: those of this user, folder and process. */
  readonly places?: ConfigPlaces;
}

/** Handed to every command: how it was launched, and where it leaves its exit code. */
export interface CommandContext extends Launch {
  exitCode: ExitCode;
  /** Where the configuration says that servers are; set before a command's action. */
  servers?: ServerPlaces;
}
