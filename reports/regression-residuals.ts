import { significant } from '../src/core/number-text.ts';
import type { RegressionResult } from '../src/core/result.ts';
import { type Configuration, colouredConfigurations, leftOutNote, shortName } from './configuration.ts';
import { colourOf, drawing, drawn, noteOf, referenceLine } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { everyNth, everyNthNote } from './thin.ts';

/** Points in one picture. */
const POINTS = 250;

interface Residual {
  readonly label: string;
  readonly prompt: string;
  readonly output_tok: number;
  readonly measured_J: number;
  readonly residual_J: number;
}

interface Fitted {
  readonly configuration: Configuration;
  readonly regression: RegressionResult;
}

/** What the fit of joules on lengths leaves over, request by request: whether its prices may be quoted. */
export const regressionResiduals: Report = {
  id: 'regression-residuals',
  question: 'Do prices per token explain the joules?',
  caption:
    'Net joules of each request less what the fit gives for its lengths: a fixed part, a price per prompt token, one per output token, and what that grows by with the context. Points that scatter about the dashed line mean that the prices hold; a bend, or a fan that opens, means that they do not.',
  note({ documents }: ReportRows): string | null {
    const fitted = fittedOf(documents);
    const count = fitted.reduce((sum, { regression }) => sum + regression.residuals.length, 0);
    const thin = everyNthNote(count, POINTS, 'requests');
    return noteOf(leftOutNote(documents), ...fitted.map(priceText), thin);
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const all = fittedOf(documents).flatMap(residualsOf);
    if (all.length === 0) return null;
    const residuals = everyNth(all, POINTS);
    const labels = [...new Set(residuals.map(({ label }) => label))];
    return drawing({
      height: 240,
      datasets: { residuals },
      layer: [referenceLine({ y: { datum: 0, type: 'quantitative' } }), pointLayer(labels)],
    });
  },
};

function fittedOf(documents: ReportRows['documents']): Fitted[] {
  return colouredConfigurations(documents).flatMap((configuration) => {
    const regression = configuration.summary.parts?.regression ?? null;
    return regression === null ? [] : [{ configuration, regression }];
  });
}

function priceText({ configuration, regression }: Fitted): string {
  const { context_tok, decode_JPerTok, fixed_J, prefill_JPerTok } = regression;
  const name = shortName(configuration.label, 40);
  const decode = `${significant(decode_JPerTok.value)} J per output token at a context of ${context_tok.toFixed(0)}`;
  return `${name}: ${significant(fixed_J.value)} J a request, ${significant(prefill_JPerTok.value)} J per prompt token, ${decode}.`;
}

function residualsOf({ configuration: { document, label }, regression }: Fitted): Residual[] {
  const trials = new Map(document.trials.map((trial) => [trial.index, trial]));
  return regression.residuals.flatMap(({ trial: index, residual_J }) => {
    const trial = trials.get(index);
    const measured_J = trial?.energy.find(({ domain }) => domain === document.headline)?.net_J ?? null;
    const output_tok = trial?.completion?.output_tok ?? null;
    if (trial === undefined || measured_J === null || output_tok === null) return [];
    return [
      {
        label,
        prompt: trial.promptId,
        output_tok,
        measured_J: drawn(measured_J),
        residual_J: drawn(residual_J, 4),
      },
    ];
  });
}

function pointLayer(labels: readonly string[]): object {
  return {
    data: { name: 'residuals' },
    mark: { type: 'point', filled: true, size: 40, opacity: 0.9 },
    encoding: {
      x: { field: 'measured_J', type: 'quantitative', title: 'net J of the request, measured' },
      y: { field: 'residual_J', type: 'quantitative', title: 'measured less fitted (J)' },
      color: colourOf(labels),
      tooltip: [
        { field: 'label', title: 'model' },
        { field: 'prompt' },
        { field: 'output_tok', title: 'output tokens' },
        { field: 'measured_J', title: 'net J', format: '.4g' },
        { field: 'residual_J', title: 'off by (J)', format: '.3g' },
      ],
    },
  };
}
