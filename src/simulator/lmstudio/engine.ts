import type { Seconds } from '../../core/units.ts';
import type { LabModel } from './catalog.ts';
import { cacheTypeOf } from './effort.ts';
import type { LmStudioFaults } from './faults.ts';
import { Instance } from './instance.ts';
import { NO_POWER } from './power.ts';
import type { Machine } from './predict.ts';
import { isLocal, reached } from './prediction.ts';
import { engineFailed, identifierNotFound, invalidRequest, pathNotFound } from './refusal.ts';
import type { Settings } from './settings.ts';
import { effectiveLoad } from './settings.ts';

const PROGRESS_STEPS = 10;

export interface LoadOrder {
  readonly model: LabModel;
  /** Not given: the key, numbered where it is taken. */
  readonly identifier?: string | undefined;
  readonly requested: Settings;
  readonly ttl_s: Seconds | null;
  readonly justInTime: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: number) => void;
}

/** The models of the lab: on disk, in memory, on their way in and out. */
export class Engine {
  readonly machine: Machine;
  readonly catalog: readonly LabModel[];
  private readonly faults: LmStudioFaults;
  private readonly closing = new AbortController();
  private instances: readonly Instance[] = [];
  private references = 0;

  constructor(machine: Machine, catalog: readonly LabModel[], faults: LmStudioFaults) {
    this.machine = machine;
    this.catalog = catalog;
    this.faults = faults;
  }

  loaded(): readonly Instance[] {
    return this.instances;
  }

  identifiers(): string[] {
    return this.instances.map((instance) => instance.origin.identifier);
  }

  /** @throws {Refusal} pathNotFound */
  find(key: string): LabModel {
    const model = this.catalog.find((entry) => entry.key === key || entry.path === key);
    if (model === undefined) {
      throw pathNotFound(
        key,
        this.catalog.map((entry) => entry.key),
      );
    }
    return model;
  }

  /** Instance by identifier, else the first of that model key. */
  instanceOf(name: string): Instance | undefined {
    return (
      this.instances.find(({ origin }) => origin.identifier === name) ??
      this.instances.find(({ origin }) => origin.model.key === name)
    );
  }

  /** Null when aborted meanwhile. @throws {Refusal} where the identifier is taken or the load fails. */
  async load(order: LoadOrder): Promise<Instance | null> {
    this.identifierFor(order);
    refuseImpossible(effectiveLoad(order.model, order.requested, this.faults.loadSettings));
    const work = this.machine.power.begin(isLocal(order.model) ? order.model.loadPower : NO_POWER);
    try {
      if (!(await this.progress(order))) return null;
    } finally {
      work.end();
    }
    return this.place(order);
  }

  /** In memory at once, as if it had been loaded before the lab opened. */
  place(order: Omit<LoadOrder, 'signal' | 'onProgress'>): Instance {
    const { clock } = this.machine;
    const instance = new Instance(
      {
        ...order,
        identifier: this.identifierFor(order),
        reference: `instance-${++this.references}`,
        settings: effectiveLoad(order.model, order.requested, this.faults.loadSettings),
      },
      clock,
    );
    this.instances = [...this.instances, instance];
    if (order.ttl_s !== null) void this.expire(instance, order.ttl_s);
    return instance;
  }

  /** @throws {Refusal} identifierNotFound */
  unload(identifier: string): void {
    const instance = this.instances.find(({ origin }) => origin.identifier === identifier);
    if (instance === undefined) throw identifierNotFound(identifier, this.identifiers());
    this.remove(instance);
  }

  remove(instance: Instance): void {
    this.instances = this.instances.filter((other) => other !== instance);
    instance.unload();
  }

  /** Unloads idle models that only a request had loaded: one such model at a time. Source: LM Studio, Auto-Evict. */
  evictJustInTime(): Instance[] {
    const idle = this.instances.filter(({ origin, status }) => origin.justInTime && status === 'idle');
    for (const instance of idle) this.remove(instance);
    return idle;
  }

  close(): void {
    this.closing.abort();
    for (const instance of this.instances) this.remove(instance);
  }

  private identifierFor({ identifier, model }: Pick<LoadOrder, 'identifier' | 'model'>): string {
    const taken = new Set(this.identifiers());
    if (identifier !== undefined) {
      if (taken.has(identifier)) throw invalidRequest(`Identifier "${identifier}" is already in use`);
      return identifier;
    }
    if (!taken.has(model.key)) return model.key;
    let number = 2;
    while (taken.has(`${model.key}:${number}`)) number++;
    return `${model.key}:${number}`;
  }

  private async progress(order: LoadOrder): Promise<boolean> {
    const { clock } = this.machine;
    const start_s = clock.now_s();
    const signal = AbortSignal.any([order.signal, this.closing.signal]);
    for (let step = 1; step <= PROGRESS_STEPS; step++) {
      if (!(await reached(clock, start_s + (order.model.load_s * step) / PROGRESS_STEPS, signal)))
        return false;
      order.onProgress?.(step / PROGRESS_STEPS);
      if (this.faults.loadFails !== null && step > PROGRESS_STEPS / 2) {
        throw engineFailed('Failed to load model', this.faults.loadFails);
      }
    }
    return true;
  }

  private async expire(instance: Instance, ttl_s: Seconds): Promise<void> {
    const { clock } = this.machine;
    const signal = AbortSignal.any([instance.unloaded, this.closing.signal]);
    let until_s = instance.lastUsed_s + ttl_s;
    while (await reached(clock, until_s, signal)) {
      const now_s = clock.now_s();
      if (instance.status === 'idle' && now_s - instance.lastUsed_s >= ttl_s) {
        this.remove(instance);
        return;
      }
      until_s = instance.status === 'idle' ? instance.lastUsed_s + ttl_s : now_s + ttl_s;
    }
  }
}

/** Source: llama.cpp, llama_init_from_model: 'V cache quantization requires flash_attn'. @throws {Refusal} */
function refuseImpossible(settings: Settings): void {
  const type = cacheTypeOf(settings, 'v') ?? 'f16';
  if (type.startsWith('f') || settings['llm.load.llama.flashAttention'] === true) return;
  throw engineFailed('Failed to load model', 'V cache quantization requires flash_attn');
}
