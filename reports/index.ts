import { baselinePower } from './baseline-power.ts';
import { closure } from './closure.ts';
import { concurrency } from './concurrency.ts';
import { energyByCategory } from './energy-by-category.ts';
import { energyByModel } from './energy-by-model.ts';
import { energyPerPrompt } from './energy-per-prompt.ts';
import { history } from './history.ts';
import { answerLength, contextLength, promptLength } from './length-and-energy.ts';
import { measuredAgainstTruth } from './measured-against-truth.ts';
import { memoryAgainstEnergy } from './memory-against-energy.ts';
import { modelLoad } from './model-load.ts';
import { powerOverTime } from './power-over-time.ts';
import { publishedFigures } from './published-figures.ts';
import { regressionResiduals } from './regression-residuals.ts';
import type { Report } from './report.ts';
import { sizeAgainstEnergy } from './size-against-energy.ts';
import { speedAgainstEnergy } from './speed-against-energy.ts';
import { thermal } from './thermal.ts';
import { trialSpread } from './trial-spread.ts';

/** Every chart, in the order of the page. */
export const REPORTS: readonly Report[] = [
  powerOverTime,
  energyByModel,
  speedAgainstEnergy,
  sizeAgainstEnergy,
  memoryAgainstEnergy,
  measuredAgainstTruth,
  energyPerPrompt,
  energyByCategory,
  trialSpread,
  baselinePower,
  closure,
  regressionResiduals,
  concurrency,
  answerLength,
  promptLength,
  contextLength,
  modelLoad,
  thermal,
  history,
  publishedFigures,
];
