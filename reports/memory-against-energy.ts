import { type MemoryOf, memoryTaken } from '../src/core/memory-taken.ts';
import { B_PER_GB } from '../src/core/units.ts';
import { type Configuration, newestNote, standing } from './configuration.ts';
import { noteOf } from './drawing.ts';
import { type Candidate, frontierChart } from './frontier.ts';
import type { Report, ReportRows, VegaLiteSpec } from './report.ts';
import { spreadOf } from './speed-against-energy.ts';

const WORDS = {
  'server+gpu': 'the server’s processes and the GPU boards together',
  server: 'the server’s processes',
  gpu: 'the GPU boards alone',
} as const satisfies Record<MemoryOf, string>;

/** J/token against the most memory that was in use while the model answered. */
export const memoryAgainstEnergy: Report = {
  id: 'memory-against-energy',
  question: 'What do joules cost in memory?',
  caption:
    'Left takes less memory, down is cheaper. Memory is the most that was in use while the model answered, context included: what the server’s processes hold, and GPU boards whole, with whatever else is on them. The line joins the configurations that no other beats in both.',
  note({ documents }: ReportRows): string | null {
    const candidates = candidatesOf(documents);
    const unknown = standing(documents).length - candidates.length;
    const kinds = [...new Set(candidates.map(({ of }) => of))];
    return noteOf(
      unknown === 0 ? '' : `Left out: ${unknown} whose memory or cost is not known.`,
      kinds.length < 2
        ? ''
        : `Not all is memory of one sort: ${kinds.map((kind) => `of ${candidates.filter(({ of }) => of === kind).length} it is that of ${WORDS[kind]}`).join(', ')}.`,
      newestNote(documents),
    );
  },
  build({ documents }: ReportRows): VegaLiteSpec | null {
    const candidates = candidatesOf(documents);
    if (candidates.length < 2) return null;
    return frontierChart({
      candidates,
      xTitle: 'memory in use while answering (GB)',
      yTitle: 'net J per output token',
      isMoreBetter: false,
    });
  },
};

function candidatesOf(documents: ReportRows['documents']): (Candidate & { readonly of: MemoryOf })[] {
  return standing(documents).flatMap((configuration) => {
    const taken = memoryTaken(configuration.document, trialsOf(configuration));
    const y = spreadOf(configuration.summary.net_JPerTok);
    if (taken === null || y === null) return [];
    const value = taken.memory_B / B_PER_GB;
    return [{ label: configuration.label, x: { value, low: value, high: value }, y, of: taken.of }];
  });
}

function trialsOf({ document, summary }: Configuration): Configuration['document']['trials'] {
  return document.trials.filter(
    ({ model, workload }) => model === summary.model && workload === summary.workload,
  );
}
