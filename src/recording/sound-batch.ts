import type { Batch, Observation, RecordedEvent, Sample } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';

/**
 * The contract of samplers, held once more at the recording's door: one sample without a finite energy would spoil
 * every sum, one time that is no number would make the store refuse the whole flush. What breaks it is left out, and
 * each piece counted as GARBAGE; an event without a time gets the present one.
 */
export function soundBatch(
  batch: Batch,
  { source, now_s }: { readonly source: string; readonly now_s: Seconds },
): Batch {
  if (isSound(batch)) return batch;
  const garbage = (detail: string, domain: string | null): RecordedEvent => ({
    code: 'GARBAGE',
    source,
    at_s: now_s,
    domain,
    detail,
  });
  const refused = [
    ...batch.samples.filter((sample) => !isSoundSample(sample)).map((s) => garbage(textOf(s), s.domain)),
    ...batch.observations
      .filter((seen) => !isSoundObservation(seen))
      .map((o) => garbage(`refused ${o.name}`, null)),
  ];
  const timed = batch.events.map((event) =>
    Number.isFinite(event.at_s) ? event : { ...event, at_s: now_s },
  );
  return {
    ...batch,
    samples: batch.samples.filter(isSoundSample),
    observations: batch.observations.filter(isSoundObservation),
    events: [...timed, ...refused],
  };
}

function isSound({ samples, observations, events }: Batch): boolean {
  return (
    samples.every(isSoundSample) &&
    observations.every(isSoundObservation) &&
    events.every(({ at_s }) => Number.isFinite(at_s))
  );
}

function isSoundSample({ start_s, end_s, energy_J }: Sample): boolean {
  return Number.isFinite(start_s) && Number.isFinite(end_s) && end_s > start_s && isEnergy(energy_J);
}

function isEnergy(energy_J: number): boolean {
  return energy_J >= 0 && Number.isFinite(energy_J);
}

function isSoundObservation({ at_s, value }: Observation): boolean {
  return Number.isFinite(at_s) && (typeof value === 'string' || Number.isFinite(value));
}

function textOf({ energy_J, start_s, end_s }: Sample): string {
  return `refused ${energy_J} J from ${start_s} s to ${end_s} s`;
}
