import type { RunDocument } from '../core/result.ts';

/** Which runs a picture shows, by what tool, over what scope; SIMULATED first where the lab took part. */
export function provenance(documents: readonly RunDocument[]): string {
  const first = documents[0];
  if (first === undefined) return '';
  const { run, tool, headline, domains } = first;
  const more = documents.length > 1 ? ` and ${documents.length - 1} more` : '';
  const scope = domains.find((domain) => domain.id === headline)?.scope;
  const parts = [
    ...(documents.some((document) => document.simulated === true) ? ['SIMULATED'] : []),
    `run ${run.id}${more}, ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC`,
    ...(headline === null || scope === undefined ? [] : [`${headline}: ${scope}`]),
    `lmpower ${tool.version}`,
  ];
  return parts.join(' · ');
}
