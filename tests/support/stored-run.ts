import type { Recording } from '../../src/core/run.ts';
import type { Sample, SampleSeries } from '../../src/core/sample.ts';
import type { RunStore } from '../../src/storage/store.ts';

/** Puts a whole recording into the store, as a run would have. */
export function storeRecording(store: RunStore, recording: Recording): void {
  const { run, series, ...part } = recording;
  store.createRun(run);
  store.append(run.id, { ...part, samples: series.flatMap(samplesOf) });
}

function samplesOf({ domain, kind, start_s, end_s, energy_J }: SampleSeries): Sample[] {
  return Array.from(end_s, (end, index) => ({
    domain,
    kind,
    start_s: start_s[index] ?? Number.NaN,
    end_s: end,
    energy_J: energy_J[index] ?? Number.NaN,
  }));
}
