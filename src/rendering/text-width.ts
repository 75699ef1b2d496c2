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
