import { type Clock, systemClock } from '../src/core/clock.ts';
import type { Seconds } from '../src/core/units.ts';
import { type Command, type CommandExit, commandStream } from './command-stream.ts';

export interface CommandOutput extends CommandExit {
  readonly stdout: string;
  /** True: it had not ended within the limit, and was ended. */
  readonly late: boolean;
}

/** Below the two seconds that a probe has. */
const PROBE_LIMIT_s = 1.5;

/** Runs a short command to its end, to the limit, or to the signal. Never throws. */
export async function commandOutput(
  command: Command,
  {
    limit_s = PROBE_LIMIT_s,
    clock = systemClock,
    signal,
  }: { readonly limit_s?: Seconds; readonly clock?: Clock; readonly signal?: AbortSignal } = {},
): Promise<CommandOutput> {
  const limit = new AbortController();
  const over = new AbortController();
  // The timer's own abort, once the command has ended, is no failure.
  clock.sleep(limit_s, over.signal).then(
    () => limit.abort(),
    () => undefined,
  );
  const either = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
  const stream = await commandStream(command, { signal: either, clock, grace_s: 0.2 });
  const parts: Uint8Array[] = [];
  for await (const { chunk } of stream) parts.push(chunk);
  over.abort();
  const exit = await stream.exit;
  return { ...exit, stdout: Buffer.concat(parts).toString('utf8'), late: limit.signal.aborted };
}
