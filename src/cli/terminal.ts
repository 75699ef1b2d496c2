import { cutToWidth } from './display-width.ts';

const LEAST_WIDTH = 40;
/** Where there is no screen to fit. */
const FILE_WIDTH = 100;

/** Columns of the screen that data goes to; 100 where it goes into a file or a pipe. */
export function screenWidth(): number {
  return widthOf(process.stdout);
}

/** Columns of the screen that people read messages on; endless where they go into a file or a pipe. */
export function messageWidth(): number {
  return process.stderr.isTTY === true ? widthOf(process.stderr) : Number.POSITIVE_INFINITY;
}

function widthOf(stream: NodeJS.WriteStream): number {
  // A screen of unknown size says 0.
  return stream.isTTY === true ? Math.max(LEAST_WIDTH, stream.columns || FILE_WIDTH) : FILE_WIDTH;
}

/** True where a live line may be drawn: stderr is a screen that understands cursor movement. */
export function isLive(): boolean {
  return process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
}

/** Columns left free for the `^C` that the terminal itself writes. */
const ROOM = 3;
const ERASE_LINE = '\r\u001b[2K';
let isDrawn = false;

/** Columns that a live line may take. */
export function liveWidth(): number {
  return (process.stderr.columns || FILE_WIDTH) - ROOM;
}

/** Draws or redraws the one live line of stderr, never wider than the screen: a line that wraps cannot be taken back. */
export function drawLiveLine(text: string): void {
  process.stderr.write(ERASE_LINE + cutToWidth(text, liveWidth()));
  isDrawn = true;
}

/** Takes the live line off the screen, if there is one: before any other line is written, and at the end. */
export function clearLiveLine(): void {
  if (isDrawn) process.stderr.write(ERASE_LINE);
  isDrawn = false;
}
