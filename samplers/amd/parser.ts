import type { Batch } from '../../src/core/sample.ts';
import type { Seconds } from '../../src/core/units.ts';
import { GpuAccount } from '../gpu/account.ts';
import type { GpuSource } from '../gpu/reading.ts';
import type { Parser } from '../sampler.ts';
import { SourceClock } from '../source-clock.ts';
import { type Board, boardsOf, csvBoard, csvHeader, stampOf } from './boards.ts';
import { amdReading } from './fields.ts';
import { type AmdFrame, JsonFrames } from './json-frames.ts';

const EXCERPT = 80;
/** What the tools say before and between their documents, and that concerns no reading. Source: amd-smi and rocm-smi, ROCm 5.7 to 7. */
const CHATTER =
  /^\s*(?:$|\[?WARN(?:ING)?\b|=+|'CTRL'|RuntimeWarning|User is missing|Please (?:ensure|add|run)|cat: |None$)/i;

/**
 * `amd-smi metric` or `rocm-smi`, JSON or CSV, in any chunking → one batch per document, or per CSV table. Warnings
 * before a document are passed over; what is neither is GARBAGE.
 */
export function createAmdParser(source: GpuSource): Parser {
  const frames = new JsonFrames();
  const table = new BoardTable(source);
  return {
    push: (chunk, arrival_s) => frames.push(chunk).flatMap((frame) => table.take(frame, arrival_s)),
    end: (arrival_s) => [...frames.end().flatMap((frame) => table.take(frame, arrival_s)), ...table.close()],
  };
}

class BoardTable {
  readonly #account: GpuAccount;
  readonly #clock = new SourceClock({ coarse: true });
  #header: readonly string[] | null = null;
  #rows = new Map<number, Board>();
  #arrival_s: Seconds = 0;
  #expected = Number.POSITIVE_INFINITY;

  constructor(source: GpuSource) {
    this.#account = new GpuAccount(source);
  }

  take(frame: AmdFrame, arrival_s: Seconds): Batch[] {
    if (frame.sort === 'lost') return [this.#garbage(frame.detail, arrival_s)];
    if (frame.sort === 'line') return this.#line(frame.text, arrival_s);
    const boards = boardsOf(frame.value);
    if (boards.length === 0) return [this.#garbage(errorOf(frame.value), arrival_s)];
    return [...this.close(), this.#batch(boards, arrival_s)];
  }

  /** The CSV table that is under way: the next one's first line, or the end, closes it. */
  close(): Batch[] {
    const boards = [...this.#rows.values()];
    if (boards.length === 0) return [];
    this.#rows = new Map();
    this.#expected = boards.length;
    return [this.#batch(boards, this.#arrival_s)];
  }

  #line(text: string, arrival_s: Seconds): Batch[] {
    const header = csvHeader(text);
    if (header !== null) {
      this.#header = header;
      return this.close();
    }
    const board = this.#header === null ? null : csvBoard(text, this.#header);
    if (board !== null) return this.#row(board, arrival_s);
    return CHATTER.test(text)
      ? []
      : [this.#garbage(`no reading: ${text.trim().slice(0, EXCERPT)}`, arrival_s)];
  }

  #row(board: Board, arrival_s: Seconds): Batch[] {
    const done = this.#rows.has(board.index) ? this.close() : [];
    if (this.#rows.size === 0) this.#arrival_s = arrival_s;
    this.#rows.set(board.index, board);
    // The first table tells how many lines the others have.
    return this.#rows.size >= this.#expected ? [...done, ...this.close()] : done;
  }

  #batch(boards: readonly Board[], arrival_s: Seconds): Batch {
    const at_s = this.#clock.at_s(arrival_s, stampOf(boards));
    return this.#account.batchOf(
      boards.map(({ index, cells }) => amdReading(index, cells)),
      at_s,
    );
  }

  #garbage(detail: string, at_s: Seconds): Batch {
    return this.#account.trouble('GARBAGE', at_s, { detail });
  }
}

/** With `--json` amd-smi wraps its errors too: `{"error": …, "code": -2}`. */
function errorOf(document: unknown): string {
  const isError = typeof document === 'object' && document !== null && 'error' in document;
  return isError ? String(document.error).slice(0, 2 * EXCERPT) : 'a document without a board';
}
