import type { ErrorCode, LmpowerError } from '../core/errors.ts';
import type { BackendProbe } from './backend.ts';

type ProbeState = BackendProbe['state'];

const STATES: Partial<Record<ErrorCode, ProbeState>> = {
  BACKEND_UNREACHABLE: 'unreachable',
  USAGE: 'unreachable',
  BACKEND_UNAUTHORIZED: 'unauthorized',
};

/** A failed probe: what happened and what to type next. */
export function probeOfError({ code, message, remedy }: LmpowerError, url: string | null): BackendProbe {
  return { state: STATES[code] ?? 'broken', url, version: null, detail: message, remedy };
}

export interface Found {
  readonly url: string;
  readonly version: string | null;
  /** Language models in memory. */
  readonly loaded: number;
  /** What people call the server. */
  readonly server: string;
}

/** A server that answered. */
export function probeOf({ url, version, loaded, server }: Found): BackendProbe {
  const name = version === null ? server : `${server} ${version}`;
  if (loaded > 0)
    return { state: 'ready', url, version, detail: `${name}, models loaded: ${loaded}`, remedy: null };
  const remedy = `load a model in ${server}, or name one: lmpower run --model KEY`;
  return { state: 'no-model', url, version, detail: `${name}, no model loaded`, remedy };
}
