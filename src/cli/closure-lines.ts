import { percent } from '../core/number-text.ts';
import type { PhaseResult, RunDocument } from '../core/result.ts';
import type { DomainId } from '../core/sample.ts';
import { safeText } from './text-table.ts';

const KINDS = ['baseline', 'inference', 'cooldown'] as const;

/**
 * Which part of the headline's energy a narrower whole saw, by phase: one line for each such domain, none where the
 * headline is the only whole. Source: METHOD §2, closure.
 */
export function closureLines(document: RunDocument): string[] {
  const { headline } = document;
  if (headline === null) return [];
  const phases = [...document.phases, ...document.trials.flatMap((trial) => trial.phases)];
  const narrower = new Set(
    phases.flatMap(({ energy }) =>
      energy.filter((one) => one.closure !== undefined).map(({ domain }) => domain),
    ),
  );
  return [...narrower].map((domain) => {
    const parts = KINDS.flatMap((kind) => {
      const share = shareOf(
        phases.filter((phase) => phase.kind === kind),
        domain,
        headline,
      );
      return share === null ? [] : [`${kind} ${percent(share)}`];
    });
    return `closure ${safeText(domain)} ÷ ${safeText(headline)}: ${parts.length === 0 ? '–' : parts.join(', ')}`;
  });
}

/** Over the phases in which both have a figure; null when there is none. */
function shareOf(phases: readonly PhaseResult[], domain: DomainId, headline: DomainId): number | null {
  let own_J = 0;
  let whole_J = 0;
  for (const { energy } of phases) {
    const own = energy.find((one) => one.domain === domain)?.gross_J ?? null;
    const whole = energy.find((one) => one.domain === headline)?.gross_J ?? null;
    if (own === null || whole === null) continue;
    own_J += own;
    whole_J += whole;
  }
  return whole_J > 0 ? own_J / whole_J : null;
}
