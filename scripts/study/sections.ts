import { alignmentSection } from './alignment.ts';
import { comparisonSection } from './comparison.ts';
import { coverageSection } from './coverage.ts';
import { faultSection } from './faults.ts';
import { integrationSection } from './integration.ts';
import type { Effort, Section } from './page.ts';
import { partsSection } from './parts.ts';
import { phaseEnergySection } from './phase-energy.ts';

/** Parts of the study in the order of the page. */
export const SECTIONS: Readonly<Record<string, (effort: Effort) => Section>> = {
  integration: integrationSection,
  request: phaseEnergySection,
  alignment: alignmentSection,
  interval: coverageSection,
  parts: partsSection,
  comparison: comparisonSection,
  faults: faultSection,
};

export const PREFACE: readonly string[] = ['x'];
