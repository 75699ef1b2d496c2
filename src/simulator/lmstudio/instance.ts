import type { Clock } from '../../core/clock.ts';
import type { Seconds } from '../../core/units.ts';
import type { LabModel } from './catalog.ts';
import type { TakenSlot } from './prompt-cache.ts';
import { PromptCache } from './prompt-cache.ts';
import type { Settings } from './settings.ts';
import { parallelOf } from './settings.ts';

export interface InstanceOrigin {
  readonly identifier: string;
  readonly reference: string;
  readonly model: LabModel;
  readonly settings: Settings;
  /** Null: stays until it is unloaded. */
  readonly ttl_s: Seconds | null;
  /** Loaded because a request named it, not because someone asked to load it. */
  readonly justInTime: boolean;
}

/** What an instance is at this moment. Source: SDK, `getInstanceProcessingState`. */
export type InstanceStatus = 'idle' | 'processingPrompt' | 'generating' | 'computingEmbedding';

/** A model in memory: its prompt cache, its queue, and the end of its life. */
export class Instance {
  readonly origin: InstanceOrigin;
  /** Null: not since it was loaded. */
  lastUsedAt: string | null = null;
  lastUsed_s: Seconds;
  /** Keys of models that draft for it and are in memory. */
  readonly drafts = new Set<string>();
  private readonly cache: PromptCache;
  private readonly life = new AbortController();
  private readonly phases = new Map<symbol, InstanceStatus>();
  private readonly waiting = new Set<() => void>();

  constructor(origin: InstanceOrigin, clock: Clock) {
    this.origin = origin;
    this.lastUsed_s = clock.now_s();
    this.cache = new PromptCache(parallelOf(origin.settings));
  }

  /** Aborted when the instance is unloaded. */
  get unloaded(): AbortSignal {
    return this.life.signal;
  }

  unload(): void {
    this.life.abort();
  }

  used(clock: Clock): void {
    this.lastUsed_s = clock.now_s();
    this.lastUsedAt = clock.wallAt();
  }

  get queued(): number {
    return this.waiting.size;
  }

  get status(): InstanceStatus {
    const phases = [...this.phases.values()];
    return phases.find((phase) => phase === 'generating') ?? phases[0] ?? 'idle';
  }

  /** Notes what one piece of work is at; `idle` ends it. */
  enter(work: symbol, status: InstanceStatus): void {
    if (status === 'idle') this.phases.delete(work);
    else this.phases.set(work, status);
  }

  /** A slot for this prompt, as soon as one is free; null when `signal` was aborted before. */
  async takeSlot(prompt: readonly number[], signal: AbortSignal): Promise<TakenSlot | null> {
    while (!signal.aborted) {
      const slot = this.cache.take(prompt);
      if (slot !== null) return slot;
      await this.nextRelease(signal);
    }
    return null;
  }

  releaseSlot(slot: TakenSlot, tokens: readonly number[]): void {
    slot.release(tokens);
    const [next] = this.waiting;
    next?.();
  }

  private nextRelease(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
