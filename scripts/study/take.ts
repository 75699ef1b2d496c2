import { createPowermetricsParser } from '../../samplers/powermetrics/parser.ts';
import type { CodeId } from '../../src/core/codes.ts';
import type { Completion, Phase, Recording } from '../../src/core/run.ts';
import type { RecordedEvent, SampleSeries } from '../../src/core/sample.ts';
import { frameText, METER_SAMPLERS } from '../../src/simulator/frame-text.ts';
import { DEFAULT_MACHINE, type Machine } from '../../src/simulator/machine.ts';
import type { Physics } from '../../src/simulator/physics.ts';
import { type VirtualReading, virtualReadings } from '../../src/simulator/virtual-meter.ts';
import { type VirtualTrial, virtualTrial } from '../../src/simulator/virtual-trial.ts';
import { recordingOf, runRecordOf, trialOf } from '../../tests/support/recording.ts';
import type { SeededRandom } from '../../tests/support/seeded-random.ts';
import { lastDomains, seriesOf } from '../../tests/support/virtual-run.ts';

/** One clean trial in virtual time, in all its layers, for faults to be put into. */
export interface Take {
  readonly trial: VirtualTrial;
  readonly physics: Physics;
  readonly readings: readonly VirtualReading[];
  readonly request: { readonly start_s: number; readonly end_s: number };
  readonly closing: Phase;
  readonly random: SeededRandom;
}

export interface Frame {
  readonly arrival_s: number;
  readonly text: string;
}

const INTERVAL_ms = 250;
const CLOSING_s = 10;

/** 10 s of baseline, an answer of 10 s, 10 s of cooldown, 10 s of closing baseline, on the lab's physics. */
export function takeOf(seed: number, random: SeededRandom): Take {
  const start_s = 6 + random.next();
  const trial = virtualTrial({
    physics: { seed, lag_s: random.between(0.02, 0.2) },
    meter: { interval_ms: INTERVAL_ms },
    start_s,
    prefill_s: 3,
    decode_s: 7,
  });
  const end_s = trial.phases.at(-1)?.end_s ?? 0;
  const meter = { interval_ms: INTERVAL_ms, from_s: start_s - 4, to_s: end_s + CLOSING_s + 3 };
  return {
    trial,
    physics: trial.physics,
    readings: virtualReadings(trial.physics, meter),
    request: { start_s: trial.completion.requested_s, end_s: trial.completion.ended_s },
    closing: { kind: 'baseline', start_s: end_s, end_s: end_s + CLOSING_s },
    random,
  };
}

/** Text of each frame as the meter writes it. */
export function framesOf(readings: readonly VirtualReading[]): Frame[] {
  return readings.map((reading) => ({ arrival_s: reading.arrival_s, text: textOf(reading) }));
}

const texts = new WeakMap<VirtualReading, string>();

/** Written once: most faults leave most frames as they are. */
function textOf(reading: VirtualReading): string {
  const known = texts.get(reading);
  if (known !== undefined) return known;
  const label = { endedAt: '2026-01-01T00:00:00Z', boottime_s: 1_767_000_000 };
  const text = frameText({ ...reading, ...label, machine: MACHINE, samplers: METER_SAMPLERS });
  texts.set(reading, text);
  return text;
}

/** The lab's machine with one core a cluster: frames of the same shape, a tenth of the text. */
const MACHINE: Machine = {
  ...DEFAULT_MACHINE,
  clusters: DEFAULT_MACHINE.clusters.map((cluster) => ({
    ...cluster,
    cpus: 1,
    freqs_MHz: cluster.freqs_MHz.slice(0, 3),
  })),
};

/** The frames through the real parser, with the trial as it was. */
export function recorded(take: Take, frames: readonly Frame[], change: Partial<Recording> = {}): Recording {
  const encoder = new TextEncoder();
  const parser = createPowermetricsParser();
  const batches = frames.flatMap(({ text, arrival_s }, i) =>
    parser.push(encoder.encode(i === 0 ? text : `\0${text}`), arrival_s),
  );
  const { trial, closing } = take;
  return recordingOf({
    run: runRecordOf(),
    domains: lastDomains(batches),
    series: seriesOf(batches.flatMap((batch) => batch.samples)),
    phases: [closing],
    trials: [
      trialOf(
        { baseline_s: 0, requested_s: 1, ended_s: 2, cooledDown_s: 3 },
        { phases: trial.phases, completions: [trial.completion], truth: trial.truth },
      ),
    ],
    events: batches.flatMap((batch) => batch.events),
    observations: batches.flatMap((batch) => batch.observations),
    ...change,
  });
}

/** Without any fault; parsed once. */
export function clean(take: Take): Recording {
  const known = cleanOnes.get(take) ?? recorded(take, framesOf(take.readings));
  cleanOnes.set(take, known);
  return known;
}

const cleanOnes = new WeakMap<Take, Recording>();

/** Readings changed one by one before the meter writes them. */
export function withReadings(
  take: Take,
  change: (reading: VirtualReading, index: number) => VirtualReading | null,
): Recording {
  return recorded(take, framesOf(take.readings.flatMap((reading, i) => change(reading, i) ?? [])));
}

/** Frames changed one by one on their way; null: it never arrives. */
export function withFrames(
  take: Take,
  change: (frame: Frame, reading: VirtualReading, index: number) => Frame | null,
): Recording {
  const frames = framesOf(take.readings);
  return recorded(
    take,
    frames.flatMap((frame, i) => {
      const reading = take.readings[i];
      return reading === undefined ? [] : (change(frame, reading, i) ?? []);
    }),
  );
}

export function withEvent(
  take: Take,
  recording: Recording,
  code: CodeId,
  source = 'powermetrics',
): Recording {
  const at_s = (take.request.start_s + take.request.end_s) / 2;
  const event: RecordedEvent = { code, source, at_s, domain: null, detail: 'injected' };
  return { ...recording, events: [...recording.events, event] };
}

export function withAnswer(take: Take, part: Partial<Completion>): Recording {
  const recording = clean(take);
  return {
    ...recording,
    trials: recording.trials.map((trial) => ({
      ...trial,
      completions: trial.completions.map((completion) => ({ ...completion, ...part })),
    })),
  };
}

export function isDuring(take: Take, reading: VirtualReading): boolean {
  return reading.start_s >= take.request.start_s && reading.arrival_s <= take.request.end_s;
}

/** Readings of one place of the request, so many from its middle on. */
export function isAmong(take: Take, reading: VirtualReading, span_s: number): boolean {
  const middle_s = (take.request.start_s + take.request.end_s) / 2;
  return reading.start_s >= middle_s && reading.start_s < middle_s + span_s;
}

/** `soc` alone, as a source of another kind would have told it. */
export function asOneSeries(take: Take, series: SampleSeries, change: Partial<Recording>): Recording {
  return { ...clean(take), series: [series], events: [], observations: [], ...change };
}
