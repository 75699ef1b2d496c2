import type { ExitCode } from '../core/errors.ts';
import type { Configured } from '../orchestrator/configuration.ts';
import type { RunStore } from '../storage/store.ts';
import { knownLines, knownResults } from './known-results.ts';
import { say, writeJson, writeOut } from './output.ts';
import type { RunFlags } from './run-flags.ts';
import { screenWidth } from './terminal.ts';

/**
 * Results that were not measured again. `isOnly`: nothing else is printed, so that they are the answer; an experiment is
 * answered by the run that holds it.
 */
export async function presentKnown(
  run: Configured,
  flags: RunFlags,
  { isOnly, store }: { readonly store: RunStore; readonly isOnly: boolean },
): Promise<ExitCode> {
  const [first] = run.plan.known ?? [];
  if (isOnly)
    say(
      `${run.plan.known?.length ?? 0} of ${run.plan.known?.length ?? 0} known: nothing to measure. --retest measures again.`,
    );
  if (isOnly && run.plan.experiment !== undefined && first !== undefined) {
    const [{ measuredBefore }, { present }] = await Promise.all([
      import('./measured-before.ts'),
      import('./present.ts'),
    ]);
    return present(measuredBefore(store, first.run), flags);
  }
  const results = knownResults(run.plan, store);
  if (flags.json === true) {
    if (isOnly) await writeJson({ schemaVersion: 1, plan: run.plan, results });
    return 0;
  }
  const label = run.simulated ? ['SIMULATED: the watts below are made up', ''] : [];
  await writeOut(`${[...(isOnly ? label : ['']), ...knownLines(results, screenWidth())].join('\n')}\n`);
  return 0;
}
