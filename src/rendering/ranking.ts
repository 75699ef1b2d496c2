import type { Configuration } from '../../reports/configuration.ts';

/** Whether two figures may stand in one sentence: same workload and version, domain, scope and state of the idle machine. */
export function areComparable(a: Configuration, b: Configuration): boolean {
  return basisOf(a) === basisOf(b);
}

function basisOf({ document, summary }: Configuration): string {
  const trial = document.trials.find(
    (one) => one.model === summary.model && one.energy.some((row) => row.baseline !== null),
  );
  const state = trial?.energy.find((row) => row.domain === summary.domain)?.baseline?.state ?? null;
  const { workload } = document.plan;
  const { domain, scope } = summary;
  return JSON.stringify([summary.workload, workload.version, workload.sha256, domain, scope, state]);
}
