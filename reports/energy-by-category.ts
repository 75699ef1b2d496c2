import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { HUES, INK, THEME_CONFIG } from './theme.ts';

/** ΣE/Σn per model and prompt category, with the 95 % interval where there is one. */
export const energyByCategory: Report = {
  id: 'energy-by-category',
  question: 'Which kind of prompt is cheapest per token?',
  caption:
    'All joules of a category divided by all its tokens, net of idle. The line is the 95 % interval over repetitions, where there are enough.',
  build(rows: ReportRows): VegaLiteSpec | null {
    const values = rows.documents.flatMap((document) =>
      document.summary
        .filter((summary) => summary.headline && summary.net_JPerTok.value !== null)
        .map((summary) => ({
          model: summary.model,
          category: summary.category,
          net_JPerTok: summary.net_JPerTok.value,
          low_JPerTok: summary.net_JPerTok.ci95?.[0] ?? summary.net_JPerTok.value,
          high_JPerTok: summary.net_JPerTok.ci95?.[1] ?? summary.net_JPerTok.value,
          n: summary.n,
        })),
    );
    if (values.length === 0) return null;
    const y = { field: 'category', type: 'nominal', title: null, sort: null };
    const yOffset = { field: 'model', type: 'nominal' };
    return {
      config: THEME_CONFIG,
      data: { values },
      width: 560,
      height: { step: 18 },
      layer: [
        {
          mark: { type: 'bar', cornerRadiusEnd: 2 },
          encoding: {
            y,
            yOffset,
            x: { field: 'net_JPerTok', type: 'quantitative', title: 'net J per output token' },
            color: { field: 'model', type: 'nominal', title: null, scale: { range: HUES } },
            tooltip: [
              { field: 'model' },
              { field: 'category' },
              { field: 'net_JPerTok', format: '.4g' },
              { field: 'n' },
            ],
          },
        },
        {
          mark: { type: 'rule', strokeWidth: 1.2, color: INK },
          encoding: {
            y,
            yOffset,
            x: { field: 'low_JPerTok', type: 'quantitative' },
            x2: { field: 'high_JPerTok' },
          },
        },
      ],
    };
  },
};
