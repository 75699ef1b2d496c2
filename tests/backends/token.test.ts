import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkedToken, withoutToken } from '../../src/backends/token.ts';

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
