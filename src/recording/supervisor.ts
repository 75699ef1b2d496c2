import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sampler } from '../../samplers/sampler.ts';
import type { Clock } from '../core/clock.ts';
import type { CodeId } from '../core/codes.ts';
import { asLmpowerError, type ErrorCode, LmpowerError } from '../core/errors.ts';
import type { Batch } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { answerLimit_s, stallLimit_s, startLimit_s, watchSilence } from './silence-watch.ts';
import { settlesWithin, slept } from './waiting.ts';

/** Waits before the first, second and third restart; after that the sampler stays dead. */
const BACKOFF_S: readonly Seconds[] = [0.5, 1, 2];
/** Only a stream that ran for so long is worth restarting: what dies at once would die again. */
const LEAST_LIFE_S = 2;
/** How long a stream may take to end after its signal before it is left behind. */
const END_LIMIT_S = 5;
/** A stream that never waits (a replay at full speed) lets the others have their turn after so many batches. */
const BATCHES_PER_TURN = 64;
/** No restart helps against these. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['SAMPLER_NOT_PERMITTED', 'REPLAY_INVALID', 'SAMPLER_UNKNOWN']);

export interface SupervisorOptions {
  readonly sampler: Sampler;
  readonly clock: Clock;
  readonly interval_ms: number;
  /** Gets every batch of the sampler, and the supervisor's own events as batches without samples. Must not block. */
  readonly onBatch: (batch: Batch) => void;
}

/**
 * Runs one sampler from its first stream to its certain end. Silence is reported (SAMPLER_STALLED) and waited out, but
 * a stream that never answers is ended; one that ends before its signal is reported (SAMPLER_DIED) and, unless it is
 * finite or died at once, restarted up to three times (GAP at each restart). Nothing that happens here can delay
 * another sampler.
 */
export class Supervisor {
  /** Settles with the first reading (null) or with why there is none; never rejects. */
  readonly started: Promise<LmpowerError | null>;
  /** Settles with the first batch, be there a reading in it or not. */
  readonly heard: Promise<void>;
  private readonly options: SupervisorOptions;
  private readonly stopping = new AbortController();
  private settleHeard: () => void = () => undefined;
  private settleStarted: (failure: LmpowerError | null) => void = () => undefined;
  private ending: Promise<void> | null = null;
  private closed = false;
  private lastFailure: LmpowerError | null = null;
  private heard_s: Seconds = 0;
  /** End of the newest sample: with a replay at full speed it runs ahead of the clock. */
  private reached_s: Seconds = Number.NEGATIVE_INFINITY;
  private born_s: Seconds | null = null;
  private hasLived = false;
  /** What the stream itself said of its end. */
  private ownDeath: string | null = null;

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.started = new Promise((resolve) => {
      this.settleStarted = resolve;
    });
    this.heard = new Promise((resolve) => {
      this.settleHeard = resolve;
    });
  }

  /** Why the sampler gave nothing, died for good or would not end; null while all is well. */
  get failure(): LmpowerError | null {
    return this.lastFailure;
  }

  /** Starts the stream on the first call; resolves when the sampler has ended for good. Never rejects. */
  run(): Promise<void> {
    this.ending ??= this.runStreams().finally(() => this.settleStarted(this.lastFailure));
    return this.ending;
  }

  /** Ends the stream and waits for it, at most 5 s; a stream that ignores its signal is left behind as a failure. */
  async stop(): Promise<void> {
    this.stopping.abort();
    if (this.ending !== null && !(await settlesWithin(this.options.clock, END_LIMIT_S, this.ending))) {
      this.fail(
        new LmpowerError('SAMPLER_UNAVAILABLE', `${this.options.sampler.id} did not end in ${END_LIMIT_S} s`),
      );
    }
    this.closed = true;
    this.settleStarted(this.lastFailure);
  }

  private async runStreams(): Promise<void> {
    for (let restarts = 0; ; restarts++) {
      const failure = await this.runStream();
      if (this.stopping.signal.aborted) return;
      this.noteDeath(failure);
      const backoff_s = this.mayRestart(failure) ? BACKOFF_S[restarts] : undefined;
      if (backoff_s === undefined || !(await slept(this.options.clock, backoff_s, this.stopping.signal)))
        return;
      this.report('GAP', `restarted ${restarts + 1} of ${BACKOFF_S.length} times`);
    }
  }

  /** One stream to its end, or until it was given up; what it threw, or null when it simply ended. */
  private async runStream(): Promise<LmpowerError | null> {
    const over = new AbortController();
    this.born_s = null;
    this.ownDeath = null;
    this.heard_s = this.options.clock.now_s();
    const read = this.readStream(over.signal);
    const failure = await Promise.race([read, this.watchStart(over.signal)]);
    over.abort();
    return failure;
  }

  private async readStream(over: AbortSignal): Promise<LmpowerError | null> {
    const { sampler, clock, interval_ms } = this.options;
    const signal = AbortSignal.any([this.stopping.signal, over]);
    try {
      let batches = 0;
      for await (const batch of sampler.stream({ interval_ms, signal, clock })) {
        if (over.aborted) break;
        const wasBorn = this.born_s !== null;
        this.receive(batch);
        if (!wasBorn && this.born_s !== null) void this.watchStall(over);
        batches += 1;
        if (batches % BATCHES_PER_TURN === 0) await nextTurn();
      }
      return null;
    } catch (thrown) {
      return asLmpowerError(thrown, 'SAMPLER_UNAVAILABLE');
    }
  }

  private receive(batch: Batch): void {
    if (this.closed) return;
    this.heard_s = this.options.clock.now_s();
    for (const { end_s } of batch.samples) this.reached_s = Math.max(this.reached_s, end_s);
    for (const { code, detail } of batch.events) if (code === 'SAMPLER_DIED') this.ownDeath = detail;
    this.options.onBatch(batch);
    this.settleHeard();
    // A source that says nothing but what is no reading has not begun.
    if (this.born_s === null && !isReading(batch)) return;
    this.born_s ??= this.heard_s;
    this.hasLived ||= this.heard_s - this.born_s >= LEAST_LIFE_S;
    this.lastFailure = null;
    this.settleStarted(null);
  }

  /** Settles only where the stream is given up. */
  private async watchStart(over: AbortSignal): Promise<LmpowerError> {
    const { clock, interval_ms } = this.options;
    const limit_s = startLimit_s(interval_ms);
    if ((await slept(clock, limit_s, over)) && this.born_s === null) {
      this.fail(this.unanswered(limit_s));
      this.report('SAMPLER_STALLED', `no reading within ${limit_s} s of its start`);
      this.settleStarted(this.lastFailure);
      const last_s = answerLimit_s(interval_ms);
      if ((await slept(clock, last_s - limit_s, over)) && this.born_s === null)
        return this.unanswered(last_s);
    }
    return new Promise(() => undefined);
  }

  private unanswered(limit_s: Seconds): LmpowerError {
    const message = `${this.options.sampler.id} gave no reading within ${limit_s} s of its start`;
    return new LmpowerError('SAMPLER_UNAVAILABLE', message);
  }

  private watchStall(signal: AbortSignal): Promise<void> {
    const { clock, interval_ms } = this.options;
    const limit_s = stallLimit_s(interval_ms);
    const onSilence = (silent_s: Seconds): void =>
      this.report('SAMPLER_STALLED', `no reading for ${silent_s.toFixed(1)} s`);
    return watchSilence({ clock, limit_s, signal, heard_s: () => this.heard_s, onSilence });
  }

  private noteDeath(failure: LmpowerError | null): void {
    const { sampler } = this.options;
    const what = this.born_s === null ? 'gave no reading' : 'ended before it was told to';
    const detail = failure === null ? what : `${what}: ${failure.message}`;
    const isOrderly = sampler.finite === true && failure === null && this.born_s !== null;
    const said = this.ownDeath ?? `${sampler.id} ${what}`;
    if (!isOrderly) this.fail(failure ?? new LmpowerError('SAMPLER_UNAVAILABLE', said));
    if (this.ownDeath === null) this.report('SAMPLER_DIED', detail);
  }

  private mayRestart(failure: LmpowerError | null): boolean {
    if (failure !== null && FINAL.has(failure.code)) return false;
    return this.hasLived && this.options.sampler.finite !== true;
  }

  private fail(failure: LmpowerError): void {
    this.lastFailure = failure;
  }

  private report(code: CodeId, detail: string): void {
    if (this.stopping.signal.aborted) return;
    const at_s = Math.max(this.options.clock.now_s(), this.reached_s);
    const event = { code, source: this.options.sampler.id, at_s, domain: null, detail };
    this.options.onBatch({ samples: [], observations: [], events: [event] });
  }
}

function isReading({ samples, observations, domains }: Batch): boolean {
  return samples.length > 0 || observations.length > 0 || domains !== undefined;
}
