import { baselinePower } from './baseline-power.ts';
import { closure } from './closure.ts';
import { energyByCategory } from './energy-by-category.ts';
import { energyByModel } from './energy-by-model.ts';
import { energyPerPrompt } from './energy-per-prompt.ts';
import { history } from './history.ts';
import { answerLength, promptLength } from './length-and-energy.ts';
import { measuredAgainstTruth } from './measured-against-truth.ts';
import { modelLoad } from './model-load.ts';
import { powerOverTime } from './power-over-time.ts';
import type { Report } from './report.ts';
import { speedAgainstEnergy } from './speed-against-energy.ts';
import { thermal } from './thermal.ts';
import { trialSpread } from './trial-spread.ts';

/** Every chart, in the order of the page. */
export const REPORTS: readonly Report[] = [
  powerOverTime,
  energyByModel,
  speedAgainstEnergy,
  measuredAgainstTruth,
  energyPerPrompt,
  energyByCategory,
  trialSpread,
  baselinePower,
  closure,
  answerLength,
  promptLength,
  modelLoad,
  thermal,
  history,
];
