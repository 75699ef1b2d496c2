import type { Command } from 'commander';
import { directLaunch } from '../../samplers/powermetrics/launch.ts';
import { createPowermetricsSampler } from '../../samplers/powermetrics/sampler.ts';
import { createLmStudio } from '../backends/lmstudio.ts';
import type { ExitCode } from '../core/errors.ts';
import { planRun } from '../orchestrator/plan.ts';
import { checkNumber } from '../orchestrator/plan-limits.ts';
import { loadWorkload } from '../orchestrator/workload.ts';
import { startLab } from '../simulator/lab.ts';
import type { CommandContext } from './context.ts';
import { measure, runOrigin } from './measure.ts';
import { openStoreOf } from './open-store.ts';
import { say } from './output.ts';
import { present } from './present.ts';

import { interruptSignal } from './signals.ts';
import { checkOutputs } from './write-file.ts';

export interface DemoFlags {
  readonly trials: number;
  readonly seed: number;
  readonly interval: number;
  readonly report: string;
  readonly output?: string;
  readonly csv?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Short enough to watch, long enough for grade B at 250 ms. */
const DEMO_PHASES = { baseline_s: 2, baselineMax_s: 2, cooldown_s: 1 } as const;

/** Every answer runs to its prompt's limit, so that each has enough readings. */
const LONGEST_ANSWER_tok = 1000;

/** Loaded and unloaded by the run itself, as a model of the user's would be. */
const DEMO_MODEL = 'simulated-4b@q4_k_m';

/** Only here do the real sampler and the real backend meet the lab: one gets its meter's path, the other its address. */
export async function demo(command: Command, flags: DemoFlags, context: CommandContext): Promise<ExitCode> {
  const plan = planRun({
    backend: 'lmstudio',
    models: [DEMO_MODEL],
    workload: await loadWorkload('demo-v1'),
    samplers: ['powermetrics'],
    interval_ms: flags.interval,
    trials: flags.trials,
    ...DEMO_PHASES,
  });
  checkNumber('seed', flags.seed);
  await checkOutputs([flags.output, flags.csv, flags.report]);
  const store = await openStoreOf(command);
  const origin = runOrigin();
  const interrupt = interruptSignal('interrupted: keeping what was recorded …');
  const lab = await startLab({ seed: flags.seed, server: { answerTokens: () => LONGEST_ANSWER_tok } });
  const backend = createLmStudio({ url: lab.lmStudioUrl, token: null, clock: origin.clock, timeout_s: 30 });
  say(
    'SIMULATED: a lab machine with known energy; the real sampler and the real LM Studio client measure it.',
  );
  try {
    const { version } = await backend.probe();
    const measured = await measure({
      origin,
      plan: { ...plan, url: lab.lmStudioUrl },
      backend,
      backendVersion: version,
      samplers: [createPowermetricsSampler(directLaunch(lab.meter))],
      store,
      toolVersion: context.version,
      elevated: false,
      requirePower: true,
      quiet: flags.quiet === true,
      signal: interrupt.signal,
      truth: lab.truth,
    });
    return await present(measured, { ...flags, format: 'json' });
  } finally {
    await backend.close();
    await lab.close();
    interrupt.release();
    store.close();
  }
}
