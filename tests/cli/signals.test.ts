import { describe, expect, test, vi } from 'vitest';
import { interruptSignal } from '../../src/cli/signals.ts';
import { captureOutput } from '../support/captured-output.ts';

describe('interruptSignal', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s aborts, and says what happens now', (name) => {
    const output = captureOutput();
    const { release, signal } = interruptSignal('keeping what was recorded …');
    expect(signal.aborted).toBe(false);
    process.emit(name, name);
    expect(signal.aborted).toBe(true);
    expect(output.stderr()).toBe('keeping what was recorded …\n');
    release();
  });

  test('the second ends the program by the signal itself, with nothing of ours in its way', () => {
    captureOutput();
    const before = process.listenerCount('SIGINT');
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => true);
    interruptSignal('');
    process.emit('SIGINT', 'SIGINT');
    expect(kill).not.toHaveBeenCalled();
    process.emit('SIGINT', 'SIGINT');
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGINT');
    expect(process.listenerCount('SIGINT')).toBe(before);
    kill.mockRestore();
  });

  test('released, it listens no longer', () => {
    const before = process.listenerCount('SIGTERM');
    const { release } = interruptSignal('');
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    release();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
