import type { ScreenSize } from './frame.ts';

/** The part of a terminal stream that is drawn on. */
export interface ScreenStream {
  readonly columns: number;
  readonly rows: number;
  /** Bytes that a slow line has not taken yet. */
  readonly writableLength: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** What the process tells: its end, and that it is stopped and goes on (Ctrl-Z and `fg`). */
export interface ScreenHost {
  readonly pid: number;
  on(event: HostEvent, listener: () => void): unknown;
  off(event: HostEvent, listener: () => void): unknown;
  kill(pid: number, signal: 'SIGSTOP'): unknown;
}
type HostEvent = 'exit' | 'uncaughtExceptionMonitor' | 'SIGTSTP' | 'SIGCONT';

const DEFAULT_SIZE: ScreenSize = { columns: 80, rows: 24 };
/** Alternate screen, no cursor, no wrapping at the edge. Source: xterm control sequences, DECSET 1049, 25, 7. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
/** Before a line is written: after a full one the cursor still stands on its last character. */
const ERASE_LINE = '\u001b[2K';

/**
 * The whole terminal for a while. Whatever ends the program but SIGKILL, the terminal is left as it was found: what
 * stood on it, the cursor, wrapping. `redraw` is asked for a frame at each change of size.
 */
export class Screen {
  private readonly stream: ScreenStream;
  private readonly host: ScreenHost;
  private readonly frame: (size: ScreenSize) => readonly string[];
  private isTaken = false;

  constructor(
    frame: (size: ScreenSize) => readonly string[],
    { stream, host }: { readonly stream: ScreenStream; readonly host: ScreenHost },
  ) {
    this.frame = frame;
    this.stream = stream;
    this.host = host;
  }

  take(): void {
    if (this.isTaken) return;
    this.enter();
    this.stream.on('resize', this.redraw);
    this.host.on('exit', this.leave);
    // Before the stack is printed, which would go with the alternate screen.
    this.host.on('uncaughtExceptionMonitor', this.leave);
    this.host.on('SIGTSTP', this.stop);
    this.host.on('SIGCONT', this.resume);
  }

  /** Draws over the former frame in one write, line by line, so that nothing flickers. Skipped while a slow line lags. */
  readonly redraw = (): void => {
    if (!this.isTaken || this.stream.writableLength > 0) return;
    const size = sizeOf(this.stream);
    const lines = this.frame(size);
    const rows = Array.from({ length: size.rows }, (_, row) => ERASE_LINE + (lines[row] ?? ''));
    this.stream.write(HOME + rows.join('\r\n'));
  };

  /** May be called at any time, and more than once. */
  release(): void {
    this.leave();
    this.stream.off('resize', this.redraw);
    this.host.off('exit', this.leave);
    this.host.off('uncaughtExceptionMonitor', this.leave);
    this.host.off('SIGTSTP', this.stop);
    this.host.off('SIGCONT', this.resume);
  }

  private enter(): void {
    this.stream.write(ENTER);
    this.isTaken = true;
  }

  private readonly leave = (): void => {
    if (this.isTaken) this.stream.write(LEAVE);
    this.isTaken = false;
  };

  private readonly stop = (): void => {
    this.leave();
    this.host.kill(this.host.pid, 'SIGSTOP');
  };

  private readonly resume = (): void => {
    if (!this.isTaken) this.enter();
    this.redraw();
  };
}

/** A terminal of unknown size says 0. */
function sizeOf({ columns, rows }: ScreenStream): ScreenSize {
  return columns > 0 && rows > 0 ? { columns, rows } : DEFAULT_SIZE;
}
