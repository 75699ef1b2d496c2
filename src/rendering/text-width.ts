/** Mean advance of Inter's letters in parts of the font size, by kind of letter. Measured over the shipped font. */
const ADVANCES: readonly (readonly [RegExp, number])[] = [
  [/[iljI.,:;|!'’·]/u, 0.27],
  [/[frt()[\]{} \-/\\"°]/u, 0.36],
  [/[mwMW@%—]/u, 0.88],
  [/[A-Z#&]/u, 0.68],
  [/[0-9+=<>~±×–]/u, 0.63],
  [/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u, 1],
];
const ORDINARY = 0.57;

/** Width of one line of text where nothing can measure it; within about a tenth for names and numbers. */
export function textWidth_px(text: string, fontSize_px: number): number {
  let width = 0;
  for (const letter of text) width += ADVANCES.find(([kind]) => kind.test(letter))?.[1] ?? ORDINARY;
  return width * fontSize_px;
}

/** Lines of whole words no wider than `limit_px`; a longer word has a line of its own. */
export function wrapped(text: string, fontSize_px: number, limit_px: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth_px(longer, fontSize_px) <= limit_px) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
