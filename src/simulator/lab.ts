import { fileURLToPath } from 'node:url';
import type { Recording, Truth } from '../core/run.ts';
import {
  type LmStudioStandIn,
  type LmStudioStandInOptions,
  startLmStudioStandIn,
} from './lmstudio/server.ts';
import { meterLeading } from './meter-program.ts';
import { createPhysics, type PhysicsSettings } from './physics.ts';
import { PowerSteps } from './power-step.ts';
import { serveSteps } from './step-feed.ts';
import { truthForTrials } from './truth.ts';

export interface LabOptions {
  readonly seed: number;
  /** What differs from `DEFAULT_PHYSICS`. */
  readonly physics?: Partial<PhysicsSettings>;
  /** Models, those loaded from the start, faults and so on of the stand-in server. */
  readonly server?: Omit<LmStudioStandInOptions, 'steps' | 'clock'>;
  /** The compiled stand-in meter; default: the one beside this file. */
  readonly meterProgram?: string;
}

/** A simulated machine: a server to talk to, a meter to start, and what it really used. */
export interface Lab {
  readonly lmStudioUrl: string;
  readonly server: LmStudioStandIn;
  /** What to start in powermetrics' place: `file` with `leading` before the arguments of powermetrics. */
  readonly meter: { readonly file: string; readonly leading: readonly string[] };
  /** By trial index, for the trials of a run that took place here. */
  truth(recording: Recording): Map<number, Truth>;
  close(): Promise<void>;
}

/** Starts the stand-in LM Studio and the step feed on 127.0.0.1; meters are started by whoever reads them. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const steps = new PowerSteps();
  const physics = createPhysics({ ...options.physics, seed: options.seed });
  steps.subscribe(physics.apply);
  const feed = await serveSteps(steps);
  const server = await startLmStudioStandIn({ ...options.server, steps }).catch(async (thrown: unknown) => {
    await feed.close();
    throw thrown;
  });
  const program = options.meterProgram ?? fileURLToPath(new URL('./meter-program.js', import.meta.url));
  return {
    lmStudioUrl: server.url,
    server,
    meter: { file: process.execPath, leading: meterLeading(program, feed.port, physics.settings) },
    truth: (recording) => truthForTrials(recording, physics),
    close: async () => {
      await server.close();
      await feed.close();
    },
  };
}
