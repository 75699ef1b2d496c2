import type { Sampler } from '../../samplers/sampler.ts';
import { clockSince, systemClock } from '../core/clock.ts';
import { type ExitCode, LmpowerError } from '../core/errors.ts';
import type { Batch, RecordedEvent, Sample } from '../core/sample.ts';
import { PLAN_DEFAULTS } from '../orchestrator/plan.ts';
import { checkNumber } from '../orchestrator/plan-limits.ts';
import { alignLive, type LiveAlignment, UNALIGNED } from '../recording/live-alignment.ts';
import { createRecorder, type EndingRecorder } from '../recording/recorder.ts';
import { csvLine } from '../rendering/csv.ts';
import { chooseSamplers } from './choose-samplers.ts';
import { say, writeJson, writeOut } from './output.ts';
import { PowerSummary, summaryLines } from './power-summary.ts';
import type { CommandContext } from './program.ts';
import { interruptSignal } from './signals.ts';
import { isLive, screenWidth } from './terminal.ts';
import { checkWritable, writeFileWhole } from './write-file.ts';

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

/** Reads the meters until told to stop, then sums up. @throws {LmpowerError} SAMPLER_*, USAGE, OUTPUT_UNWRITABLE */
export async function sample(flags: SampleFlags, context: CommandContext): Promise<ExitCode> {
  const interval_ms = checkNumber('interval_ms', flags.interval ?? PLAN_DEFAULTS.interval_ms);
  if (flags.csv !== undefined) await checkWritable(flags.csv);
  const samplers = await chooseSamplers(flags.sampler ?? ['auto'], context.elevation);
  if (samplers.length === 0)
    throw new LmpowerError('SAMPLER_UNAVAILABLE', 'no power source answers on this machine.');
  const interrupt = interruptSignal('stopping …');
  const session = new SampleSession(flags, interrupt.signal);
  const recorder = createRecorder({
    samplers,
    clock: clockSince(systemClock.now_s()),
    interval_ms,
    onBatch: session.take,
  });
  session.startLiveLine(recorder);
  try {
    await recorder.start(session.signal);
    refuseSilence(recorder, samplers, session);
    await Promise.race([recorder.ended, session.finished(flags.duration)]);
  } finally {
    await recorder.stop();
    session.end();
    interrupt.release();
  }
  await session.print(recorder.drain().events);
  return interrupt.signal.aborted ? 130 : 0;
}

function refuseSilence(recorder: EndingRecorder, samplers: readonly Sampler[], session: SampleSession): void {
  for (const failure of recorder.failures()) say(`${failure.sampler}: ${failure.error.message}`);
  const [first] = recorder.failures();
  if (
    session.summary.isEmpty() &&
    first !== undefined &&
    recorder.failures().length >= samplers.length &&
    !session.signal.aborted
  )
    throw first.error;
}

class SampleSession {
  readonly summary = new PowerSummary();
  readonly signal: AbortSignal;
  private readonly flags: SampleFlags;
  private readonly controller = new AbortController();
  private readonly alignments = new Map<string, LiveAlignment>();
  private readonly frames = new Map<string, number>();
  private readonly kept: Sample[] = [];
  private readonly pending: Promise<void>[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(flags: SampleFlags, interrupted: AbortSignal) {
    this.flags = flags;
    this.signal = AbortSignal.any([interrupted, this.controller.signal]);
  }

  /** Called for every batch as it arrives. */
  readonly take = (batch: Batch, sampler: string): void => {
    if (this.isFull(sampler)) return;
    const { state, batch: placed } = alignLive(this.alignments.get(sampler) ?? UNALIGNED, batch);
    this.alignments.set(sampler, state);
    for (const one of placed.samples) this.keep(one);
    if (placed.samples.length > 0) this.frames.set(sampler, (this.frames.get(sampler) ?? 0) + 1);
    if (this.flags.samples !== undefined && [...this.frames.keys()].every((id) => this.isFull(id)))
      this.controller.abort();
  };

  startLiveLine(recorder: EndingRecorder): void {
    if (this.flags.quiet === true || !isLive()) return;
    this.timer = setInterval(() => {
      const power = recorder.latest().map((reading) => `${reading.domain} ${reading.power_W.toFixed(2)} W`);
      process.stderr.write(
        `\r\u001b[2K${[...power.join(' · ')].slice(0, (process.stderr.columns ?? 80) - 1).join('')}`,
      );
    }, 1000);
    this.timer.unref();
  }

  /** Resolves when there is enough, or on an interruption. */
  finished(duration_s: number | undefined): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (this.signal.aborted) resolve();
      else this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (duration_s === undefined) return aborted;
    const elapsed = systemClock.sleep(duration_s, this.signal).catch(() => undefined);
    return Promise.race([aborted, elapsed]);
  }

  end(): void {
    if (this.timer === null) return;
    clearInterval(this.timer);
    process.stderr.write('\r\u001b[2K');
  }

  async print(events: readonly RecordedEvent[]): Promise<void> {
    await Promise.all(this.pending);
    sayEvents(events);
    if (this.flags.csv !== undefined) await writeFileWhole(this.flags.csv, csvOf(this.kept));
    if (this.flags.json === true && this.flags.mode === 'batch')
      return writeJson({ schemaVersion: 1, samples: this.kept, summary: this.summary.rows() });
    if (this.flags.json !== true)
      await writeOut(`${summaryLines(this.summary.rows(), screenWidth()).join('\n')}\n`);
  }

  private keep(one: Sample): void {
    this.summary.add(one);
    if (this.flags.csv !== undefined || this.flags.mode === 'batch') this.kept.push(one);
    if (this.flags.json === true && this.flags.mode === 'stream')
      this.pending.push(writeOut(`${JSON.stringify(one)}\n`));
  }

  private isFull(sampler: string): boolean {
    return this.flags.samples !== undefined && (this.frames.get(sampler) ?? 0) >= this.flags.samples;
  }
}

function* csvOf(samples: readonly Sample[]): Generator<string> {
  yield csvLine(['domain', 'kind', 'start_s', 'end_s', 'energy_J', 'power_W']);
  for (const { domain, kind, start_s, end_s, energy_J } of samples)
    yield csvLine([domain, kind, start_s, end_s, energy_J, energy_J / (end_s - start_s)]);
}

/** One line a code: how often, and the first case in its own words. */
function sayEvents(events: readonly RecordedEvent[]): void {
  for (const code of new Set(events.map((event) => event.code))) {
    const cases = events.filter((event) => event.code === code);
    say(`${code} ×${cases.length}: ${cases[0]?.detail ?? ''}`);
  }
}
