import { onTestFinished, vi } from 'vitest';

/** What the program wrote while the test ran; both streams are silent meanwhile. */
export interface CapturedOutput {
  stdout(): string;
  stderr(): string;
}

/** Stands in for both streams' `write` until the test ends. `isScreen`: stderr says that it is a terminal of that width. */
export function captureOutput(screenColumns?: number): CapturedOutput {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    const spy = vi.spyOn(process[name], 'write').mockImplementation((chunk, encoding, callback) => {
      written[name] += String(chunk);
      const done = typeof encoding === 'function' ? encoding : callback;
      done?.(null);
      return true;
    });
    onTestFinished(() => spy.mockRestore());
    pretend(name, 'isTTY', screenColumns !== undefined);
    pretend(name, 'columns', screenColumns);
  }
  return { stdout: () => written.stdout, stderr: () => written.stderr };
}

function pretend(name: 'stdout' | 'stderr', property: 'isTTY' | 'columns', value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(process[name], property);
  Object.defineProperty(process[name], property, { value, configurable: true });
  onTestFinished(() => {
    if (before === undefined) Reflect.deleteProperty(process[name], property);
    else Object.defineProperty(process[name], property, before);
  });
}
