import type { PhaseResult, RunDocument } from '../src/core/result.ts';
import { drawing, drawn, referenceLine } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { HUES } from './theme.ts';

const KINDS = ['baseline', 'inference', 'cooldown'] as const;
const PERCENT = 100;

/** Part of the headline's energy that each other domain saw, by phase: which rail does the work, and what none of them sees. */
export const closure: Report = {
  id: 'closure',
  question: 'Which part of the machine took the energy?',
  caption:
    'Joules of each domain in percent of the widest measured one, summed over all phases of a kind. Domains may contain each other, so they need not add up to 100 %; what the widest one does not cover is in none of them.',
  note: ({ documents }: ReportRows): string | null =>
    documents.length > 1 ? `Shown is the first of ${documents.length} runs.` : null,
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const document = documents[0];
    if (document === undefined || document.headline === null) return null;
    const shares = sharesOf(document, document.headline);
    if (shares.length === 0) return null;
    const kinds = KINDS.filter((kind) => shares.some((share) => share.kind === kind));
    return drawing({
      height: { step: 13 },
      datasets: { shares },
      layer: [
        {
          data: { name: 'shares' },
          mark: { type: 'bar', cornerRadiusEnd: 2 },
          encoding: {
            y: { field: 'domain', type: 'nominal', title: null, sort: null },
            yOffset: { field: 'kind', type: 'nominal', sort: kinds },
            x: {
              field: 'share',
              type: 'quantitative',
              title: `% of the energy of ${document.headline}`,
            },
            color: {
              field: 'kind',
              type: 'nominal',
              title: null,
              scale: { domain: kinds, range: [HUES[0], HUES[1], HUES[2]].slice(0, kinds.length) },
            },
            tooltip: [
              { field: 'domain' },
              { field: 'kind', title: 'phase' },
              { field: 'share', title: '%', format: '.3g' },
              { field: 'energy_J', title: 'J', format: '.4g' },
            ],
          },
        },
        referenceLine({ x: { datum: PERCENT, type: 'quantitative' } }),
      ],
    });
  },
};

interface Share {
  readonly domain: string;
  readonly kind: string;
  readonly share: number;
  readonly energy_J: number;
}

function sharesOf(document: RunDocument, headline: string): Share[] {
  const byKind = new Map<string, PhaseResult[]>(KINDS.map((kind) => [kind, []]));
  for (const phase of document.phases) byKind.get(phase.kind)?.push(phase);
  for (const { phases } of document.trials) for (const phase of phases) byKind.get(phase.kind)?.push(phase);
  const others = document.domains.map((domain) => domain.id).filter((id) => id !== headline);
  return others.flatMap((domain) =>
    KINDS.flatMap((kind) => {
      const sums = summed(byKind.get(kind) ?? [], domain, headline);
      if (sums === null) return [];
      return [
        {
          domain,
          kind,
          share: drawn((sums.own_J / sums.whole_J) * PERCENT, 4),
          energy_J: drawn(sums.own_J),
        },
      ];
    }),
  );
}

/** Over the phases in which both have a figure; null when there is none. */
function summed(
  phases: readonly PhaseResult[],
  domain: string,
  headline: string,
): { own_J: number; whole_J: number } | null {
  let own_J = 0;
  let whole_J = 0;
  for (const { energy } of phases) {
    const own = energy.find((one) => one.domain === domain)?.gross_J ?? null;
    const whole = energy.find((one) => one.domain === headline)?.gross_J ?? null;
    if (own === null || whole === null) continue;
    own_J += own;
    whole_J += whole;
  }
  return whole_J > 0 ? { own_J, whole_J } : null;
}
