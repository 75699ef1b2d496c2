import type { Seconds } from '../../core/units.ts';
import type { Instance } from './instance.ts';
import type { LabServer } from './lab.ts';
import { domainMismatch, identifierNotFound } from './refusal.ts';
import type { Settings } from './settings.ts';

/** A model that only a request named goes after an hour without one. Source: LM Studio documentation, idle TTL. */
export const JIT_TTL_S = 3600;

export interface JitOrder {
  readonly key: string;
  readonly requested: Settings;
  readonly ttl_s: Seconds;
  readonly signal: AbortSignal;
  readonly onStart?: (identifier: string) => void;
  readonly onProgress?: (progress: number) => void;
}

/** An instance ready to answer; `load_s` null where it was in memory already. */
export interface JitInstance {
  readonly instance: Instance;
  readonly load_s: Seconds | null;
}

/** The model of a request, loaded where it is not. Null when the client left. @throws {Refusal} unknown model, failed load */
export async function loadJustInTime(lab: LabServer, order: JitOrder): Promise<JitInstance | null> {
  const present = lab.engine.instanceOf(order.key);
  if (present !== undefined) {
    if (present.origin.model.type !== 'llm') throw domainMismatch(order.key, 'embedding', 'llm');
    return { instance: present, load_s: null };
  }
  const model = lab.engine.find(order.key);
  if (model.type !== 'llm') throw domainMismatch(order.key, model.type, 'llm');
  if (lab.faults.noJustInTime) throw identifierNotFound(order.key, lab.engine.identifiers());
  order.onStart?.(model.key);
  const start_s = lab.clock.now_s();
  lab.engine.evictJustInTime();
  const instance = await lab.engine.load({ ...order, model, justInTime: true });
  return instance === null ? null : { instance, load_s: lab.clock.now_s() - start_s };
}
