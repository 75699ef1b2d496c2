import type { Clock } from '../../core/clock.ts';
import type { PowerSteps } from '../power-step.ts';
import type { RailPower } from './catalog.ts';

export const NO_POWER: RailPower = { cpu_W: 0, gpu_W: 0, ane_W: 0 };

/** What the rails of the lab's machine deliver at most on top of idle, however many requests run. */
export const POWER_CAP: RailPower = { cpu_W: 30, gpu_W: 45, ane_W: 8 };

/** A piece of work under way: a load, a request. */
export interface Work {
  change(power: RailPower): void;
  /** A second call does nothing. */
  end(): void;
}

/** Sums the power of all work under way and writes a step exactly when the sum changes. */
export class WorkPower {
  private readonly steps: PowerSteps;
  private readonly clock: Clock;
  private readonly cap: RailPower;
  private readonly works = new Map<symbol, RailPower>();
  private last: RailPower = NO_POWER;

  constructor(steps: PowerSteps, clock: Clock, cap: RailPower = POWER_CAP) {
    this.steps = steps;
    this.clock = clock;
    this.cap = cap;
  }

  begin(power: RailPower): Work {
    const id = Symbol('work');
    this.set(id, power);
    return {
      change: (next) => this.set(id, next),
      end: () => {
        if (this.works.delete(id)) this.step();
      },
    };
  }

  private set(id: symbol, power: RailPower): void {
    this.works.set(id, power);
    this.step();
  }

  private step(): void {
    const works = [...this.works.values()];
    const sum = (rail: keyof RailPower): number =>
      Math.min(
        this.cap[rail],
        works.reduce((total, power) => total + power[rail], 0),
      );
    const power: RailPower = { cpu_W: sum('cpu_W'), gpu_W: sum('gpu_W'), ane_W: sum('ane_W') };
    if (samePower(power, this.last)) return;
    this.last = power;
    this.steps.append({ at_s: this.clock.now_s(), ...power });
  }
}

function samePower(a: RailPower, b: RailPower): boolean {
  return a.cpu_W === b.cpu_W && a.gpu_W === b.gpu_W && a.ane_W === b.ane_W;
}
