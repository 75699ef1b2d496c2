import { energyByCategory } from './energy-by-category.ts';
import { energyPerToken } from './energy-per-token.ts';
import { powerOverTime } from './power-over-time.ts';
import type { Report } from './report.ts';

/** Every chart, in the order of the page. */
export const REPORTS: readonly Report[] = [powerOverTime, energyPerToken, energyByCategory];
