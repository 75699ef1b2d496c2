import type { CodeId } from '../core/codes.ts';
import type { Batch, Sample } from '../core/sample.ts';
import { alignLive, type LiveAlignment, UNALIGNED } from '../recording/live-alignment.ts';
import { writeOut } from './output.ts';
import { PowerSummary } from './power-summary.ts';

const SILENCES: ReadonlySet<CodeId> = new Set(['SAMPLER_DIED', 'SAMPLER_STALLED'] as const);

export interface SessionOptions {
  /** Frames of each source after which it is enough, silent ones apart; undefined: never. */
  readonly frames: number | undefined;
  /** Every sample is kept for the end. */
  readonly keeps: boolean;
  /** Every sample is printed as one line of JSON as it comes. */
  readonly prints: boolean;
  /** Some of it is made up, and each line says so. */
  readonly simulated: boolean;
}

/** What `lmpower sample` does with batches as they arrive: place, sum up, print, keep, and notice when it is enough. */
export class SampleSession {
  readonly summary = new PowerSummary();
  readonly kept: Sample[] = [];
  private readonly options: SessionOptions;
  private readonly enough = new AbortController();
  private readonly alignments = new Map<string, LiveAlignment>();
  private readonly frames = new Map<string, number>();
  /** Those that have fallen silent: the others are not kept waiting. */
  private readonly silent = new Set<string>();
  private writing: Promise<void> = Promise.resolve();
  private lost: { readonly reason: unknown } | null = null;

  /** `samplers`: ids of those that are read. */
  constructor(samplers: readonly string[], options: SessionOptions) {
    this.options = options;
    for (const id of samplers) this.frames.set(id, 0);
  }

  /** Aborted once every source that is not silent gave its frames, or nobody reads what is printed. */
  get signal(): AbortSignal {
    return this.enough.signal;
  }

  /** Called for every batch as it arrives; neither blocks nor throws. */
  readonly take = (batch: Batch, sampler: string): void => {
    if (this.isFull(sampler)) return;
    const { state, batch: placed } = alignLive(this.alignments.get(sampler) ?? UNALIGNED, batch);
    this.alignments.set(sampler, state);
    for (const one of placed.samples) this.keep(one);
    if (placed.samples.length > 0) {
      this.frames.set(sampler, (this.frames.get(sampler) ?? 0) + 1);
      this.silent.delete(sampler);
    } else if (batch.events.some(({ code }) => SILENCES.has(code))) this.silent.add(sampler);
    if (this.isEnough()) this.enough.abort();
  };

  private isEnough(): boolean {
    const ids = [...this.frames.keys()];
    return ids.some((id) => this.isFull(id)) && ids.every((id) => this.isFull(id) || this.silent.has(id));
  }

  /** Resolves when all was handed to stdout. @throws {ReaderGone} and what else became of it */
  async written(): Promise<void> {
    await this.writing;
    if (this.lost !== null) throw this.lost.reason;
  }

  private keep(one: Sample): void {
    this.summary.add(one);
    if (this.options.keeps) this.kept.push(one);
    if (!this.options.prints || this.lost !== null) return;
    const line = this.options.simulated ? { ...one, simulated: true } : one;
    this.print(`${JSON.stringify(line)}\n`);
  }

  private print(line: string): void {
    const written = writeOut(line).catch((reason: unknown) => {
      this.lost ??= { reason };
      this.enough.abort();
    });
    this.writing = this.writing.then(() => written);
  }

  private isFull(sampler: string): boolean {
    const { frames } = this.options;
    return frames !== undefined && (this.frames.get(sampler) ?? 0) >= frames;
  }
}
