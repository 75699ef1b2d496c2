const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** The newest `width` values as blocks, from 0 to the greatest of them; empty where there are none. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = width < 1 ? [] : values.slice(-width);
  const most = Math.max(...shown);
  return shown.map((value) => block(most > 0 ? value / most : 0)).join('');
}

function block(ratio: number): string {
  const place = Math.round(Math.max(0, ratio) * (BLOCKS.length - 1));
  return BLOCKS[place] ?? ' ';
}
