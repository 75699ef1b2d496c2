import type { CodeId } from '../core/codes.ts';
import type { Recording } from '../core/run.ts';
import type { Domain, DomainId, RecordedEvent, SampleSeries } from '../core/sample.ts';
import type { Seconds } from '../core/units.ts';
import { type Alignment, alignFrames } from './alignment.ts';
import { groupByFrames } from './frames.ts';
import { phaseEdges, withSteps } from './gauge-steps.ts';
import type { Columns } from './publications.ts';
import { at } from './search.ts';
import { type Timeline, timelineOf } from './timeline.ts';

/** After these the chain of widths cannot be trusted to go on. Source: METHOD §2, a loss that the parser knows of. */
export const LOSS_CODES: ReadonlySet<CodeId> = new Set([
  'SAMPLER_DIED',
  'SAMPLER_STALLED',
  'GARBAGE',
  'GAP',
  'RING_OVERFLOW',
] as const);

type Recorded = Pick<Recording, 'domains' | 'series' | 'events'> &
  Partial<Pick<Recording, 'phases' | 'trials'>>;

/** One timeline per domain that has samples, in the order of `recording.domains`; gauges step at the edges of its phases. */
export function timelinesOf(recording: Recorded): Timeline[] {
  const domains = new Map(recording.domains.map((domain) => [domain.id, domain]));
  const timelines = new Map<DomainId, Timeline>();
  const { phases = [], trials = [] } = recording;
  const edges_s = phaseEdges({ phases, trials });
  for (const source of new Set([...domains.values()].map((domain) => domain.source))) {
    for (const timeline of timelinesOfSource(recording, domains, source)) {
      if (timeline.end_s.length > 0) timelines.set(timeline.domain.id, withSteps(timeline, edges_s));
    }
  }
  return [...domains.keys()].flatMap((id) => timelines.get(id) ?? []);
}

function timelinesOfSource(
  recording: Recorded,
  domains: ReadonlyMap<DomainId, Domain>,
  source: string,
): Timeline[] {
  const own = recording.series.filter((series) => domains.get(series.domain)?.source === source);
  const losses_s = lossTimes_s(recording.events, source);
  const aligned = groupByFrames(own.filter((series) => series.kind === 'mean')).flatMap((group) => {
    const alignment = alignFrames(group.frames, losses_s);
    return group.members.map(({ series, indexes }) =>
      build(series, placed(series, alignment, indexes), alignment),
    );
  });
  const stamped = own.filter((series) => series.kind !== 'mean').map((series) => build(series, series, null));
  return [...aligned, ...stamped].filter((timeline) => timeline !== undefined);

  function build(series: SampleSeries, columns: Columns, alignment: Alignment | null): Timeline | undefined {
    const domain = domains.get(series.domain);
    return domain === undefined
      ? undefined
      : timelineOf({ ...domain, kind: series.kind }, columns, alignment);
  }
}

/** The series' own energies at the frames' true places. `indexes` null: one sample per frame. */
function placed(series: SampleSeries, alignment: Alignment, indexes: Int32Array | null): Columns {
  if (indexes === null) return { ...series, start_s: alignment.start_s, end_s: alignment.end_s };
  const pick = (places_s: Float64Array): Float64Array =>
    Float64Array.from(indexes, (frame) => at(places_s, frame));
  return { ...series, start_s: pick(alignment.start_s), end_s: pick(alignment.end_s) };
}

function lossTimes_s(events: readonly RecordedEvent[], source: string): Seconds[] {
  return events
    .filter((event) => event.source === source && LOSS_CODES.has(event.code))
    .map((event) => event.at_s);
}
