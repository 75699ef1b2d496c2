import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bearerToken, checkedToken, withoutToken } from '../../src/backends/token.ts';

const TOKEN = 'sk-lm-abcdEFGH:abcdefghij0123456789';

describe('the API token', () => {
  test.each([
    ['as it is', TOKEN, TOKEN],
    ['with blanks around it', ` ${TOKEN}\n`, TOKEN],
    ['not given', null, null],
    ['empty', '', null],
  ])('is taken %s', (_title, given, taken) => {
    expect(checkedToken(given)).toBe(taken);
  });

  test('is refused when it has another shape, and never quoted', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9:-]{6,60}$/), (given) => {
        fc.pre(!/^sk-lm-[a-zA-Z0-9]{8}:[a-zA-Z0-9]{20}$/.test(given));
        let message = '';
        try {
          checkedToken(given);
        } catch (thrown) {
          message = String(thrown);
        }
        expect(message).toContain('does not look like');
        expect(message).not.toContain(given);
      }),
    );
  });

  test('neither it nor one of its halves is left in a text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(TOKEN, ...TOKEN.slice(6).split(':')))),
        (parts) => {
          const cleaned = withoutToken(parts.join(' '), TOKEN);
          for (const secret of [TOKEN, 'abcdEFGH', 'abcdefghij0123456789'])
            expect(cleaned).not.toContain(secret);
        },
      ),
    );
  });

  test('a text without it stays as it is', () => {
    expect(withoutToken('nothing here', TOKEN)).toBe('nothing here');
    expect(withoutToken(TOKEN, null)).toBe(TOKEN);
  });
});

describe('the key of any other server', () => {
  const URL = 'http://127.0.0.1:5000';

  test('is sent without the blanks around it', () => {
    expect(bearerToken({ token: ' key-1 ', url: null })).toBe('key-1');
    expect(bearerToken({ token: '  ', url: URL })).toBeNull();
    expect(bearerToken({ token: null, url: URL })).toBeNull();
  });

  test('LM Studio’s own goes to another server only where its address was given', () => {
    expect(bearerToken({ token: TOKEN, url: null })).toBeNull();
    expect(bearerToken({ token: TOKEN, url: URL })).toBe(TOKEN);
  });

  test.each(['two words', 'line\nbreak', 'ümlaut'])(
    'one that no header can carry is refused: %j',
    (token) => {
      expect(() => bearerToken({ token, url: URL })).toThrow(
        expect.objectContaining({
          code: 'BACKEND_UNAUTHORIZED',
          message: expect.not.stringContaining(token),
        }),
      );
    },
  );
});
