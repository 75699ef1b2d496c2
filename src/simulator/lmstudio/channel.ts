import type { FaultyLine } from './chat.ts';
import type { JsonRecord } from './json.ts';
import type { LabServer } from './lab.ts';

/** One channel that a client opened. `signal` is aborted by its cancel, its stop, and the end of its connection. */
export interface ChannelCall extends FaultyLine {
  readonly parameter: JsonRecord;
  readonly signal: AbortSignal;
  readonly send: (message: JsonRecord) => void;
}

/** How the channel ends: closed, or left open for good. */
export type ChannelEnd = 'close' | 'open';
export type Channel = (lab: LabServer, call: ChannelCall) => Promise<ChannelEnd>;
export type ChannelTable = Readonly<Record<string, Channel>>;
