import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ScreenSize } from '../../../src/cli/watch/frame.ts';
import { Screen } from '../../../src/cli/watch/screen.ts';

class Terminal extends EventEmitter {
  columns = 20;
  rows = 4;
  writableLength = 0;
  written = '';
  write(text: string): void {
    this.written += text;
  }
  /** What was written since the last look. */
  look(): string {
    const text = this.written;
    this.written = '';
    return text;
  }
}

class Host extends EventEmitter {
  readonly pid = 1234;
  readonly kills: string[] = [];
  kill(pid: number, signal: string): void {
    this.kills.push(`${pid} ${signal}`);
  }
}

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';

let stream: Terminal;
let host: Host;
let screen: Screen;
beforeEach(() => {
  stream = new Terminal();
  host = new Host();
  screen = new Screen(({ columns, rows }: ScreenSize) => [`${columns}x${rows}`, 'two'], { stream, host });
});

describe('Screen', () => {
  test('draws each frame over the former one, erasing what is left of it', () => {
    screen.take();
    expect(stream.look()).toBe(ENTER);
    screen.redraw();
    const rows = ['20x4', 'two', '', ''].map((line) => `\u001b[2K${line}`);
    expect(stream.look()).toBe(`\u001b[H${rows.join('\r\n')}`);
  });

  test('draws anew at each change of size, and in 80x24 where the terminal does not know its own', () => {
    screen.take();
    stream.look();
    Object.assign(stream, { columns: 60, rows: 30 });
    stream.emit('resize');
    expect(stream.look()).toContain('60x30');
    Object.assign(stream, { columns: 0, rows: 0 });
    stream.emit('resize');
    expect(stream.look()).toContain('80x24');
  });

  test('leaves the terminal as it was, once, and is deaf from then on', () => {
    screen.take();
    stream.look();
    screen.release();
    screen.release();
    stream.emit('resize');
    screen.redraw();
    expect(stream.look()).toBe(LEAVE);
    expect([stream, host].flatMap((emitter) => emitter.eventNames())).toEqual([]);
  });

  test.each(['exit', 'uncaughtExceptionMonitor'])('leaves it as it was at %s', (event) => {
    screen.take();
    stream.look();
    host.emit(event);
    expect(stream.look()).toBe(LEAVE);
  });

  test('gives the terminal back while the program is stopped, and takes it again when it goes on', () => {
    screen.take();
    stream.look();
    host.emit('SIGTSTP');
    expect(stream.look()).toBe(LEAVE);
    expect(host.kills).toEqual(['1234 SIGSTOP']);
    host.emit('SIGCONT');
    const again = stream.look();
    expect(again.startsWith(ENTER)).toBe(true);
    expect(again).toContain('20x4');
  });

  test('skips frames while a slow line has not taken the last one', () => {
    screen.take();
    stream.look();
    stream.writableLength = 100;
    screen.redraw();
    expect(stream.look()).toBe('');
  });
});
