import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDocument } from '../../../samplers/powermetrics/document.ts';
import { readPlist } from '../../../samplers/powermetrics/plist.ts';
import type { Reading } from '../../../samplers/powermetrics/reading.ts';
import { anyPlist } from '../../support/any-plist.ts';
import { capturesIn, nameOf } from '../../support/captures.ts';
import { FIXTURES } from '../../support/powermetrics-fixtures.ts';

function read(text: string, machine = true): Reading | 'odd' | 'cut' {
  const answer = readPlist(Buffer.from(text), { machine });
  return 'reading' in answer ? answer.reading : answer.trouble;
}

function reading(text: string): Reading {
  const answer = read(text);
  if (typeof answer === 'string') throw new Error(`${answer}: ${text}`);
  return answer;
}

const plist = (body: string): string => `<plist version="1.0"><dict>${body}</dict></plist>`;
const processor = (body: string): string => plist(`<key>processor</key><dict>${body}</dict>`);
const cpu = (value: string): number | null =>
  reading(processor(`<key>cpu_energy</key>${value}`)).energy_mJ.cpu;

describe('readPlist', () => {
  test.each([
    ['at the top level', plist('<key>cpu_energy</key><integer>7</integer>')],
    ['in the gpu dictionary', plist('<key>gpu</key><dict><key>cpu_energy</key><integer>7</integer></dict>')],
    [
      'in a nested dictionary',
      processor('<key>old</key><dict><key>cpu_energy</key><integer>7</integer></dict>'),
    ],
    [
      'in an array of processor',
      processor('<key>clusters</key><array><dict><key>cpu_energy</key><integer>7</integer></dict></array>'),
    ],
    ['in a string', processor('<key>s</key><string>&lt;key>cpu_energy&lt;/key>&lt;integer>7</string>')],
    ['in a comment', processor('<!-- <key>cpu_energy</key><integer>7</integer> -->')],
    [
      'in CDATA',
      processor('<key>s</key><string><![CDATA[<key>cpu_energy</key><integer>7</integer>]]></string>'),
    ],
    [
      'in a processor that is not at the top',
      plist(
        '<key>a</key><dict><key>processor</key><dict><key>cpu_energy</key><integer>7</integer></dict></dict>',
      ),
    ],
  ])('does not take a cpu_energy %s', (_where, text) => {
    expect(reading(text).energy_mJ.cpu).toBeNull();
  });

  test('keeps the energy of the processor apart from that of the GPU block', () => {
    const found = reading(
      plist(
        '<key>gpu</key><dict><key>gpu_energy</key><integer>73</integer></dict><key>processor</key><dict><key>gpu_energy</key><integer>72</integer></dict>',
      ),
    );
    expect(found.energy_mJ.gpu).toBe(72);
    expect(found.gpuBlockEnergy_mJ).toBe(73);
  });

  test.each([
    ['<integer>855</integer>', 855],
    ['<real>855</real>', 855],
    ['<real>1490.87</real>', 1490.87],
    ['<real>9.90818e+08</real>', 9.90818e8],
    ['<integer> 12\n</integer>', 12],
    ['<integer>-5</integer>', -5],
    ['<real>0.1</real>', 0.1],
    ['<real>1234567.12345678</real>', 1234567.12345678],
    ['<real>nan</real>', null],
    ['<real>inf</real>', null],
    ['<real>-inf</real>', null],
    ['<real>invalid=true</real>', null],
    ['<integer>12x4</integer>', null],
    ['<integer/>', null],
    ['<string>12</string>', null],
    ['<true/>', null],
    ['<dict><key>cpu_energy</key><integer>7</integer></dict>', null],
    ['<array><integer>7</integer></array>', null],
  ])('reads %s as %s', (text, expected) => {
    expect(cpu(text)).toBe(expected);
  });

  test('takes the last of duplicate keys, and of duplicate dictionaries the last as a whole', () => {
    expect(
      reading(processor('<key>cpu_energy</key><integer>1</integer><key>cpu_energy</key><integer>2</integer>'))
        .energy_mJ.cpu,
    ).toBe(2);
    const twice = reading(
      plist(
        '<key>processor</key><dict><key>cpu_energy</key><integer>1</integer></dict><key>processor</key><dict><key>ane_energy</key><integer>2</integer></dict>',
      ),
    );
    expect(twice.energy_mJ).toEqual({ cpu: null, gpu: null, ane: 2, dram: null });
  });

  test('skips arrays whose comments hold closing tags', () => {
    const text = processor(
      '<key>clusters</key><array><!-- </array> --><dict/><!-- <array> --></array><key>cpu_energy</key><integer>3</integer>',
    );
    expect(reading(text).energy_mJ.cpu).toBe(3);
    expect(reading(text).machine?.clusters).toHaveLength(1);
  });

  test('passes comments, instructions, a document type and stray text between tags', () => {
    const text = `<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "a" "b">\n<!-- c -->\n${plist('invalid=true <?p </dict>?><key>processor</key> stray <dict>\n<key>cpu_energy</key><!-- - --><integer>4</integer></dict>')}`;
    expect(reading(text).energy_mJ.cpu).toBe(4);
  });

  test('sums used_ns over the GPU states alone', () => {
    const gpu =
      '<key>gpu</key><dict><key>dvfm_states</key><array><dict><key>used_ns</key><integer>3</integer><key>x</key><dict><key>used_ns</key><integer>9</integer></dict></dict><integer>5</integer><dict/><dict><key>used_ns</key><integer>4</integer></dict></array><key>sw_state</key><array><dict><key>used_ns</key><integer>100</integer></dict></array></dict>';
    expect(reading(plist(gpu)).gpuUsed_ns).toBe(7);
    expect(reading(plist('<key>gpu</key><dict><key>dvfm_states</key><array/></dict>')).gpuUsed_ns).toBeNull();
  });

  test.each([
    ['cut', '<plist><dict><key>a</key>'],
    ['cut', '<plist><dict><key>a</key><array><dict></dict>'],
    ['cut', '<plist><dict><!-- </dict></plist>'],
    ['odd', plist('<integer>1</integer>')],
    ['odd', plist('<key>a</key><key>b</key><true/>')],
    ['odd', plist('<key>a</key><thing>1</thing>')],
    ['odd', plist('<key>thermal_pressure</key><string>a &amp; b</string>')],
    ['odd', '<array/>'],
  ])('calls it %s: %s', (trouble, text) => {
    expect(read(text)).toBe(trouble);
  });

  test('counts cores and names of clusters only when asked', () => {
    const [m1] = FIXTURES;
    const frame = (m1?.text ?? '').slice(0, (m1?.text ?? '').indexOf('</plist>') + 8);
    expect(reading(frame).machine).toEqual({
      hwModel: 'MacBookAir10,1',
      osBuild: '21G72',
      clusters: [
        { name: 'E-Cluster', cores: 4 },
        { name: 'P-Cluster', cores: 4 },
      ],
    });
    expect(read(frame, false)).toMatchObject({ machine: null, energy_mJ: { cpu: 96 } });
  });
});

describe('the plist package as oracle', () => {
  test('agrees on any property list, which the hot parser reads without its help', () => {
    fc.assert(
      fc.property(anyPlist, (text) => {
        expect(read(text)).toEqual(readDocument(Buffer.from(text)));
      }),
      { numRuns: 1000 },
    );
  });

  test.each(FIXTURES)('agrees on every frame of $file', ({ text }) => {
    for (const piece of text.split('</plist>').slice(0, -1)) {
      const frame = `${piece.slice(piece.indexOf('<?xml'))}</plist>`;
      expect(read(frame)).toEqual(readDocument(Buffer.from(frame)));
    }
  });

  const captures = capturesIn().filter(({ format }) => format === 'powermetrics');

  test.skipIf(captures.length === 0)(
    'agrees on every whole frame of ../shared/captures (skipped where the folder is absent)',
    () => {
      for (const capture of captures) {
        for (const piece of readFileSync(capture.file, 'utf8').split('</plist>').slice(0, -1)) {
          if (!piece.includes('<?xml')) continue;
          const frame = `${piece.slice(piece.indexOf('<?xml'))}</plist>`;
          const found = read(frame);
          // What the hot parser leaves to the package needs no comparison.
          if (typeof found !== 'string')
            expect(found, nameOf(capture)).toEqual(readDocument(Buffer.from(frame)));
        }
      }
    },
  );

  test.each([
    ['an entity', plist('<key>thermal_pressure</key><string>a &amp; b</string>'), 'a & b'],
    ['CDATA', plist('<key>thermal_pressure</key><string><![CDATA[a]]></string>'), 'a'],
  ])('reads what is odd: %s', (_what, text, expected) => {
    expect(readDocument(Buffer.from(text))?.thermalPressure).toBe(expected);
  });

  test.each([
    ['unbalanced tags', '<plist><dict><array></dict></plist>'],
    ['an unknown entity', plist('<key>hw_model</key><string>&nope;</string>')],
    ['a bare ampersand', plist('<key>hw_model</key><string>a & b</string>')],
    ['two roots', '<plist></plist><plist></plist>'],
    ['attributes without quotes', '<plist><dict a=1></dict></plist>'],
    ['megabytes of unclosed comments', `<plist>${'<!--'.repeat(100_000)}</plist>`],
  ])('is not asked about %s', (_what, text) => {
    expect(readDocument(Buffer.from(text))).toBeNull();
  });
});
