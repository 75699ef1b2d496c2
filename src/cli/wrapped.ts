import { displayWidth } from './display-width.ts';

/**
 * Lines of at most `width` columns, broken at blanks; those after the first are indented by two more than the first. A
 * word that is longer than a line (a path, an address) stays whole, so that it can be copied.
 */
export function wrapped(text: string, width: number): string[] {
  const [, leading = '', rest = ''] = /^( *)(.*)$/s.exec(text) ?? [];
  const lines: string[] = [];
  let line = leading;
  let isEmpty = true;
  for (const word of rest.split(' ')) {
    const longer = isEmpty ? line + word : `${line} ${word}`;
    if (isEmpty || displayWidth(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = `${leading}  ${word}`;
    }
    isEmpty = false;
  }
  return [...lines, line];
}
