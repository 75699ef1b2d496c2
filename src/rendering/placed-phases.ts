import type { Phase, PhaseKind, Recording } from '../core/run.ts';
import type { Seconds } from '../core/units.ts';

interface PlacedPhase extends Phase {
  readonly trial: number | null;
}

/** Phase and trial at one instant; null between phases, `trial` also in phases of the run itself. */
export interface PhasePlace {
  readonly phase: PhaseKind | null;
  readonly trial: number | null;
}

const NOWHERE: PhasePlace = { phase: null, trial: null };

/** Tells the phase at an instant; quick where instants come nearly in order. */
export function phaseFinder(recording: Recording): (at_s: Seconds) => PhasePlace {
  const phases = placedPhases(recording);
  let next = 0;
  return (at_s) => {
    while (next > 0 && (phases[next - 1]?.end_s ?? 0) > at_s) next--;
    while (next < phases.length && (phases[next]?.end_s ?? 0) <= at_s) next++;
    const found = phases[next];
    return found !== undefined && found.start_s <= at_s ? { phase: found.kind, trial: found.trial } : NOWHERE;
  };
}

function placedPhases(recording: Recording): PlacedPhase[] {
  const ofRun = recording.phases.map((phase) => ({ ...phase, trial: null }));
  const ofTrials = recording.trials.flatMap((trial) =>
    trial.phases.map((phase) => ({ ...phase, trial: trial.index })),
  );
  return [...ofRun, ...ofTrials].sort((a, b) => a.start_s - b.start_s);
}
