import type { Batch, Sample } from '../../src/core/sample.ts';
import { DAMAGES, type Draw } from './damage.ts';
import type { FuzzSubject } from './fuzz-subjects.ts';
import { seededRandom } from './seeded-random.ts';

export interface ParserOutcome {
  readonly samples: number;
  readonly events: number;
  /** Empty when all held. */
  readonly violations: readonly string[];
}

/** Whole frames before the damaged one; behind it as many as any parser needs to find its way again. */
const BEFORE = 2;
const FRAMES = 5;
const FIRST_ARRIVAL_s = 100;
const EVERY_s = 1;
/** Of the streams whose bytes come at once, those that are also read whole. */
const COMPARED_EACH = 4;
/** Time that may be missing by rounding. */
const SLACK_s = 1e-6;

/**
 * One damaged stream of the subject: whole frames, one damaged, whole frames again, in random chunks. Of odd seeds each
 * frame arrives at its time, of even ones all at once, as from a file. What must hold whatever the damage: no throw, sound
 * samples, time in order, chunks that do not matter, and no loss of time that no event tells of.
 */
export function fuzzParser(subject: FuzzSubject, seed: number): ParserOutcome {
  const { next } = seededRandom(seed);
  const stream = damagedStream(subject, seed, next);
  const isLive = seed % 2 === 1;
  try {
    const batches = parsed(subject, stream, { next, isLive });
    const violations = [...unsound(batches), ...disorder(batches)];
    if (isLive) violations.push(...silentLoss(subject, batches));
    else if (seed % COMPARED_EACH === 0) violations.push(...chunkFaults(subject, stream, batches));
    return { ...countsOf(batches), violations };
  } catch (thrown) {
    return { samples: 0, events: 0, violations: [`threw ${String(thrown)}`] };
  }
}

interface FuzzStream {
  readonly bytes: Buffer;
  /** Where each frame ends. */
  readonly ends: readonly number[];
}

function damagedStream(subject: FuzzSubject, seed: number, next: Draw): FuzzStream {
  const frames: Uint8Array[] = [...framesOf(subject)];
  const damage = DAMAGES[Math.floor(seed / 2) % DAMAGES.length];
  const hit = framesOf(subject)[BEFORE];
  const other = framesOf(subject)[Math.floor(next() * FRAMES)];
  if (damage !== undefined && hit !== undefined && other !== undefined)
    frames[BEFORE] = damage(hit, next, other);
  return joined(subject, frames);
}

const FRAMES_OF = new Map<FuzzSubject, readonly Buffer[]>();

function framesOf(subject: FuzzSubject): readonly Buffer[] {
  const known =
    FRAMES_OF.get(subject) ?? Array.from({ length: FRAMES }, (_, i) => Buffer.from(subject.frame(i)));
  FRAMES_OF.set(subject, known);
  return known;
}

function joined(subject: FuzzSubject, frames: readonly Uint8Array[]): FuzzStream {
  const opening = Buffer.from(subject.opening);
  let end = opening.length;
  const ends = frames.map((frame) => {
    end += frame.length;
    return end;
  });
  return { bytes: Buffer.concat([opening, ...frames]), ends };
}

/** Live, each frame arrives at its own time, in chunks; from a file all arrives at once, chunks across frames. */
function parsed(
  subject: FuzzSubject,
  { bytes, ends }: FuzzStream,
  { next, isLive }: { readonly next: Draw; readonly isLive: boolean },
): Batch[] {
  const parser = subject.create();
  const batches: Batch[] = [];
  const stops = isLive ? ends : [bytes.length];
  let at = 0;
  stops.forEach((stop, i) => {
    while (at < stop) {
      const to = Math.min(stop, at + 1 + Math.floor(next() ** 2 * (stop - at)));
      batches.push(...parser.push(bytes.subarray(at, to), arrivalOf(i)));
      at = to;
    }
  });
  return [...batches, ...parser.end(arrivalOf(stops.length - 1))];
}

const arrivalOf = (frame: number): number => FIRST_ARRIVAL_s + EVERY_s * frame;

function countsOf(batches: readonly Batch[]): { samples: number; events: number } {
  let samples = 0;
  let events = 0;
  for (const batch of batches) {
    samples += batch.samples.length;
    events += batch.events.length;
  }
  return { samples, events };
}

function unsound(batches: readonly Batch[]): string[] {
  const kinds = new Map<string, string>();
  const faults: string[] = [];
  for (const batch of batches) {
    for (const domain of batch.domains ?? []) kinds.set(domain.id, domain.kind);
    for (const sample of batch.samples) {
      if (!isSound(sample)) faults.push(`unsound sample ${JSON.stringify(sample)}`);
      if (kinds.get(sample.domain) !== sample.kind) faults.push(`${sample.domain} was not announced so`);
    }
    for (const event of batch.events) {
      if (!Number.isFinite(event.at_s) || event.detail === '') faults.push(`unsound event ${event.code}`);
    }
    for (const seen of batch.observations) {
      if (typeof seen.value === 'number' && !Number.isFinite(seen.value)) faults.push(`unsound ${seen.name}`);
    }
  }
  return faults;
}

function isSound({ start_s, end_s, energy_J, startPower_W = 0, endPower_W = 0 }: Sample): boolean {
  return (
    Number.isFinite(start_s) &&
    start_s < end_s &&
    Number.isFinite(end_s) &&
    energy_J >= 0 &&
    Number.isFinite(energy_J) &&
    startPower_W >= 0 &&
    endPower_W >= 0 &&
    Number.isFinite(startPower_W + endPower_W)
  );
}

/** Samples neither overlap nor go back; those of `mean` sources are stamped on arrival, so only their ends are in order. */
function disorder(batches: readonly Batch[]): string[] {
  const ends = new Map<string, number>();
  const faults: string[] = [];
  for (const batch of batches) {
    for (const { domain, kind, start_s, end_s } of batch.samples) {
      const before_s = ends.get(domain) ?? Number.NEGATIVE_INFINITY;
      if ((kind === 'mean' ? end_s : start_s) < before_s) faults.push(`${domain} goes back to ${start_s} s`);
      ends.set(domain, end_s);
    }
  }
  return faults;
}

/** The same bytes at once. */
function chunkFaults(subject: FuzzSubject, { bytes }: FuzzStream, batches: readonly Batch[]): string[] {
  const parser = subject.create();
  const whole = [...parser.push(bytes, FIRST_ARRIVAL_s), ...parser.end(FIRST_ARRIVAL_s)];
  return JSON.stringify(whole) === JSON.stringify(batches) ? [] : ['the chunks made a difference'];
}

/**
 * What of the undamaged stream is gone without any event that tells: a sample of a `mean` source, for each is a stretch of
 * its own; elsewhere time between two samples, or all that was read behind the damage.
 */
function silentLoss(subject: FuzzSubject, batches: readonly Batch[]): string[] {
  if (batches.some((batch) => batch.events.length > 0)) return [];
  const spans = spansIn(batches);
  return [...intactSpans(subject)].flatMap(([domain, intact]) => {
    const found = spans.get(domain);
    if (found === undefined) return [`${domain} is gone without an event`];
    if (intact.kind === 'mean') {
      const lost = intact.count - found.count;
      // A frame that is gone to its last byte may be bridged by the next.
      return lost > 0 && intact.covered_s - found.covered_s > SLACK_s
        ? [`${domain} lost ${lost} samples without an event`]
        : [];
    }
    if (found.gap_s > SLACK_s) return [`${domain} lost ${found.gap_s.toFixed(3)} s without an event`];
    return found.last_s > arrivalOf(BEFORE) ? [] : [`${domain} ends at the damage without an event`];
  });
}

interface DomainSpan {
  readonly kind: Sample['kind'];
  readonly count: number;
  readonly last_s: number;
  readonly covered_s: number;
  /** Time between samples that none covers. */
  readonly gap_s: number;
}

const INTACT = new Map<FuzzSubject, ReadonlyMap<string, DomainSpan>>();

function intactSpans(subject: FuzzSubject): ReadonlyMap<string, DomainSpan> {
  const known = INTACT.get(subject);
  if (known !== undefined) return known;
  const stream = joined(subject, framesOf(subject));
  const spans = spansIn(parsed(subject, stream, { next: () => 0, isLive: true }));
  INTACT.set(subject, spans);
  return spans;
}

function spansIn(batches: readonly Batch[]): Map<string, DomainSpan> {
  const spans = new Map<string, DomainSpan>();
  for (const batch of batches) {
    for (const { domain, kind, start_s, end_s } of batch.samples) {
      const before = spans.get(domain) ?? { count: 0, last_s: start_s, covered_s: 0, gap_s: 0 };
      const covered_s = before.covered_s + end_s - start_s;
      const gap_s = before.gap_s + Math.max(0, start_s - before.last_s);
      spans.set(domain, { kind, count: before.count + 1, last_s: end_s, covered_s, gap_s });
    }
  }
  return spans;
}
