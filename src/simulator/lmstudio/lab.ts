import type { Clock } from '../../core/clock.ts';
import type { Seconds } from '../../core/units.ts';
import type { Engine } from './engine.ts';
import type { LmStudioFaults } from './faults.ts';
import type { JsonRecord } from './json.ts';
import type { PredictionOutcome } from './prediction.ts';
import { Refusal } from './refusal.ts';
import type { ChatMessage } from './tokens.ts';

/** A call as it came in: REST path, RPC or channel name. Tokens and passkeys are never kept. */
export interface ReceivedRequest {
  readonly at_s: Seconds;
  readonly transport: 'http' | 'rpc' | 'channel';
  readonly endpoint: string;
  readonly parameter: JsonRecord;
}

/** An answer as it was really given, beside whatever the client made of it. */
export interface ServedAnswer extends PredictionOutcome {
  readonly modelKey: string;
  readonly identifier: string;
}

/** What diagnostics clients are told. */
export type LabLog = JsonRecord & { readonly type: string };

/** What all transports of one stand-in share. */
export interface LabServer {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly faults: LmStudioFaults;
  readonly version: string;
  /** Aborted when the stand-in closes. */
  readonly closing: AbortSignal;
  /** Null: open to everyone. */
  readonly token: string | null;
  readonly requests: ReceivedRequest[];
  readonly answers: ServedAnswer[];
  /** Messages by response id, for requests that go on from an earlier one. */
  readonly responses: Map<string, readonly ChatMessage[]>;
  readonly logListeners: Set<(log: LabLog) => void>;
}

/** The refusal that was thrown; anything else is a defect of the lab and goes on. */
export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  throw thrown;
}

/** Settles when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
