import fc from 'fast-check';
import type { Parser } from '../../samplers/sampler.ts';
import type { Batch } from '../../src/core/sample.ts';

/** Ways to cut bytes into chunks, empty ones among them. */
export function anyCuts(length: number): fc.Arbitrary<readonly number[]> {
  return fc
    .array(fc.nat({ max: length }), { maxLength: 12 })
    .map((cuts) => [0, ...cuts.sort((a, b) => a - b), length]);
}

/** What a parser gives for bytes cut at these places, all of them arriving at one time. */
export function parsedInPieces(
  parser: Parser,
  bytes: Uint8Array,
  cuts: readonly number[],
  arrival_s = 7,
): Batch[] {
  const batches: Batch[] = [];
  for (let i = 1; i < cuts.length; i++) {
    batches.push(...parser.push(bytes.slice(cuts[i - 1], cuts[i]), arrival_s));
  }
  return [...batches, ...parser.end(arrival_s)];
}

export function parsedAtOnce(parser: Parser, bytes: Uint8Array, arrival_s = 7): Batch[] {
  return parsedInPieces(parser, bytes, [0, bytes.length], arrival_s);
}

/** What each line of a text would give, the lines arriving `every_s` apart, from `from_s` on. */
export function parsedByLine(
  parser: Parser,
  text: string,
  { from_s = 0, every_s = 1 }: { readonly from_s?: number; readonly every_s?: number } = {},
): Batch[] {
  const batches: Batch[] = [];
  let at_s = from_s;
  for (const line of text.split(/(?<=\n)/)) {
    batches.push(...parser.push(Buffer.from(line), at_s));
    at_s += every_s;
  }
  return [...batches, ...parser.end(at_s)];
}

export function samplesOf(batches: readonly Batch[]) {
  return batches.flatMap((batch) => batch.samples);
}

export function eventsOf(batches: readonly Batch[]) {
  return batches.flatMap((batch) => batch.events);
}

export function codesOf(batches: readonly Batch[]) {
  return eventsOf(batches).map((event) => event.code);
}

/** The declarations of the last announcement. */
export function domainsOf(batches: readonly Batch[]) {
  return batches.flatMap((batch) => (batch.domains === undefined ? [] : [batch.domains])).at(-1) ?? [];
}
