import type { Clock } from '../core/clock.ts';
import type { CodeId } from '../core/codes.ts';
import type { ClockMark, Phase, Setting, Trial } from '../core/run.ts';
import type { Observation, RecordedEvent } from '../core/sample.ts';
import type { ModelFailure } from '../core/sessions.ts';
import type { Seconds } from '../core/units.ts';
import type { RecordingPart } from '../storage/store.ts';
import type { RunRecorder } from './run-context.ts';
import type { RunSink } from './sink.ts';

interface LedgerOptions {
  readonly sink: RunSink;
  readonly recorder: Pick<RunRecorder, 'drain'>;
  readonly clock: Clock;
}

/** Facts wait here, in memory, until `flush` hands them over together with what the meters gave. */
export class Ledger {
  private readonly options: LedgerOptions;
  private events: RecordedEvent[] = [];
  private observations: Observation[] = [];
  private marks: ClockMark[] = [];
  private phases: Phase[] = [];
  private trials: Trial[] = [];
  private settings: Setting[] = [];
  private failures: ModelFailure[] = [];

  constructor(options: LedgerOptions) {
    this.options = options;
  }

  /** `at_s`: an instant inside the window that the code concerns. */
  event(code: CodeId, at_s: Seconds, detail: string): void {
    this.events.push({ code, source: 'orchestrator', at_s, domain: null, detail });
  }

  observation(observation: Observation): void {
    this.observations.push(observation);
  }

  /** Wall and monotonic time, read together. */
  mark(): void {
    const { clock } = this.options;
    this.marks.push({ monotonic_s: clock.now_s(), wallAt: clock.wallAt() });
  }

  /** A phase of the run itself. */
  phase(phase: Phase): void {
    this.phases.push(phase);
  }

  trial(trial: Trial): void {
    this.trials.push(trial);
  }

  failure(failure: ModelFailure): void {
    this.failures.push(failure);
  }

  setting(settings: readonly Setting[]): void {
    this.settings.push(...settings);
  }

  /** One `append`; only ever called between phases. What could not be appended waits for the next flush. */
  flush(): void {
    const { recorder, sink } = this.options;
    const { domains, events, observations, samples } = recorder.drain();
    const { failures, marks, phases, settings, trials } = this;
    const part: RecordingPart = {
      ...{ domains, failures, samples, marks, phases, trials, settings },
      observations: [...observations, ...this.observations],
      events: [...events, ...this.events],
    };
    if (Object.values(part).every((list) => list.length === 0)) return;
    sink.append(part);
    this.events = [];
    this.observations = [];
    this.marks = [];
    this.phases = [];
    this.trials = [];
    this.settings = [];
    this.failures = [];
  }
}
