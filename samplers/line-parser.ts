import type { Batch } from '../src/core/sample.ts';
import type { Seconds } from '../src/core/units.ts';
import { LineFrames } from './line-frames.ts';
import type { Parser } from './sampler.ts';

export interface LineReader {
  /** One whole line, not empty, without its end. */
  line(text: string, arrival_s: Seconds): Batch[];
  /** A line that was too long to be kept. */
  dropped(bytes: number, arrival_s: Seconds): Batch;
}

/** Bytes in any chunking → the batches of whole lines; a last line without its end counts too. */
export function createLineParser(reader: LineReader): Parser {
  const frames = new LineFrames();
  const read = (line: ReturnType<LineFrames['end']>, arrival_s: Seconds): Batch[] => {
    if (line === null) return [];
    if ('dropped_B' in line) return [reader.dropped(line.dropped_B, arrival_s)];
    return line.text.trim() === '' ? [] : reader.line(line.text, arrival_s);
  };
  return {
    push: (chunk, arrival_s) => frames.push(chunk).flatMap((line) => read(line, arrival_s)),
    end: (arrival_s) => read(frames.end(), arrival_s),
  };
}
