/** Cells of one line of CSV: quoted cells may hold commas, and doubled quotes stand for one. */
export function csvCells(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') {
      if (isQuoted && line.charAt(at + 1) === '"') {
        cell += '"';
        at++;
      } else isQuoted = !isQuoted;
    } else if (character === ',' && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell];
}
