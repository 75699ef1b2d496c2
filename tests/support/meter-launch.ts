import type { MeterLaunch } from '../../samplers/powermetrics/launch.ts';
import { type MeterSession, meterSession } from '../../samplers/powermetrics/session.ts';
import { manualClock } from './manual-clock.ts';
import type { ScriptFolder } from './scripts.ts';

/** A stream under a manual clock that stands at 50 s. */
export function open(launch: MeterLaunch, interval_ms = 100) {
  const abort = new AbortController();
  const clock = manualClock(50);
  const chunks = launch.open({ interval_ms, signal: abort.signal, clock })[Symbol.asyncIterator]();
  return { abort, clock, chunks };
}

/** The first chunk; the stream is then ended, and has to return. */
export async function firstText(launch: MeterLaunch, interval_ms?: number): Promise<string> {
  const { abort, chunks } = open(launch, interval_ms);
  const first = await chunks.next();
  abort.abort();
  if ((await chunks.next()).done !== true) throw new Error('the stream went on after its end');
  return Buffer.from(first.value?.chunk ?? []).toString('utf8');
}

/** All bytes until the meter ends by itself. */
export async function readAll(launch: MeterLaunch): Promise<string> {
  const { chunks } = open(launch);
  let text = '';
  for (;;) {
    const next = await chunks.next();
    if (next.done === true) return text;
    text += Buffer.from(next.value.chunk).toString('utf8');
  }
}

/** No guard, no root, no terminal, no desktop, but what the test gives. */
export const session = (known: Partial<MeterSession>): MeterSession =>
  meterSession({
    guard: null,
    root: false,
    terminal: false,
    hasDesktop: async () => false,
    say: () => undefined,
    askOnDesktop: async () => {
      throw new Error('nobody is asked in this test');
    },
    ...known,
  });

/** As sudo reads its arguments: flags, `--`, the command. */
export const RUN_COMMAND = ['while [ "$1" != "--" ]; do shift; done', 'shift', 'exec "$@"'];
const REFUSE = ['echo "sudo: a password is required" >&2', 'exit 1'];

/** Stand-ins for sudo. */
export const sudoThat = {
  permits: (scripts: ScriptFolder) =>
    scripts.add('sudo-permits', 'case " $* " in *" -l "*) exit 0;; esac', ...RUN_COMMAND),
  asks: (scripts: ScriptFolder) =>
    scripts.add('sudo-asks', `case "$1" in -n) ${REFUSE.join('; ')};; esac`, ...RUN_COMMAND),
  refuses: (scripts: ScriptFolder) => scripts.add('sudo-refuses', ...REFUSE),
  hangs: (scripts: ScriptFolder) => scripts.add('sudo-hangs', 'exec sleep 600'),
};
