import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/backends/json.ts';
import { takeObjects } from '../../src/backends/line-stream.ts';

/** What arrives of `text` when its bytes are cut at these places; stops at the first object that says `done`. */
function arrived(text: string, cuts: readonly number[]): JsonObject[] {
  const bytes = Buffer.from(text);
  const found: JsonObject[] = [];
  const take = takeObjects((object) => {
    found.push(object);
    return object['done'] === true;
  });
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    if (take(bytes.subarray(from, to), 0)) break;
    from = to;
  }
  return found;
}

test('the same objects come out of any chunking, inside a character too', () => {
  const objects = fc.array(fc.record({ said: fc.string({ unit: 'grapheme' }) }));
  fc.assert(
    fc.property(objects, fc.array(fc.nat()), (sent, cuts) => {
      const text = sent.map((object) => `${JSON.stringify(object)}\n`).join('');
      expect(arrived(text, cuts)).toEqual(sent);
    }),
  );
});

test('blank lines and a carriage return before the line feed are passed over', () => {
  expect(arrived('\n{"a":1}\r\n\n{"b":2}\n', [3])).toEqual([{ a: 1 }, { b: 2 }]);
});

test('nothing is read after the object that ends the answer, and nothing of a line without its end', () => {
  expect(arrived('{"done":true}\n{"a":1}\n', [])).toEqual([{ done: true }]);
  expect(arrived('{"a":1}\n{"b":', [])).toEqual([{ a: 1 }]);
});

test.each(['[1]', '7', '{"a":', 'null'])('a line that is no object is a protocol error: %s', (line) => {
  expect(() => arrived(`${line}\n`, [])).toThrow(expect.objectContaining({ code: 'BACKEND_PROTOCOL' }));
});
