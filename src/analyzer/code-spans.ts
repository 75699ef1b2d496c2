import type { CodeId } from '../core/codes.ts';
import { COMPOSITION, KEPT } from '../core/environment-names.ts';
import type { Recording } from '../core/run.ts';
import type { Domain, DomainId, Observation, RecordedEvent } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { machineSpans } from './machine-spans.ts';
import { at, countUpTo } from './search.ts';
import type { Timeline } from './timeline.ts';
import { LOSS_CODES } from './timelines.ts';

/**
 * A code and the time it concerns. `source` null: every meter; `domain` null: every domain of the source. `judges`:
 * the energy window; for what is only looked at between phases, the whole trial around it; for what idle power suffers
 * from as well, the window and the baselines that its net rests on.
 */
export interface CodeSpan {
  readonly code: CodeId;
  readonly judges: 'window' | 'trial' | 'net';
  readonly source: string | null;
  readonly domain: DomainId | null;
  readonly start_s: Seconds;
  readonly end_s: Seconds;
}

interface Stretch {
  readonly start_s: Seconds;
  readonly end_s: Seconds;
}

/** The times that a row is judged by. */
export interface Touched {
  readonly window: Stretch;
  readonly trial: Stretch;
  /** Baselines that were taken for the window, of this trial or another. */
  readonly baselines: readonly Stretch[];
}

/** Everything recorded beside energy, as codes with the time they concern. */
export function codeSpans(recording: Recording, timelines: readonly Timeline[]): CodeSpan[] {
  const meters = new Set([
    ...recording.run.plan.samplers,
    ...recording.domains.map((domain) => domain.source),
    ...keptSources(recording.observations),
  ]);
  const events = recording.events
    .filter((event) => !isOfBatch(event, timelines))
    .map((event) => eventSpan(event, timelines, meters));
  return [...events, ...machineSpans(recording)];
}

/** Meters that a run meant to read, be they heard or not. */
function keptSources(observations: readonly Observation[]): string[] {
  const prefix = `${KEPT} `;
  return observations
    .filter(({ source, name }) => source === COMPOSITION && name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length));
}

/**
 * A frame that publishes what several frames used looks like a peak to its parser. Where readings were joined, the
 * timeline judges the publications instead.
 */
export function isOfBatch({ code, source, domain }: RecordedEvent, timelines: readonly Timeline[]): boolean {
  if (code !== 'IMPLAUSIBLE_POWER') return false;
  const own = timelines.find((one) => one.domain.source === source && one.domain.id === domain);
  return own !== undefined && own.readingEnd_s !== own.end_s;
}

/** Codes of the spans that concern this domain and touch its time. */
export function codesTouching(spans: readonly CodeSpan[], domain: Domain, touched: Touched): CodeId[] {
  return spans
    .filter((span) => {
      if (span.domain !== null && span.domain !== domain.id) return false;
      if (span.source !== null && span.source !== domain.source) return false;
      if (span.judges === 'net')
        return [touched.window, ...touched.baselines].some((one) => isInside(span, one));
      const { start_s, end_s } = touched[span.judges];
      return span.end_s >= start_s && span.start_s <= end_s;
    })
    .map((span) => span.code);
}

/** More than a common edge. */
function isInside(span: CodeSpan, { start_s, end_s }: Stretch): boolean {
  return span.end_s > start_s && span.start_s < end_s;
}

/**
 * A loss concerns the time from the last frame before it to the first after it, for ever when none came. Any other
 * event concerns the frame whose arrival it is stamped with. Events of no meter concern the instant,
 * and those of a meter that never gave a reading concern no row.
 */
function eventSpan(
  event: RecordedEvent,
  timelines: readonly Timeline[],
  meters: ReadonlySet<string>,
): CodeSpan {
  const { code, domain, at_s } = event;
  const own = timelines.filter((timeline) => timeline.domain.source === event.source);
  const timeline = own.find((one) => one.domain.id === domain) ?? own[0];
  if (timeline === undefined) {
    const source = meters.has(event.source) ? event.source : null;
    return { code, judges: 'trial', source, domain, start_s: at_s, end_s: at_s };
  }
  // It is looked for at both ends of a run only, and may have come at any time, or gone.
  if (code === 'SECOND_SAMPLER') {
    return {
      code,
      judges: 'trial',
      source: event.source,
      domain,
      start_s: Number.NEGATIVE_INFINITY,
      end_s: Number.POSITIVE_INFINITY,
    };
  }
  const known = { code, judges: 'window', source: event.source, domain } as const;
  const next = countUpTo(timeline.end_s, at_s);
  const last = timeline.end_s.length - 1;
  const previousEnd_s = next > 0 ? at(timeline.end_s, next - 1) : at(timeline.start_s, 0);
  if (LOSS_CODES.has(code)) {
    const end_s =
      next > last ? Number.POSITIVE_INFINITY : Math.max(previousEnd_s, at(timeline.start_s, next));
    return { ...known, start_s: Math.min(at_s, previousEnd_s), end_s };
  }
  const start_s = next > 0 ? at(timeline.start_s, next - 1) : at_s;
  return { ...known, start_s, end_s: at_s };
}
