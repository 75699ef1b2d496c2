import { alignmentSection } from './alignment.ts';
import { integrationSection } from './integration.ts';
import type { Effort, Section } from './page.ts';
import { phaseEnergySection } from './phase-energy.ts';

/** Parts of the study in the order of the page. */
export const SECTIONS: Readonly<Record<string, (effort: Effort) => Section>> = {
  integration: integrationSection,
  request: phaseEnergySection,
  alignment: alignmentSection,
};

export const PREFACE: readonly string[] = ['x'];
