import type { Phase, Recording } from '../core/run.ts';
import type { SampleSeries } from '../core/sample.ts';
import { csvLine } from './csv.ts';

const HEADER = [
  'run',
  'domain',
  'source',
  'kind',
  'start_s',
  'end_s',
  'energy_J',
  'power_W',
  'phase',
  'trial',
] as const;

interface PlacedPhase extends Phase {
  readonly trial: number | null;
}

/** Every sample of a recording as tidy CSV lines, domain by domain in order of time. `phase` is that of the sample's middle. */
export function* timeseriesCsv(recording: Recording): Generator<string> {
  yield csvLine(HEADER);
  const phases = placedPhases(recording);
  for (const series of recording.series) yield* seriesLines(recording, series, phases);
}

function* seriesLines(
  recording: Recording,
  series: SampleSeries,
  phases: readonly PlacedPhase[],
): Generator<string> {
  const source = recording.domains.find((domain) => domain.id === series.domain)?.source ?? null;
  let next = 0;
  for (let i = 0; i < series.end_s.length; i++) {
    const start_s = series.start_s[i] ?? Number.NaN;
    const end_s = series.end_s[i] ?? Number.NaN;
    const energy_J = series.energy_J[i] ?? Number.NaN;
    const middle_s = (start_s + end_s) / 2;
    while (next < phases.length && (phases[next]?.end_s ?? 0) <= middle_s) next++;
    const phase = phases[next];
    const inside = phase !== undefined && phase.start_s <= middle_s;
    yield csvLine([
      recording.run.id,
      series.domain,
      source,
      series.kind,
      start_s,
      end_s,
      energy_J,
      energy_J / (end_s - start_s),
      inside ? phase.kind : null,
      inside ? phase.trial : null,
    ]);
  }
}

function placedPhases(recording: Recording): PlacedPhase[] {
  const ofRun = recording.phases.map((phase) => ({ ...phase, trial: null }));
  const ofTrials = recording.trials.flatMap((trial) =>
    trial.phases.map((phase) => ({ ...phase, trial: trial.index })),
  );
  return [...ofRun, ...ofTrials].sort((a, b) => a.start_s - b.start_s);
}
