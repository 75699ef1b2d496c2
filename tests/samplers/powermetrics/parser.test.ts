import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPowermetricsParser } from '../../../samplers/powermetrics/parser.ts';
import type { Batch } from '../../../src/core/sample.ts';
import { fuzzFrames } from '../../support/fuzz-frames.ts';
import { FIXTURES, MACHINE_SMALL, SMALL_FRAME, ULTRA_FRAME } from '../../support/powermetrics-fixtures.ts';
import { frameText, MACHINES } from '../../support/powermetrics-frame.ts';

const AT_S = 50;

function parsed(...chunks: readonly (string | Uint8Array)[]): Batch[] {
  const parser = createPowermetricsParser();
  return [...chunks.flatMap((chunk) => parser.push(Buffer.from(chunk), AT_S)), ...parser.end(AT_S)];
}

const eventsOf = (batches: readonly Batch[]) => batches.flatMap((batch) => batch.events);
const codesOf = (batches: readonly Batch[]) => eventsOf(batches).map((event) => event.code);
const cpu_mJ = (batches: readonly Batch[]) =>
  batches.flatMap((batch) =>
    batch.samples
      .filter((sample) => sample.domain === 'cpu')
      .map((sample) => Math.round(sample.energy_J * 1000)),
  );
const small = (energy_mJ: number): string =>
  frameText(MACHINE_SMALL, { elapsed_ns: 5e8, cpu_mJ: energy_mJ, gpu_mJ: 10, ane_mJ: 1 });

describe('createPowermetricsParser', () => {
  test('gives a frame at its own </plist>, before the NUL that comes with the next', () => {
    const parser = createPowermetricsParser();
    const end = SMALL_FRAME.indexOf('</plist>') + '</plist>'.length;
    expect(parser.push(Buffer.from(SMALL_FRAME.slice(0, end - 1)), 1)).toEqual([]);
    const [batch] = parser.push(Buffer.from('>'), 2);
    expect(batch?.samples[0]).toMatchObject({ domain: 'cpu', end_s: 2, energy_J: 0.05 });
    expect(batch?.samples[0]?.start_s).toBeCloseTo(2 - 0.508, 12);
  });

  test.each(FIXTURES)('gives the same for any chunking of $file', ({ text }) => {
    const bytes = Buffer.from(text);
    const whole = parsed(bytes);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((to, i) => bytes.subarray(at[i] ?? 0, to));
        expect(parsed(...chunks)).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  test('gives the same byte by byte', () => {
    expect(parsed(...SMALL_FRAME)).toEqual(parsed(SMALL_FRAME));
  });

  test('announces domains once, with limits of the chip and soc as the sum of its rails', () => {
    const batches = parsed(small(1), '\0', small(2));
    expect(batches.map((batch) => batch.domains?.map((domain) => domain.id))).toEqual([
      ['cpu', 'gpu', 'ane', 'soc'],
      undefined,
    ]);
    const soc = batches[0]?.domains?.find((domain) => domain.id === 'soc');
    expect(soc).toMatchObject({
      parent: null,
      rank: 1,
      rails: 3,
      kind: 'mean',
      scope: 'CPU+GPU+ANE estimate, no DRAM',
    });
    expect(soc?.maxPower_W).toBe(60 + 40 + 16);
  });

  test('announces DRAM and takes it into soc where the tool still states it', () => {
    const [batch] = parsed(
      small(20).replace(
        '<key>combined_power',
        '<key>dram_energy</key><integer>9</integer><key>combined_power',
      ),
    );
    expect(batch?.domains?.map((domain) => domain.id)).toEqual(['cpu', 'gpu', 'ane', 'dram', 'soc']);
    expect(batch?.samples.find((sample) => sample.domain === 'soc')?.energy_J).toBeCloseTo(0.04, 12);
    expect(codesOf([batch].filter((one) => one !== undefined))).toEqual([]);
  });

  test('notes known chatter of the tool without calling it a loss', () => {
    const batches = parsed(small(1), 'Second underflow occured.\n', small(2), 'Second underflow occured.\n');
    expect(cpu_mJ(batches)).toEqual([1, 2]);
    expect(codesOf(batches)).toEqual([]);
    expect(batches.flatMap((batch) => batch.observations.filter((one) => one.name === 'note'))).toHaveLength(
      2,
    );
  });

  test.each([
    ['text between frames', [small(1), 'what is this?', small(2)], [1, 2], 1],
    ['binary between frames', [small(1), new Uint8Array([1, 2, 255, 254]), small(2)], [1, 2], 1],
    ['a frame cut off by the next', [small(1).slice(0, 900), '\0', small(2)], [2], 1],
    ['a frame cut off without a NUL', [small(1).slice(0, 900), small(2)], [2], 1],
    [
      'a frame cut off before one without prolog',
      [small(1).slice(0, 900), small(2).slice(small(2).indexOf('<plist'))],
      [2],
      1,
    ],
    ['a frame cut off at the end', [small(1), '\0', small(2).slice(0, 900)], [1], 1],
    ['a closing tag lost', [small(1).replace('</array>', ''), '\0', small(2)], [2], 1],
    ['an end without a beginning', ['</dict></plist>', small(2)], [2], 1],
    ['a damaged document type', [small(1).replace('<!DOCTYPE', '<?DOCTYPE'), small(2)], [1, 2], 1],
    ['nothing but an end', ['</plist>'], [], 1],
    ['blanks and NULs alone', ['\0\n \0\ufeff', small(2), '\n\0\n'], [2], 0],
  ] as const)('tells of %s, and goes on', (_what, chunks, energies_mJ, losses) => {
    const batches = parsed(...chunks);
    expect(cpu_mJ(batches)).toEqual(energies_mJ);
    expect(codesOf(batches)).toEqual(Array.from({ length: losses }, () => 'GARBAGE'));
  });

  test.each([
    ['a comment', '<!-- </plist> -->'],
    ['CDATA', '<![CDATA[ </plist> ]]>'],
  ])('is not fooled by an end inside %s, in any chunking', (_what, markup) => {
    const text = small(1).replace('<key>hw_model', `${markup}<key>hw_model`);
    expect(cpu_mJ(parsed(text, '\0', small(2)))).toEqual([1, 2]);
    expect(cpu_mJ(parsed(...`${text}\0${small(2)}`))).toEqual([1, 2]);
    expect(codesOf(parsed(text, '\0', small(2)))).toEqual([]);
  });

  test('loses one frame, not all that follow, to a comment that never ends', () => {
    const batches = parsed(
      small(1).replace('<key>hw_model', '<!-- <key>hw_model'),
      '\0',
      small(2),
      '\0',
      small(3),
    );
    expect(cpu_mJ(batches)).toEqual([2, 3]);
    expect(codesOf(batches)).toEqual(['GARBAGE']);
  });

  test('drops and counts a frame over 8 MB, then reads on', () => {
    const parser = createPowermetricsParser();
    const batches = parser.push(Buffer.from(small(1).replace('</dict>\n</plist>', '')), AT_S);
    for (let i = 0; i < 70; i++) batches.push(...parser.push(Buffer.alloc(128 * 1024, 'x'), AT_S));
    batches.push(...parser.push(Buffer.from(`</plist>\0${small(2)}`), AT_S));
    expect(cpu_mJ(batches)).toEqual([2]);
    expect(new Set(codesOf(batches))).toEqual(new Set(['GARBAGE']));
    expect(eventsOf(batches)[0]?.detail).toMatch(/^8\d{6} bytes without an end/);
  });

  test('keeps several frames of one chunk apart', () => {
    const batches = parsed(`${small(1)}\0${small(2)}\0${small(3)}`);
    expect(batches).toHaveLength(3);
    expect(cpu_mJ(batches)).toEqual([1, 2, 3]);
  });

  test('reads a frame of an Ultra from pipe-sized chunks', () => {
    const bytes = Buffer.from(ULTRA_FRAME);
    expect(
      cpu_mJ(parsed(bytes.subarray(0, 8192), bytes.subarray(8192, 65_536), bytes.subarray(65_536))),
    ).toEqual([8455]);
  });

  test('knows chips by their clusters', () => {
    const limits_W = Object.values(MACHINES).map((shape) => {
      const [batch] = parsed(frameText(shape, { elapsed_ns: 1e9, cpu_mJ: 1, gpu_mJ: 1, ane_mJ: 1 }));
      return batch?.domains?.find((domain) => domain.id === 'gpu')?.maxPower_W;
    });
    expect(limits_W).toEqual([40, 120, 120, 240, 40]);
  });

  test('survives damage of every sort: no crash, no unsound sample, every loss told, neighbours intact', () => {
    const outcomes = Array.from({ length: 800 }, (_, seed) => fuzzFrames(seed + 1));
    expect(outcomes.flatMap((outcome) => outcome.violations)).toEqual([]);
    expect(outcomes.reduce((sum, outcome) => sum + outcome.events, 0)).toBeGreaterThan(100);
  });
});
