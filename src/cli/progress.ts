import { spanText } from '../core/number-text.ts';
import type { ProgressEvent, ProgressListener, TrialPlace } from '../orchestrator/progress.ts';
import type { LatestPower } from '../recording/recorder.ts';
import { say } from './output.ts';
import { clearLiveLine, drawLiveLine, isLive } from './terminal.ts';
import { safeText } from './text-table.ts';

const REDRAW_MS = 1000;

export interface Progress {
  readonly listener: ProgressListener;
  /** Takes the live line off the screen. */
  end(): void;
}

interface Shown {
  phase: string;
  model: string | null;
  trial: TrialPlace | null;
  planned_s: number | null;
  since_s: number;
  remaining_s: number;
  tokens: number;
}

export interface ProgressOptions {
  readonly now_s: () => number;
  readonly latest: () => readonly LatestPower[];
  readonly quiet: boolean;
}

/**
 * Progress on stderr: on a screen one line, drawn anew at most once a second so that drawing is no load of its own;
 * elsewhere a plain line per finished trial.
 */
export function startProgress(options: ProgressOptions): Progress {
  if (options.quiet) return { listener: noteOnly, end: () => undefined };
  const shown: Shown = {
    phase: 'starting',
    model: null,
    trial: null,
    planned_s: null,
    since_s: options.now_s(),
    remaining_s: 0,
    tokens: 0,
  };
  if (!isLive()) return { listener: plainListener(shown, options), end: () => undefined };
  const timer = setInterval(() => drawLiveLine(liveText(shown, options)), REDRAW_MS);
  timer.unref();
  return {
    listener: (event) => {
      apply(shown, event, options.now_s());
      noteOnly(event);
    },
    end: () => {
      clearInterval(timer);
      clearLiveLine();
    },
  };
}

function noteOnly(event: ProgressEvent): void {
  if (event.kind === 'note') say(safeText(event.text));
}

function plainListener(shown: Shown, options: ProgressOptions): ProgressListener {
  return (event) => {
    apply(shown, event, options.now_s());
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
  };
}

function apply(shown: Shown, event: ProgressEvent, now_s: number): void {
  if (event.kind === 'phase') {
    Object.assign(shown, {
      phase: event.phase,
      model: event.model,
      trial: event.trial,
      planned_s: event.planned_s,
      remaining_s: event.remaining_s,
      since_s: now_s,
      tokens: 0,
    });
  } else if (event.kind === 'extended') shown.planned_s = event.planned_s;
  else if (event.kind === 'token') shown.tokens = event.count;
  else if (event.kind === 'trial-done') shown.remaining_s = event.remaining_s;
}

/** What matters most comes first: the end is cut where the screen is narrow. */
function liveText(shown: Shown, { now_s, latest }: ProgressOptions): string {
  const elapsed_s = Math.max(0, now_s() - shown.since_s);
  const place =
    shown.trial === null
      ? []
      : [`[${shown.trial.index + 1}/${shown.trial.of}] ${safeText(shown.trial.promptId)}`];
  const span =
    shown.planned_s === null
      ? `${elapsed_s.toFixed(0)} s`
      : `${elapsed_s.toFixed(0)}/${shown.planned_s.toFixed(0)} s`;
  const tokens = shown.tokens > 0 ? [`${shown.tokens} tok`] : [];
  const power = latest().map((reading) => `${reading.domain} ${reading.power_W.toFixed(1)} W`);
  const left = `${spanText(shown.remaining_s - elapsed_s)} left`;
  return [...place, `${shown.phase} ${span}`, ...tokens, left, ...power].join(' · ');
}
