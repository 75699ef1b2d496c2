import { LmpowerError } from '../core/errors.ts';
import type { PowerStep } from './power-step.ts';

/** `ask` goes from meter to lab, the others from lab to meter: one JSON object a line. */
export type FeedLine =
  | { readonly step: PowerStep }
  | { readonly ask: number }
  /** Every step that was written before the ask of this number arrived stands before this line. */
  | { readonly answer: number };

/** One line, with its newline. */
export function feedLineText(line: FeedLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** @throws {LmpowerError} BUG for anything but a line of the feed. */
export function parseFeedLine(text: string): FeedLine {
  const line = parseObject(text);
  if (typeof line['ask'] === 'number') return { ask: line['ask'] };
  if (typeof line['answer'] === 'number') return { answer: line['answer'] };
  const step = line['step'];
  if (isRecord(step)) {
    return {
      step: {
        at_s: numberIn(step, 'at_s'),
        cpu_W: numberIn(step, 'cpu_W'),
        gpu_W: numberIn(step, 'gpu_W'),
        ane_W: numberIn(step, 'ane_W'),
      },
    };
  }
  throw new LmpowerError('BUG', `not a line of the step feed: ${text.slice(0, 120)}`);
}

/** Cuts chunks of text into whole lines, in any chunking. */
export function createLineCutter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch (cause) {
    throw new LmpowerError('BUG', `not a line of the step feed: ${text.slice(0, 120)}`, { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function numberIn(step: Record<string, unknown>, name: string): number {
  const value = step[name];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new LmpowerError('BUG', `a power step without ${name}: ${JSON.stringify(step)}`);
}
