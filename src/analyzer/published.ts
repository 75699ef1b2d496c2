import type { RunDocument, Summary } from '../core/result.ts';
import {
  activeParamsOf,
  REFERENCE_VALUES,
  type ReferenceScope,
  type ReferenceValue,
} from './reference-values.ts';

/** Models of half to twice as many active parameters stand beside each other: fewer classes than that were published. */
const LIKE = 2;

/** Published figures that a model's gross J/token may be looked at beside: like size, like scope, one request at a time. */
export interface PublishedBand {
  readonly model: string;
  readonly domain: string;
  /** Billions of active parameters, as the model's name says. */
  readonly activeParams_B: number;
  readonly values: readonly ReferenceValue[];
}

/** One band for each model and headline domain for which something was published; others and simulated ones have none. */
export function publishedFor(documents: readonly RunDocument[]): PublishedBand[] {
  const bands = new Map<string, PublishedBand>();
  const real = documents.filter(({ simulated }) => simulated !== true);
  for (const summary of real.flatMap((document) => document.summary)) {
    const key = JSON.stringify([summary.model, summary.domain]);
    if (!summary.headline || summary.category !== 'all' || bands.has(key)) continue;
    const band = bandOf(summary);
    if (band !== null) bands.set(key, band);
  }
  return [...bands.values()];
}

function bandOf({ model, domain }: Summary): PublishedBand | null {
  const activeParams_B = activeParamsOf(model);
  if (activeParams_B === null) return null;
  const scopes = scopesLike(domain);
  const values = REFERENCE_VALUES.filter(
    (one) =>
      !one.isBatched &&
      scopes.includes(one.scope) &&
      one.activeParams_B >= activeParams_B / LIKE &&
      one.activeParams_B <= activeParams_B * LIKE,
  );
  return values.length === 0 ? null : { model, domain, activeParams_B, values };
}

function scopesLike(domain: string): readonly ReferenceScope[] {
  if (domain === 'soc') return ['soc'];
  if (domain.startsWith('gpu')) return ['GPU'];
  return ['board', 'battery', 'system', 'wall'].includes(domain) ? ['whole device', 'wall, peak'] : [];
}
