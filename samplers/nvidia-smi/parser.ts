import { wallSpan_s } from '../../src/core/clock.ts';
import type { Batch } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { GpuAccount } from '../gpu/account.ts';
import { type LineFrame, LineFrames } from '../line-frames.ts';
import type { Parser } from '../sampler.ts';
import { SourceClock } from '../source-clock.ts';
import { DEFAULT_FIELDS } from './fields.ts';
import { countOf, headerFields, indexOf, type Row, readingOf, rowOf, stampedAt } from './rows.ts';
import { NVIDIA } from './source.ts';
import { boardOf, isChatter, troubleOf } from './words.ts';

const EXCERPT = 80;

/**
 * `nvidia-smi --query-gpu=… --format=csv` with `-lms` in any chunking → one batch per tick, all boards at one time. The
 * header names the fields; without one they are taken for `fields`, in order. Units after the numbers are accepted.
 */
export function createNvidiaSmiParser(fields: readonly string[] = DEFAULT_FIELDS): Parser {
  const table = new TickTable(fields);
  const frames = new LineFrames();
  return {
    push: (chunk, arrival_s) => frames.push(chunk).flatMap((line) => table.take(line, arrival_s)),
    end: (arrival_s) => {
      const last = frames.end();
      return [...(last === null ? [] : table.take(last, arrival_s)), ...table.close()];
    },
  };
}

/** Gathers the rows of one tick: complete at the stated count of boards, or when an index comes again. */
class TickTable {
  readonly #account = new GpuAccount(NVIDIA);
  readonly #clock = new SourceClock();
  #fields: readonly string[];
  #rows = new Map<number, Row>();
  #arrival_s: Seconds = 0;
  #firstAt: string | null = null;

  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  take(line: LineFrame, arrival_s: Seconds): Batch[] {
    if ('dropped_B' in line) {
      return [this.#account.trouble('GARBAGE', arrival_s, { detail: `a line of ${line.dropped_B} bytes` })];
    }
    const header = headerFields(line.text);
    if (header !== null) {
      this.#fields = header;
      return this.close();
    }
    const row = rowOf(line.text, this.#fields);
    return row === null ? this.#words(line.text.trim(), arrival_s) : this.#row(row, arrival_s);
  }

  /** The tick that is under way, as far as it came. */
  close(): Batch[] {
    const [first] = this.#rows.values();
    if (first === undefined) return [];
    const at_s = this.#clock.at_s(this.#arrival_s, this.#stamp_s(first));
    const readings = [...this.#rows.values()].map(readingOf);
    this.#rows = new Map();
    return [this.#account.batchOf(readings, at_s)];
  }

  /** Seconds since the stream's first stamp. */
  #stamp_s(row: Row): Seconds | null {
    const at = stampedAt(row);
    if (at === null) return null;
    this.#firstAt ??= at;
    const stamp_s = wallSpan_s(this.#firstAt, at);
    return Number.isFinite(stamp_s) ? stamp_s : null;
  }

  #row(row: Row, arrival_s: Seconds): Batch[] {
    const index = indexOf(row) ?? -1;
    const done = this.#rows.has(index) ? this.close() : [];
    if (this.#rows.size === 0) this.#arrival_s = arrival_s;
    this.#rows.set(index, row);
    return this.#rows.size >= (countOf(row) ?? Number.POSITIVE_INFINITY) ? [...done, ...this.close()] : done;
  }

  #words(text: string, arrival_s: Seconds): Batch[] {
    if (isChatter(text)) return [];
    const trouble = troubleOf(text);
    const detail =
      trouble === null
        ? `no reading: ${text.slice(0, EXCERPT)}`
        : `${text.slice(0, 2 * EXCERPT)}; ${trouble.remedy}`;
    const index = trouble === null ? null : boardOf(text);
    return [this.#account.trouble(trouble?.code ?? 'GARBAGE', arrival_s, { detail, index })];
  }
}
