import type { Sampler } from '../../samplers/sampler.ts';
import { clockSince, systemClock } from '../core/clock.ts';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import type { RecordedEvent } from '../core/sample.ts';
import { PLAN_DEFAULTS } from '../orchestrator/plan.ts';
import { checkNumber } from '../orchestrator/plan-limits.ts';
import { createRecorder } from '../recording/live-recorder.ts';
import type { EndingRecorder } from '../recording/recorder.ts';
import { labelledTable } from '../rendering/columns.ts';
import { samplesTable } from '../rendering/samples-table.ts';
import { chooseSamplers, isSimulated } from './choose-samplers.ts';
import type { CommandContext } from './context.ts';
import { writeCsvFile } from './csv-file.ts';
import { say, writeJson, writeOut } from './output.ts';
import { summaryLines } from './power-summary.ts';
import { SampleSession } from './sample-session.ts';
import { interruptSignal } from './signals.ts';
import { labelledReport } from './simulated-label.ts';
import { clearLiveLine, drawLiveLine, isLive, screenWidth } from './terminal.ts';
import { checkOutputs } from './write-file.ts';

export interface SampleFlags {
  readonly sampler?: readonly string[];
  readonly interval?: number;
  readonly samples?: number;
  readonly duration?: number;
  readonly mode: 'stream' | 'batch';
  readonly csv?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const REDRAW_MS = 1000;

/** Reads the meters until told to stop, then sums up. @throws {LmpowerError} SAMPLER_*, USAGE, OUTPUT_UNWRITABLE */
export async function sample(flags: SampleFlags, context: CommandContext): Promise<ExitCode> {
  const interval_ms = checkNumber('interval_ms', flags.interval ?? PLAN_DEFAULTS.interval_ms);
  await checkOutputs([flags.csv]);
  const samplers = await chooseSamplers(flags.sampler ?? ['auto'], context.elevation);
  if (samplers.length === 0)
    throw new LmpowerError('SAMPLER_UNAVAILABLE', 'no power source answers on this machine.');
  if (context.elevation.reason !== null) say(`${context.elevation.reason}.`);
  const simulated = isSimulated(samplers, context.elevation);
  const session = new SampleSession(
    samplers.map(({ id }) => id),
    {
      simulated,
      frames: flags.samples,
      keeps: flags.csv !== undefined || (flags.mode === 'batch' && flags.json === true),
      prints: flags.mode === 'stream' && flags.json === true,
    },
  );
  const interrupt = interruptSignal('stopping …');
  const clock = clockSince(systemClock.now_s());
  const recorder = createRecorder({ samplers, clock, interval_ms, onBatch: session.take });
  try {
    await record(recorder, flags, AbortSignal.any([interrupt.signal, session.signal]));
  } finally {
    interrupt.release();
  }
  const lines = [...eventLines(recorder, samplers)];
  for (const line of lines) say(line);
  if (session.summary.isEmpty() && !interrupt.signal.aborted) throw nothingRead(recorder, lines);
  for (const { sampler, error } of recorder.failures()) say(`${sampler}: ${error.message}`);
  await print(session, flags, simulated);
  return interrupt.signal.aborted ? 130 : 0;
}

/** Reads until the sources end, the time is over or the signal comes; the meters are gone when this returns. */
async function record(recorder: EndingRecorder, flags: SampleFlags, signal: AbortSignal): Promise<void> {
  const stopLiveLine = startLiveLine(recorder, flags.quiet !== true && isLive());
  try {
    // The time counts from the first word of any source; from when they are given up where none comes.
    await Promise.race([recorder.heard, recorder.start(signal)]);
    await Promise.race([recorder.ended, passed(flags.duration, signal)]);
  } finally {
    await recorder.stop();
    stopLiveLine();
  }
}

/** Resolves after the time, where one is given, or on the signal. */
export function passed(duration_s: number | undefined, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (duration_s === undefined) return aborted;
  const elapsed = systemClock.sleep(duration_s, signal).catch(() => undefined);
  return Promise.race([aborted, elapsed]);
}

function startLiveLine(recorder: EndingRecorder, shown: boolean): () => void {
  if (!shown) return () => undefined;
  const draw = (): void => {
    const power = recorder.latest().map(({ domain, power_W }) => `${domain} ${power_W.toFixed(2)} W`);
    drawLiveLine(power.length === 0 ? 'waiting for the first reading …' : power.join(' · '));
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    clearLiveLine();
  };
}

/** Nothing at all is an error. `lines`: what was said of the sources' events. */
function nothingRead(recorder: EndingRecorder, lines: readonly string[]): LmpowerError {
  const [failure] = recorder.failures();
  const hasGarbage = lines.some((line) => line.startsWith('GARBAGE'));
  const remedy = hasGarbage
    ? 'what the source writes is no reading of its kind: lmpower doctor'
    : 'raise --duration, or lower --interval';
  return failure?.error ?? new LmpowerError('SAMPLER_UNAVAILABLE', 'no reading came.', { remedy });
}

/**
 * One line a code: how often, and the first case in its own words. The end of a recording is none, and what a source
 * failed of stands with its failure.
 */
export function* eventLines(
  recorder: Pick<EndingRecorder, 'failures' | 'drain'>,
  samplers: readonly Pick<Sampler, 'id' | 'finite'>[],
): Generator<string> {
  const failed = recorder.failures().map(({ sampler }) => sampler);
  const told = new Set([...failed, ...samplers.filter(({ finite }) => finite === true).map(({ id }) => id)]);
  const isEnd = ({ code, source }: RecordedEvent): boolean =>
    code === 'POWER_UNAVAILABLE' || (code === 'SAMPLER_DIED' && told.has(source));
  const events = recorder.drain().events.filter((event) => !isEnd(event));
  for (const code of new Set(events.map((event) => event.code))) {
    const [first, ...others] = events.filter((event) => event.code === code);
    const whose = samplers.length > 1 ? `${first?.source}: ` : '';
    yield `${code} ×${1 + others.length}: ${whose}${first?.detail ?? ''}`;
  }
}

/** The file first: a reader of stdout that went away must not cost it. */
async function print(session: SampleSession, flags: SampleFlags, simulated: boolean): Promise<void> {
  if (flags.csv !== undefined)
    await writeCsvFile(flags.csv, labelledTable(samplesTable(session.kept), simulated));
  if (flags.mode === 'stream' && flags.json === true) return session.written();
  const summary = session.summary.rows();
  if (flags.json === true) {
    const document = { schemaVersion: 1, samples: session.kept, summary };
    return writeJson(labelledReport(document, simulated));
  }
  return writeOut(`${summaryLines(summary, screenWidth()).join('\n')}\n`);
}
