/** Text that is safe as HTML. */
export class Markup {
  readonly html: string;
  constructor(html: string) {
    this.html = html;
  }
}

type Part = string | number | null | Markup | readonly Markup[];

/** A template whose holes are escaped unless they are Markup themselves: the only way text gets into a page. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    strings.map((text, i) => text + (i < parts.length ? partText(parts[i] ?? null) : '')).join(''),
  );
}

function partText(part: Part): string {
  if (part === null) return '–';
  if (part instanceof Markup) return part.html;
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return part.map((item) => item.html).join('');
}

/** Control and direction characters are shown, not obeyed. */
export function escapeText(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Control, direction and half characters as U+FFFD: what neither a page nor an XML file may hold. Line breaks and tabs stay. */
export function withoutControls(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, '\ufffd')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '\ufffd')
  );
}

/** JSON that can stand inside a script element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
