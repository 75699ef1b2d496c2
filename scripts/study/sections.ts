import { alignmentSection } from './alignment.ts';
import { comparisonSection } from './comparison.ts';
import { coverageSection } from './coverage.ts';
import { faultSection } from './faults.ts';
import { integrationSection } from './integration.ts';
import type { Effort, Section } from './page.ts';
import { partsSection } from './parts.ts';
import { peersSection } from './peers.ts';
import { phaseEnergySection } from './phase-energy.ts';
import { speedSection } from './speed.ts';

/** Parts of the study in the order of the page. */
export const SECTIONS: Readonly<Record<string, (effort: Effort) => Section>> = {
  integration: integrationSection,
  request: phaseEnergySection,
  alignment: alignmentSection,
  interval: coverageSection,
  parts: partsSection,
  comparison: comparisonSection,
  faults: faultSection,
  speed: speedSection,
  peers: peersSection,
};

export const PREFACE: readonly string[] = [
  'Written by `npm run study`; do not edit. Simulated experiments in virtual time: known power, read by known meters, through ' +
    "lmpower's real parsers and analyzer, against the closed-form integral. Everything is seeded: the same code gives the same page on " +
    'every machine, the section on speed apart. `npm run study -- --quick` computes a hundredth of it in under a minute and prints it.',
  'What it cannot show: what a real sensor gets wrong. Its accuracy is the systematic term, printed apart and never in these figures.',
];
