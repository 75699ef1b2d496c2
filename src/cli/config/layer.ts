import type { ServerPlace } from '../../backends/options.ts';

export type { ServerPlace } from '../../backends/options.ts';

/** A value that was said somewhere below the command line. */
export interface Given {
  /** Ready for commander. */
  readonly value: unknown;
  /** The same as JSON can hold it: `config show` gives it so. */
  readonly said: unknown;
  /** File and line, variable or preset. */
  readonly origin: string;
}

/** Values of one place by `section.key`, `backends.id.key` or `db`. */
export type Layer = ReadonlyMap<string, Given>;

/** By backend id. */
export type ServerPlaces = Readonly<Record<string, ServerPlace>>;

export interface ConfigFile {
  readonly path: string;
  readonly values: Layer;
}

/** Everything said outside the command line, strongest first. */
export interface Configuration {
  readonly layers: readonly Layer[];
  readonly servers: ServerPlaces;
}

export function pathOf(section: string, key: string): string {
  return `${section}.${key}`;
}
