import { createPowermetricsParser } from '../../samplers/powermetrics/parser.ts';
import type { Batch } from '../../src/core/sample.ts';
import { MACHINE_SMALL } from './powermetrics-fixtures.ts';
import { frameText, random } from './powermetrics-frame.ts';

export interface FuzzOutcome {
  /** Frames pushed, damaged ones included. */
  readonly frames: number;
  readonly samples: number;
  readonly lost: number;
  /** Empty when all held. */
  readonly violations: readonly string[];
}

type Damage = (frame: Buffer, next: () => number) => Buffer;

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

const place = (bytes: Buffer, next: () => number): number => Math.floor(next() * bytes.length);

/** What may happen to the inner bytes of one frame. */
const DAMAGES: readonly Damage[] = [
  function flip(frame, next) {
    const damaged = Buffer.from(frame);
    const count = 1 + Math.floor(next() * 8);
    for (let i = 0; i < count; i++) damaged[place(damaged, next)] = Math.floor(next() * 256);
    return damaged;
  },
  function cut(frame, next) {
    const [from, to] = [place(frame, next), place(frame, next)].sort((a, b) => a - b);
    return Buffer.concat([frame.subarray(0, from), frame.subarray(to)]);
  },
  function duplicate(frame, next) {
    const [from, to] = [place(frame, next), place(frame, next)].sort((a, b) => a - b);
    return Buffer.concat([frame.subarray(0, to), frame.subarray(from)]);
  },
  function interleave(frame, next) {
    const step = 1 + place(frame, next) / 4;
    const parts: Buffer[] = [];
    for (let at = 0; at < frame.length; at += step) {
      parts.push(frame.subarray(at, at + step), FIRST.subarray(at, at + step * next()));
    }
    return Buffer.concat(parts);
  },
  function signs(frame, next) {
    const text = frame.toString('latin1');
    const words = [
      '-',
      'nan',
      'inf',
      '1e308',
      '99999999999999999999',
      '<!--',
      '<![CDATA[',
      '</plist>',
      '&',
      '\0',
    ];
    const word = words[Math.floor(next() * words.length)] ?? '';
    const at = text.indexOf('>', place(frame, next)) + 1;
    return Buffer.from(text.slice(0, at) + word + text.slice(at), 'latin1');
  },
];

/** One whole frame, one damaged, one whole, in random chunks; checks what must hold whatever the damage. */
export function fuzzFrames(seed: number): FuzzOutcome {
  const next = random(seed);
  const damage = DAMAGES[seed % DAMAGES.length] ?? ((frame: Buffer) => frame);
  const inner = MIDDLE.subarray(0, MIDDLE.length - TAIL.length);
  const stream = Buffer.concat([FIRST, Buffer.of(0), damage(inner, next), TAIL, Buffer.of(0), LAST]);
  const batches = parsedInChunks(stream, next);
  return { frames: 3, ...countsOf(batches), violations: violationsOf(batches, stream) };
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

function countsOf(batches: readonly Batch[]): { samples: number; lost: number } {
  return {
    samples: batches.reduce((sum, batch) => sum + batch.samples.length, 0),
    lost: batches.filter((batch) => batch.events.some((event) => event.code === 'GARBAGE')).length,
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
