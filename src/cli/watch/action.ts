import type { Sampler } from '../../../samplers/sampler.ts';
import { clockSince, systemClock } from '../../core/clock.ts';
import { type ExitCode, LmpowerError } from '../../core/errors.ts';
import { PLAN_DEFAULTS } from '../../orchestrator/plan.ts';
import { checkNumber } from '../../orchestrator/plan-limits.ts';
import { createRecorder } from '../../recording/live-recorder.ts';
import type { EndingRecorder } from '../../recording/recorder.ts';
import { readSurroundings } from '../../storage/locations.ts';
import { chooseSamplers, standInRoot } from '../choose-samplers.ts';
import type { CommandContext } from '../context.ts';
import { isInvented } from '../invented.ts';
import { say, writeOut } from '../output.ts';
import { summaryLines } from '../power-summary.ts';
import { passed } from '../sample-action.ts';
import { interruptSignal } from '../signals.ts';
import { watched } from '../surroundings.ts';
import { screenWidth } from '../terminal.ts';
import { frameLines, plainLine, type WatchView } from './frame.ts';
import { HostWatch } from './host-load.ts';
import { RunWatch } from './run-watch.ts';
import { Screen } from './screen.ts';
import { WatchedPower } from './watched-power.ts';

export interface WatchFlags {
  readonly sampler?: readonly string[];
  readonly interval?: number;
  readonly duration?: number;
}

const REDRAW_MS = 1000;

/** Shows the meters until told to stop, then sums up. @throws {LmpowerError} SAMPLER_*, USAGE, OUTPUT_UNWRITABLE */
export async function watch(flags: WatchFlags, context: CommandContext): Promise<ExitCode> {
  const interval_ms = checkNumber('interval_ms', flags.interval ?? PLAN_DEFAULTS.interval_ms);
  const samplers = await chooseSamplers(flags.sampler ?? ['auto'], context.elevation);
  if (samplers.length === 0)
    throw new LmpowerError('SAMPLER_UNAVAILABLE', 'no power source answers on this machine.');
  const beside = watched({ samplers, serverUrl: null, sysRoot: standInRoot(context.elevation) });
  const clock = clockSince(systemClock.now_s());
  const observers = beside?.observers ?? [];
  const recorder = createRecorder({ samplers, observers, clock, interval_ms });
  const power = new WatchedPower();
  const view = viewer(recorder, power, {
    title: titleOf(samplers),
    run: new RunWatch(readSurroundings()),
    host: beside === null ? null : new HostWatch(),
  });
  const interrupt = interruptSignal('stopping …');
  try {
    await show(recorder, {
      view: () => view(clock.now_s()),
      signal: interrupt.signal,
      duration_s: flags.duration,
    });
  } finally {
    interrupt.release();
  }
  view(clock.now_s());
  const failures = recorder.failures();
  if (power.summary.isEmpty() && !interrupt.signal.aborted)
    throw failures[0]?.error ?? new LmpowerError('SAMPLER_UNAVAILABLE', 'no reading came.');
  for (const { sampler, error } of failures) say(`${sampler}: ${error.message}`);
  // The screen that said so is gone.
  if (samplers.some(isInvented)) say('SIMULATED: the watts below are made up');
  await writeOut(`${summaryLines(power.summary.rows(), screenWidth()).join('\n')}\n`);
  return interrupt.signal.aborted ? 130 : 0;
}

interface Showing {
  readonly view: () => WatchView;
  readonly signal: AbortSignal;
  readonly duration_s: number | undefined;
}

/** Reads and draws until the sources end, the time is over or the signal comes; meters and screen are free after it. */
async function show(recorder: EndingRecorder, showing: Showing): Promise<void> {
  try {
    // Before anything is drawn: sudo may ask for a password.
    await recorder.start(showing.signal);
    await draw(recorder, showing);
  } finally {
    await recorder.stop();
  }
}

async function draw(recorder: EndingRecorder, { view, signal, duration_s }: Showing): Promise<void> {
  if (signal.aborted) return;
  const drawn = isScreen() ? drawOnScreen(view, signal) : drawLines(view);
  const timer = setInterval(drawn.draw, REDRAW_MS);
  try {
    drawn.draw();
    await Promise.race([recorder.ended, passed(duration_s, AbortSignal.any([signal, drawn.signal]))]);
  } finally {
    clearInterval(timer);
    drawn.release();
  }
  await drawn.written();
}

interface Drawn {
  readonly draw: () => void;
  /** Aborted where nobody looks any more. */
  readonly signal: AbortSignal;
  release(): void;
  /** Rejects with what hindered drawing. */
  written(): Promise<void>;
}

function drawOnScreen(view: () => WatchView, signal: AbortSignal): Drawn {
  const screen = new Screen((size) => frameLines(view(), size), { stream: process.stdout, host: process });
  const release = (): void => screen.release();
  // At once: a second Ctrl-C ends the program by the signal itself.
  signal.addEventListener('abort', release, { once: true });
  screen.take();
  return {
    draw: screen.redraw,
    signal: new AbortController().signal,
    release,
    written: async () => undefined,
  };
}

function drawLines(view: () => WatchView): Drawn {
  const gone = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const drawLine = (): void => {
    const line = writeOut(`${plainLine(view())}\n`);
    line.catch((reason: unknown) => gone.abort(reason));
    last = last.then(() => line);
    last.catch(() => undefined);
  };
  return { draw: drawLine, signal: gone.signal, release: () => undefined, written: () => last };
}

interface Beside {
  readonly title: string;
  readonly run: RunWatch;
  /** Null where the energy is not this machine's. */
  readonly host: HostWatch | null;
}

/** Takes what came since the last call, so that nothing piles up, and gives all that is to be shown. */
function viewer(
  recorder: EndingRecorder,
  power: WatchedPower,
  { title, run, host }: Beside,
): (elapsed_s: number) => WatchView {
  return (elapsed_s) => {
    for (const sample of recorder.drain().samples) power.add(sample);
    const [failure] = recorder.failures();
    return {
      title,
      elapsed_s,
      domains: power.domains(),
      observations: recorder.latestObservations(),
      run: run.look(),
      host: host?.look() ?? null,
      trouble: failure === undefined ? null : `${failure.sampler}: ${failure.error.message}`,
    };
  };
}

function titleOf(samplers: readonly Sampler[]): string {
  const ids = samplers.map(({ id }) => id).join(', ');
  return samplers.some(isInvented) ? `${ids} (SIMULATED)` : ids;
}

function isScreen(): boolean {
  return process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
}
