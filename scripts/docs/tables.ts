/** A Markdown table; cells may hold anything. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(cellText))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** In a cell a bar would end it, also within code; outside of code, words in angle brackets would be markup. */
function cellText(text: string): string {
  const parts = text.replaceAll('|', '\\|').replaceAll('\n', ' ').split('`');
  return parts.map((part, place) => (place % 2 === 1 ? part : part.replaceAll('<', '&lt;'))).join('`');
}

export function code(text: string): string {
  return `\`${text}\``;
}
