import type { Batch, DomainId } from '../../core/sample.ts';
import type { Joules, Seconds } from '../../core/units.ts';
import type { ProgressEvent, TrialPlace } from '../../orchestrator/progress.ts';
import { type WatchedDomain, WatchedPower } from '../watch/watched-power.ts';

/** What a run is at, in one look. Null: belongs to no trial, or is not known. */
export interface RunGlance {
  readonly phase: string;
  readonly model: string | null;
  readonly prompt: string | null;
  /** From 1. */
  readonly trial: number | null;
  readonly trials: number | null;
  /** Of the phase. */
  readonly elapsed_s: Seconds;
  readonly planned_s: Seconds | null;
  /** Of the run, as expected. */
  readonly remaining_s: Seconds;
  /** Of the answer under way. */
  readonly tokens: number;
  readonly tokPerS: number | null;
  /** Of the run so far, over its widest domain. */
  readonly energy_J: Joules | null;
  readonly domain: DomainId | null;
}

/** Follows a run by what it tells and what its meters give; cheap enough for every token and every reading. */
export class RunState {
  readonly power = new WatchedPower();
  private phase = 'starting';
  private model: string | null = null;
  private place: TrialPlace | null = null;
  private planned_s: Seconds | null = null;
  private since_s: Seconds;
  private remaining_s: Seconds = 0;
  private tokens = 0;
  private firstToken_s: Seconds | null = null;
  private lastToken_s: Seconds = 0;
  private firstTokens = 0;

  constructor(now_s: Seconds) {
    this.since_s = now_s;
  }

  hear(event: ProgressEvent, now_s: Seconds): void {
    if (event.kind === 'phase') {
      this.phase = event.phase;
      this.model = event.model;
      this.place = event.trial;
      this.planned_s = event.planned_s;
      this.remaining_s = event.remaining_s;
      this.since_s = now_s;
      this.tokens = 0;
      this.firstToken_s = null;
    } else if (event.kind === 'extended') this.planned_s = event.planned_s;
    else if (event.kind === 'token') this.count(event.count, now_s);
    else if (event.kind === 'trial-done') this.remaining_s = event.remaining_s;
  }

  read(batch: Batch): void {
    for (const { id, rank } of batch.domains ?? []) this.power.rank(id, rank);
    for (const sample of batch.samples) this.power.add(sample);
  }

  glance(now_s: Seconds): RunGlance {
    const elapsed_s = Math.max(0, now_s - this.since_s);
    const widest = this.widest();
    return {
      phase: this.phase,
      model: this.model,
      prompt: this.place?.promptId ?? null,
      trial: this.place === null ? null : this.place.index + 1,
      trials: this.place?.of ?? null,
      elapsed_s,
      planned_s: this.planned_s,
      remaining_s: Math.max(0, this.remaining_s - elapsed_s),
      tokens: this.tokens,
      tokPerS: this.tokPerS(),
      energy_J: widest?.energy_J ?? null,
      domain: widest?.domain ?? null,
    };
  }

  widest(): WatchedDomain | null {
    return this.power.widestFirst()[0] ?? null;
  }

  private count(tokens: number, now_s: Seconds): void {
    if (this.firstToken_s === null) {
      this.firstToken_s = now_s;
      this.firstTokens = tokens;
    }
    this.tokens = tokens;
    this.lastToken_s = now_s;
  }

  /** Of those after the first delta. */
  private tokPerS(): number | null {
    const span_s = this.lastToken_s - (this.firstToken_s ?? this.lastToken_s);
    return span_s > 0 ? (this.tokens - this.firstTokens) / span_s : null;
  }
}
