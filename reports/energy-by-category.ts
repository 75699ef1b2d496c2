import { colouredConfigurations, leftOutNote } from './configuration.ts';
import { colourOf, drawing, drawn } from './drawing.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { INK, PAPER } from './theme.ts';

/** ΣE/Σn per configuration and prompt category, with the 95 % interval where there is one. */
export const energyByCategory: Report = {
  id: 'energy-by-category',
  question: 'Which kind of prompt is cheapest per token?',
  caption:
    'All joules of a category divided by all its tokens, net of idle. The line is the 95 % interval over repetitions, where there are enough.',
  note: ({ documents }: ReportRows): string | null => leftOutNote(documents),
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const shown = colouredConfigurations(documents);
    const values = shown.flatMap(({ label, document, summary: whole }) =>
      document.summary
        .filter((one) => one.headline && one.category !== 'all')
        .filter((one) => one.model === whole.model && one.workload === whole.workload)
        .flatMap(({ category, net_JPerTok: { value, ci95 }, n }) =>
          value === null
            ? []
            : [
                {
                  label,
                  category,
                  net_JPerTok: drawn(value),
                  low_JPerTok: drawn(ci95?.[0] ?? value),
                  high_JPerTok: drawn(ci95?.[1] ?? value),
                  n,
                },
              ],
        ),
    );
    const labels = [...new Set(values.map(({ label }) => label))];
    if (new Set(values.map(({ category }) => category)).size < 2) return null;
    const y = { field: 'category', type: 'nominal', title: null, sort: null };
    const yOffset = { field: 'label', type: 'nominal', sort: labels, bandPosition: 0.5 };
    return drawing({
      height: { step: labels.length > 1 ? 15 : 30 },
      datasets: { categories: values },
      layer: [
        {
          data: { name: 'categories' },
          mark: { type: 'bar', cornerRadiusEnd: 2 },
          encoding: {
            y,
            yOffset,
            x: { field: 'net_JPerTok', type: 'quantitative', title: 'net J per output token' },
            color: colourOf(labels),
            tooltip: [
              { field: 'label', title: 'model' },
              { field: 'category' },
              { field: 'net_JPerTok', title: 'net J/token', format: '.4g' },
              { field: 'n', title: 'trials' },
            ],
          },
        },
        ...[
          { color: PAPER, strokeWidth: 3.4 },
          { color: INK, strokeWidth: 1.4 },
        ].map((look) => ({
          data: { name: 'categories' },
          mark: { type: 'rule', ...look },
          encoding: {
            y,
            yOffset,
            x: { field: 'low_JPerTok', type: 'quantitative' },
            x2: { field: 'high_JPerTok' },
          },
        })),
      ],
    });
  },
};
