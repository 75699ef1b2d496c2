import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LineFrame, LineFrames } from '../../samplers/line-frames.ts';
import { anyCuts } from '../support/chopped.ts';

function framesOf(bytes: Uint8Array, cuts: readonly number[] = [0, bytes.length], limit_B = 20): LineFrame[] {
  const frames = new LineFrames(limit_B);
  const found: LineFrame[] = [];
  for (let i = 1; i < cuts.length; i++) found.push(...frames.push(bytes.slice(cuts[i - 1], cuts[i])));
  const last = frames.end();
  return last === null ? found : [...found, last];
}

describe('LineFrames', () => {
  test('lines end in \\n or \\r\\n, and the last may have no end', () => {
    expect(framesOf(Buffer.from('one\ntwo\r\n\nthree'))).toEqual([
      { text: 'one' },
      { text: 'two' },
      { text: '' },
      { text: 'three' },
    ]);
  });

  test('a byte-order mark is no part of the first line', () => {
    expect(framesOf(Buffer.from('\ufeffone\n\ufefftwo\n'))).toEqual([{ text: 'one' }, { text: '\ufefftwo' }]);
  });

  test('a line is there with its own last byte', () => {
    const frames = new LineFrames();
    expect(frames.push(Buffer.from('12.5'))).toEqual([]);
    expect(frames.push(Buffer.from('\n'))).toEqual([{ text: '12.5' }]);
  });

  test('a line over the limit is counted, not kept, and the next one is whole', () => {
    expect(framesOf(Buffer.from(`${'x'.repeat(50)}\nok\n`))).toEqual([{ dropped_B: 50 }, { text: 'ok' }]);
  });

  test('what waits for its end is a copy: the chunk may be used again', () => {
    const frames = new LineFrames();
    const chunk = Buffer.from('abc');
    frames.push(chunk);
    chunk.fill(0x7a);
    expect(frames.push(Buffer.from('\n'))).toEqual([{ text: 'abc' }]);
  });

  test('any chunking gives the same lines', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r', '\u{1f50b}', ','), maxLength: 80 });
    const cutText = text.chain((one) =>
      fc.tuple(fc.constant(Buffer.from(one)), anyCuts(Buffer.byteLength(one))),
    );
    fc.assert(
      fc.property(cutText, ([bytes, cuts]) => {
        expect(framesOf(bytes, cuts)).toEqual(framesOf(bytes));
      }),
    );
  });
});
