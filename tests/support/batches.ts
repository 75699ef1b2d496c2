import type { Parser, Sampler, StreamOptions } from '../../samplers/sampler.ts';
import type { Batch, Sample } from '../../src/core/sample.ts';

/** All batches of a text that arrives whole, at one time. */
export function batchesOf(parser: Parser, text: string, arrival_s = 100): Batch[] {
  return [...parser.push(Buffer.from(text), arrival_s), ...parser.end(arrival_s)];
}

/** Each line at its own time. */
export function batchesAt(parser: Parser, lines: readonly (readonly [number, string])[]): Batch[] {
  return lines.flatMap(([at_s, line]) => parser.push(Buffer.from(`${line}\n`), at_s));
}

export const samplesIn = (batches: readonly Batch[], domain?: string): Sample[] =>
  batches.flatMap((batch) => batch.samples).filter((one) => domain === undefined || one.domain === domain);

export const codesIn = (batches: readonly Batch[]): string[] =>
  batches.flatMap((batch) => batch.events).map((event) => event.code);

export const detailsIn = (batches: readonly Batch[]): string =>
  batches
    .flatMap((batch) => batch.events)
    .map((event) => event.detail)
    .join('\n');

export const domainsIn = (batches: readonly Batch[]) => batches.flatMap((batch) => batch.domains ?? []);

export function powerOf(sample: Sample | undefined): number {
  return sample === undefined ? Number.NaN : sample.energy_J / (sample.end_s - sample.start_s);
}

/** The first `count` batches of a stream, which is then ended. */
export async function firstBatches(
  sampler: Sampler,
  count: number,
  options: Omit<StreamOptions, 'signal'>,
): Promise<Batch[]> {
  const abort = new AbortController();
  const batches: Batch[] = [];
  for await (const batch of sampler.stream({ ...options, signal: abort.signal })) {
    batches.push(batch);
    if (batches.length === count) break;
  }
  abort.abort();
  return batches;
}
