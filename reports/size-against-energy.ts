import { B_PER_GB } from '../src/core/units.ts';
import { newestNote, settingOf, standing } from './configuration.ts';
import { noteOf } from './drawing.ts';
import { frontierChart } from './frontier.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { spreadOf } from './speed-against-energy.ts';

/** J/token against the size of the weights, which is what of memory and disk a model needs at least. */
export const sizeAgainstEnergy: Report = {
  id: 'size-against-energy',
  question: 'What does a smaller model save?',
  caption:
    'Left is smaller, down is cheaper. Size is that of the model’s files as its server states it: about what the weights take in memory, without context. The line joins the configurations that no other beats in both.',
  note({ documents }: ReportRows): string | null {
    const unknown = standing(documents).length - candidatesOf(documents).length;
    return noteOf(
      unknown === 0 ? '' : `Left out: ${unknown} whose size or cost is not known.`,
      newestNote(documents),
    );
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const candidates = candidatesOf(documents);
    if (new Set(candidates.map(({ x }) => x.value)).size < 2) return null;
    return frontierChart({
      candidates,
      xTitle: 'size of the model (GB)',
      yTitle: 'net J per output token',
      isMoreBetter: false,
    });
  },
};

function candidatesOf(documents: ReportRows['documents']) {
  return standing(documents).flatMap((configuration) => {
    const size_B = settingOf(configuration, 'size_B');
    const y = spreadOf(configuration.summary.net_JPerTok);
    if (typeof size_B !== 'number' || y === null) return [];
    const value = size_B / B_PER_GB;
    return [{ label: configuration.label, x: { value, low: value, high: value }, y }];
  });
}
