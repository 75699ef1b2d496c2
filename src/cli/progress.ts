import { spanText } from '../core/number-text.ts';
import type { Batch } from '../core/sample.ts';
import type { ProgressEvent, ProgressListener } from '../orchestrator/progress.ts';
import { progressLine } from './live/glance-text.ts';
import { type RunGlance, RunState } from './live/run-state.ts';
import { say } from './output.ts';
import { clearLiveLine, drawLiveLine, isLive, liveWidth } from './terminal.ts';
import { safeText } from './text-table.ts';

const REDRAW_MS = 1000;

export interface Progress {
  readonly listener: ProgressListener;
  /** Sees every batch of the meters. */
  readonly read: (batch: Batch) => void;
  readonly glance: () => RunGlance;
  /** Takes the live line off the screen. */
  end(): void;
}

export interface ProgressOptions {
  readonly now_s: () => number;
  readonly quiet: boolean;
}

/**
 * Progress on stderr: on a screen one line, drawn anew at most once a second so that drawing is no load of its own;
 * elsewhere a plain line per finished trial.
 */
export function startProgress({ now_s, quiet }: ProgressOptions): Progress {
  const state = new RunState(now_s());
  const follow = (tell: ProgressListener): Omit<Progress, 'end'> => ({
    listener: (event) => {
      state.hear(event, now_s());
      tell(event);
    },
    read: (batch) => state.read(batch),
    glance: () => state.glance(now_s()),
  });
  if (quiet) return { ...follow(noteOnly), end: () => undefined };
  if (!isLive()) return { ...follow(plainLine), end: () => undefined };
  const draw = (): void =>
    drawLiveLine(progressLine(state.glance(now_s()), state.power.widestFirst(), liveWidth()));
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    ...follow(noteOnly),
    end: () => {
      clearInterval(timer);
      clearLiveLine();
    },
  };
}

function noteOnly(event: ProgressEvent): void {
  if (event.kind === 'note') say(safeText(event.text));
}

function plainLine(event: ProgressEvent): void {
  noteOnly(event);
  if (event.kind === 'phase' && event.trial === null)
    say(`${event.phase}${event.model === null ? '' : ` · ${safeText(event.model)}`}`);
  if (event.kind === 'trial-done') {
    const last = event.trial.completions.at(-1);
    const answer =
      last === undefined || last.error !== null
        ? `failed: ${last?.error?.message ?? 'no answer'}`
        : `${last.output_tok ?? '?'} tokens`;
    say(
      `[${event.trial.index + 1}/${event.of}] ${safeText(event.trial.promptId)} · ${safeText(answer)} · ${spanText(event.remaining_s)} left`,
    );
  }
}
