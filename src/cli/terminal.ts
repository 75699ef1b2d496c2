/** Columns of the screen that data goes to; 100 where it goes into a file or a pipe. */
export function screenWidth(): number {
  return process.stdout.isTTY === true ? Math.max(40, process.stdout.columns) : 100;
}

/** True where a live line may be drawn: stderr is a screen that understands cursor movement. */
export function isLive(): boolean {
  return process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
}
