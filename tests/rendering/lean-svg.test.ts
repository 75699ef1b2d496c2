import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import * as vega from 'vega';
import { compile } from 'vega-lite';
import { describe, expect, test } from 'vitest';
import { REPORTS } from '../../reports/index.ts';
import { withPalette } from '../../src/rendering/chart.ts';
import { leanSvg } from '../../src/rendering/lean-svg.ts';
import { rowsOf, sampleRecording } from '../support/report-rows.ts';

const pathOf = (d: string): string | undefined => / d="([^"]*)"/.exec(leanSvg(`<path d="${d}"/>`))?.[1];

describe('leanSvg', () => {
  test('gives coordinates in tenths of a pixel, and steps on one line as one', () => {
    expect(pathOf('M0,234L0.929,234L0.929,234L1.858,234L1.858,12.3456L3,20')).toBe('M0,234H1.9V12.3L3,20');
  });

  test('keeps a way back, which is no way on', () => {
    expect(pathOf('M0,0L9,0L4,0L4,5L4,1')).toBe('M0,0H9H4V5V1');
  });

  test('leaves curves as they are, and closed shapes closed', () => {
    expect(pathOf('M1,2h3v4h-3Z')).toBe('M1,2h3v4h-3Z');
    expect(pathOf('M1,2A3,3,0,0,1,4,5')).toBe('M1,2A3,3,0,0,1,4,5');
    expect(pathOf('M0,0L4,0L4,4Z')).toBe('M0,0H4V4Z');
  });

  test('gives a disc as a circle, and no line that leads nowhere', () => {
    const disc =
      '<path transform="translate(8.97253,232.512)" d="M2.915,0A2.915,2.915,0,1,1,-2.915,0A2.915,2.915,0,1,1,2.915,0" fill="var(--hue-1)"/>';
    expect(leanSvg(disc)).toBe('<circle cx="9" cy="232.5" r="2.9" fill="var(--hue-1)"/>');
    expect(leanSvg('<line transform="translate(5,6)" x2="0" y2="0" stroke="red"/>')).toBe('');
    expect(
      leanSvg('<line transform="translate(5,6)" x2="0" y2="-5.0000001" stroke="red" opacity="1"/>'),
    ).toBe('<line transform="translate(5,6)" y2="-5" stroke="red"/>');
  });

  test('leaves text alone, whatever it looks like', () => {
    const text = '<text x="1">a opacity="1" d="M0.123,0" role="graphics-symbol"</text>';
    expect(leanSvg(text)).toBe(text);
  });

  test('no point of a path moves by more than a twentieth of a pixel, or is lost where the way turns', () => {
    const step = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -500, max: 500 }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const d = steps.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x / 100},${y / 100}`).join('');
        const reach = (values: readonly number[]): number[] => [Math.min(...values), Math.max(...values)];
        const [xs, ys] = corners(pathOf(d) ?? '');
        for (const [own, given] of [
          [reach(xs), reach(steps.map(([x]) => x / 100))],
          [reach(ys), reach(steps.map(([, y]) => y / 100))],
        ] as const)
          for (const [i, value] of own.entries())
            expect(Math.abs(value - (given[i] ?? 0))).toBeLessThan(0.0501);
      }),
    );
  });

  test('every chart of a sample run looks the same, in less than three quarters of the bytes', async () => {
    const rows = rowsOf(sampleRecording());
    let [before, after] = [0, 0];
    for (const report of REPORTS) {
      const spec = report.build(rows);
      if (spec === null) continue;
      const { spec: vegaSpec } = compile(JSON.parse(JSON.stringify(spec)), {
        logger: vega.logger(vega.None),
      });
      const svg = withPalette(await new vega.View(vega.parse(vegaSpec), { renderer: 'none' }).toSVG());
      const lean = leanSvg(svg);
      expect([report.id, differing(svg, lean)]).toEqual([report.id, 0]);
      before += svg.length;
      after += lean.length;
    }
    expect(after / before).toBeLessThan(0.75);
  }, 60_000);
});

/** Absolute corners of a lean path of straight lines. */
function corners(path: string): readonly [number[], number[]] {
  const xs: number[] = [];
  const ys: number[] = [];
  for (const [, command, rest = ''] of path.matchAll(/([MLHV])([^MLHV]*)/g)) {
    const [a = 0, b = 0] = rest.split(',').map(Number);
    xs.push(command === 'V' ? (xs.at(-1) ?? 0) : a);
    ys.push(command === 'H' ? (ys.at(-1) ?? 0) : command === 'V' ? a : b);
  }
  return [xs, ys];
}

/** Part of the pixels that differ plainly in any channel, in thousandths. */
function differing(a: string, b: string): number {
  const [one, other] = [a, b].map((svg) => new Resvg(svg, { background: 'white' }).render().pixels);
  let count = 0;
  for (let i = 0; i < (one?.length ?? 0); i++)
    if (Math.abs((one?.[i] ?? 0) - (other?.[i] ?? 0)) > 96) count++;
  return Math.round((1000 * count) / (one?.length ?? 1));
}
