import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeText, html, Markup, scriptJson, withoutControls } from '../../src/rendering/markup.ts';

describe('html', () => {
  test('escapes every hole but Markup, and shows null as a dash', () => {
    const hole = '<b>&"\'';
    expect(
      html`<p title="${hole}">${new Markup('<i>ok</i>')}${null}${[html`${1}`, html`${2}`]}</p>`.html,
    ).toBe('<p title="&#60;b&#62;&#38;&#34;&#39;"><i>ok</i>–12</p>');
  });

  test('no text whatever opens an element, ends an attribute or starts an entity', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeText(text).replace(/&#\d+;/g, '')).not.toMatch(/[<>"'&]/);
      }),
    );
  });

  test('control, direction and half characters are shown, line breaks and whole letters stay', () => {
    expect(withoutControls('a\u0000\u001b[31m\u202eb\ud800c\n\t🦙')).toBe(
      'a\ufffd\ufffd[31m\ufffdb\ufffdc\n\t🦙',
    );
  });
});

describe('scriptJson', () => {
  test('is the same value after parsing, and cannot end its element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = scriptJson(value);
        expect(text).not.toMatch(/[<\u2028\u2029]/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(scriptJson('</script><!--\u2028')).toBe('"\\u003c/script>\\u003c!--\\u2028"');
  });
});
