import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEventStreamParser, type ServerSentEvent } from '../../src/backends/event-stream.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(text: string, cuts: readonly number[] = []): ServerSentEvent[] {
  const whole = bytes(text);
  const parser = createEventStreamParser();
  const edges = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return edges.slice(1).flatMap((edge, index) => parser.push(whole.slice(edges[index], edge)));
}

describe('the event-stream parser', () => {
  test.each<[string, string, ServerSentEvent[]]>([
    ['reads name and data', 'event: a\ndata: 1\n\n', [{ event: 'a', data: '1' }]],
    ['names an unnamed event message', 'data: 1\n\n', [{ event: 'message', data: '1' }]],
    ['joins data lines with a line feed', 'data: 1\ndata: 2\n\n', [{ event: 'message', data: '1\n2' }]],
    ['takes one space after the colon away, not two', 'data:  x\n\n', [{ event: 'message', data: ' x' }]],
    ['needs no space after the colon', 'data:x\n\n', [{ event: 'message', data: 'x' }]],
    ['passes over comments', ': keepalive 3/9\ndata: 1\n\n', [{ event: 'message', data: '1' }]],
    [
      'passes over fields that it does not know',
      'id: 7\nretry: 5\ndata: 1\n\n',
      [{ event: 'message', data: '1' }],
    ],
    [
      'dispatches nothing for an event without data',
      'event: a\n\ndata: 1\n\n',
      [{ event: 'message', data: '1' }],
    ],
    ['dispatches empty data', 'data:\n\n', [{ event: 'message', data: '' }]],
    ['takes a field without a colon for an empty one', 'data\n\n', [{ event: 'message', data: '' }]],
    ['ends lines at CR LF', 'event: a\r\ndata: 1\r\n\r\n', [{ event: 'a', data: '1' }]],
    ['ends lines at CR alone', 'event: a\rdata: 1\r\r', [{ event: 'a', data: '1' }]],
    ['drops a byte order mark', '\uFEFFdata: 1\n\n', [{ event: 'message', data: '1' }]],
    ['forgets what no blank line ends', 'data: 1\n\ndata: 2\n', [{ event: 'message', data: '1' }]],
  ])('%s', (_title, text, events) => {
    expect(parse(text)).toEqual(events);
  });

  test('gives the same events in whatever pieces the bytes come', () => {
    const line = fc.constantFrom('event: a', 'data: ü€😀', 'data: {"x":1}', 'data', ': c', '', '', 'id: 1');
    const ending = fc.constantFrom('\n', '\r\n', '\r');
    const stream = fc.array(fc.tuple(line, ending)).map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (text, cuts) => {
        expect(parse(text, cuts)).toEqual(parse(text));
      }),
    );
  });

  test('gives back every list of events that is written as the format says', () => {
    const name = fc.stringMatching(/^[a-z._]{1,8}$/);
    const data = fc.string().filter((text) => !/[\r\n]/.test(text));
    const event = fc.record({ event: name, data: fc.array(data, { minLength: 1 }) });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const written = events.map(
          (one) => `event: ${one.event}\n${one.data.map((text) => `data: ${text}\n`).join('')}\n`,
        );
        const read = events.map((one) => ({ event: one.event, data: one.data.join('\n') }));
        expect(parse(written.join('').replace(/^\uFEFF/, ''))).toEqual(read);
      }),
    );
  });

  test('any bytes at all give events or nothing, never a throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const parser = createEventStreamParser();
        for (const chunk of chunks)
          for (const { data } of parser.push(chunk)) expect(typeof data).toBe('string');
      }),
    );
  });

  test.each([
    ['after whole events', 'data: 1\n\n', false],
    ['inside a line', 'data: 1\n\ndat', true],
    ['inside an event', 'data: 1\n', true],
    ['after a comment', ': c\n', false],
  ])('tells whether the stream ended in the middle of an event: %s', (_title, text, expected) => {
    const parser = createEventStreamParser();
    parser.push(bytes(text));
    expect(parser.end()).toBe(expected);
  });

  test.each([
    ['one endless line', 'data: '.padEnd(200, 'x')],
    ['endless lines', 'data: xxxxxxxxx\n'.repeat(20)],
  ])('refuses %s beyond its limit', (_title, text) => {
    const parser = createEventStreamParser(100);
    expect(() => parser.push(bytes(text))).toThrow(expect.objectContaining({ code: 'BACKEND_PROTOCOL' }));
  });

  test('the limit is for one event, not for the stream', () => {
    const parser = createEventStreamParser(100);
    for (let n = 0; n < 100; n++) expect(parser.push(bytes('data: 0123456789\n\n'))).toHaveLength(1);
  });
});
