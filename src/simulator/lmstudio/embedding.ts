import type { Instance } from './instance.ts';
import { NO_POWER } from './power.ts';
import type { Machine } from './predict.ts';
import { isLocal, reached } from './prediction.ts';
import { modelUnloaded } from './refusal.ts';
import { hash32, tokensOf } from './tokens.ts';

const DIMENSIONS = 64;

/** A unit vector, the same for the same text, after the time its tokens take. @throws {Refusal} when unloaded meanwhile */
export async function embed(machine: Machine, instance: Instance, text: string): Promise<number[]> {
  const { model } = instance.origin;
  const id = Symbol('embedding');
  instance.enter(id, 'computingEmbedding');
  const work = machine.power.begin(isLocal(model) ? model.prefillPower : NO_POWER);
  try {
    const end_s = machine.clock.now_s() + tokensOf(text).length / model.prefillTokPerS;
    if (!(await reached(machine.clock, end_s, instance.unloaded))) throw modelUnloaded();
  } finally {
    work.end();
    instance.enter(id, 'idle');
    instance.used(machine.clock);
  }
  return unitVector(text);
}

function unitVector(text: string): number[] {
  const raw = Array.from({ length: DIMENSIONS }, (_, index) => hash32(`${index}:${text}`) / 2 ** 31 - 1);
  const norm = Math.hypot(...raw);
  return raw.map((value) => value / norm);
}
