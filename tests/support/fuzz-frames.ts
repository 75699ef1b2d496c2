import { createPowermetricsParser } from '../../samplers/powermetrics/parser.ts';
import type { Batch } from '../../src/core/sample.ts';
import { DAMAGES, type Damage } from './damage.ts';
import { MACHINE_SMALL } from './powermetrics-fixtures.ts';
import { frameText, random } from './powermetrics-frame.ts';

export interface FuzzOutcome {
  readonly samples: number;
  /** Batches that tell of a loss. */
  readonly events: number;
  /** Empty when all held. */
  readonly violations: readonly string[];
}

const FIRST_mJ = 1_001;
const LAST_mJ = 3_003;
const ELAPSED_NS = 508_000_000;
const ARRIVAL_S = 100;
const TAIL = Buffer.from('</plist>\n');

const frameOf = (cpu_mJ: number): Buffer =>
  Buffer.from(frameText(MACHINE_SMALL, { elapsed_ns: ELAPSED_NS, cpu_mJ, gpu_mJ: 10, ane_mJ: 1 }));
const FIRST = frameOf(FIRST_mJ);
const MIDDLE = frameOf(2_002);
const LAST = frameOf(LAST_mJ);

/** One whole frame, one damaged, one whole, in random chunks; checks what must hold whatever the damage. */
export function fuzzFrames(seed: number): FuzzOutcome {
  const next = random(seed);
  const damage: Damage = DAMAGES[seed % DAMAGES.length] ?? ((frame) => frame);
  const inner = MIDDLE.subarray(0, MIDDLE.length - TAIL.length);
  const stream = Buffer.concat([FIRST, Buffer.of(0), damage(inner, next, FIRST), TAIL, Buffer.of(0), LAST]);
  const batches = parsedInChunks(stream, next);
  return { ...countsOf(batches), violations: violationsOf(batches, stream) };
}

function parsedInChunks(stream: Buffer, next: () => number): Batch[] {
  const parser = createPowermetricsParser();
  const batches: Batch[] = [];
  for (let at = 0; at < stream.length; ) {
    const size = 1 + Math.floor(next() ** 3 * stream.length);
    batches.push(...parser.push(stream.subarray(at, at + size), ARRIVAL_S));
    at += size;
  }
  return [...batches, ...parser.end(ARRIVAL_S)];
}

function countsOf(batches: readonly Batch[]): { samples: number; events: number } {
  return {
    samples: batches.reduce((sum, batch) => sum + batch.samples.length, 0),
    events: batches.filter((batch) => batch.events.some((event) => event.code === 'GARBAGE')).length,
  };
}

function violationsOf(batches: readonly Batch[], stream: Buffer): string[] {
  const violations: string[] = [];
  for (const sample of batches.flatMap((batch) => batch.samples)) {
    const isSound =
      sample.energy_J >= 0 &&
      Number.isFinite(sample.energy_J) &&
      sample.start_s < sample.end_s &&
      Number.isFinite(sample.start_s);
    if (!isSound) violations.push(`unsound sample ${JSON.stringify(sample)}`);
  }
  const cpu_mJ = batches.flatMap((batch) =>
    batch.samples
      .filter((sample) => sample.domain === 'cpu')
      .map((sample) => Math.round(sample.energy_J * 1000)),
  );
  if (cpu_mJ[0] !== FIRST_mJ) violations.push('the frame before the damage was lost');
  if (cpu_mJ.at(-1) !== LAST_mJ) violations.push('the frame behind the damage was lost');
  const ends = stream.toString('latin1').split('</plist>').length - 1;
  const told = batches.filter((batch) => batch.samples.length > 0 || batch.events.length > 0).length;
  if (told < Math.min(ends, 3)) violations.push(`${ends} frames in, ${told} batches and events out`);
  return violations;
}
