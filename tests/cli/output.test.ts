import { describe, expect, test, vi } from 'vitest';
import { ReaderGone, say, sayError, writeJson, writeOut } from '../../src/cli/output.ts';
import { LmpowerError } from '../../src/core/errors.ts';
import { captureOutput } from '../support/captured-output.ts';

function failingWith(error: Error): void {
  vi.spyOn(process.stdout, 'write').mockImplementationOnce((_chunk, encoding, callback) => {
    const done = typeof encoding === 'function' ? encoding : callback;
    done?.(error);
    return false;
  });
}

describe('writeOut', () => {
  test('hands text to stdout and nothing to stderr', async () => {
    const output = captureOutput();
    await writeOut('42\n');
    await writeJson({ a: [1] });
    expect(output.stdout()).toBe('42\n{\n  "a": [\n    1\n  ]\n}\n');
    expect(output.stderr()).toBe('');
  });

  test('tells a reader that went away from a write that failed', async () => {
    failingWith(Object.assign(new Error('broken'), { code: 'EPIPE' }));
    await expect(writeOut('x')).rejects.toBeInstanceOf(ReaderGone);
    failingWith(Object.assign(new Error('disk full'), { code: 'ENOSPC' }));
    await expect(writeOut('x')).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringContaining('disk full'),
    });
  });
});

describe('say', () => {
  test('wraps to the screen, and not in a file', () => {
    const long = 'word '.repeat(30).trim();
    const screen = captureOutput(40);
    say(long);
    for (const line of screen.stderr().split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    const file = captureOutput();
    say(long);
    expect(file.stderr()).toBe(`${long}\n`);
  });
});

describe('sayError', () => {
  test('says what happened and what to type next, on stderr', () => {
    const output = captureOutput();
    const error = sayError(new LmpowerError('STORE_LOCKED', 'the file is in use'), false);
    expect(error.exitCode).toBe(3);
    expect(output.stderr()).toBe(
      'lmpower: the file is in use\n  → end the other lmpower, or name another file: --db FILE\n',
    );
    expect(output.stdout()).toBe('');
  });

  test('quotes what would steer the terminal without doing so', () => {
    const output = captureOutput();
    sayError(new LmpowerError('USAGE', "it takes no '\u001b[2J\u009b31m'.", { remedy: 'a\u001b]0;b' }), true);
    expect(output.stderr()).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('shows the stack and the causes only when asked', () => {
    const thrown = new LmpowerError('STORE_LOCKED', 'in use', { cause: new Error('SQLITE_BUSY') });
    const output = captureOutput();
    sayError(thrown, true);
    expect(output.stderr()).toMatch(/output\.test\.ts[\s\S]*caused by Error: SQLITE_BUSY/);
  });

  test('takes what is not ours for a bug, and shows where it came from', () => {
    const output = captureOutput();
    expect(sayError(new TypeError('x is not a function'), false)).toMatchObject({ code: 'BUG', exitCode: 1 });
    expect(output.stderr()).toContain('output.test.ts');
    expect(sayError('a string', false).message).toBe('a string');
  });
});
