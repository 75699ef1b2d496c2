/** Tenths of a pixel: finer steps cannot be seen, not even in print. */
const PER_PX = 10;

/**
 * The same picture in fewer bytes: coordinates in tenths of a pixel, steps that lie on one line as one, circles as
 * circles, and no attribute that only repeats a default. Marks lose their own roles, since a drawing is one image.
 */
export function leanSvg(svg: string): string {
  return svg.replace(/<[^>]*>/g, leanTag);
}

/** Of a tag alone: text may look like an attribute and is to stay as it is. */
function leanTag(tag: string): string {
  const lean = tag
    .replace(/ (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*"|aria-hidden="true")/g, '')
    .replace(/ (?:pointer-events="none"|opacity="1"|stroke-width="1")/g, '')
    .replace(
      / (transform|x|y|x1|x2|y1|y2|width|height)="([^"]*)"/g,
      (_whole, name: string, value: string) => ` ${name}="${rounded(value)}"`,
    )
    .replace(' transform="translate(0,0)"', '');
  if (lean.startsWith('<line')) return leanLine(lean);
  return lean.startsWith('<path') ? leanShape(lean) : lean;
}

function leanLine(tag: string): string {
  return tag.includes(' x2="0" y2="0"') ? '' : tag.replace(/ [xy]2="0"/g, '');
}

function leanShape(tag: string): string {
  return tag
    .replace(/ d="([^"]*)"/, (_whole, path: string) => ` d="${leanPath(rounded(path))}"`)
    .replace(
      /^<path(?: transform="translate\(([-\d.]+),([-\d.]+)\)")? d="M([\d.]+),0A\3,\3,0,1,1,-\3,0A\3,\3,0,1,1,\3,0"/,
      (_whole, x: string | undefined, y: string | undefined, r: string) =>
        `<circle cx="${x ?? 0}" cy="${y ?? 0}" r="${r}"`,
    );
}

function rounded(text: string): string {
  return text.replace(/-?\d+\.\d+(?:e-?\d+)?/g, (number) => String(tenths(Number(number))));
}

/** Never `-0`. */
function tenths(value: number): number {
  return Math.round(value * PER_PX) / PER_PX + 0;
}

type Step = readonly [x: number, y: number];

/** A path of straight lines in absolute coordinates, each step as short as can be; other paths as they are. */
function leanPath(path: string): string {
  if (!/^(?:[ML]-?[\d.]+,-?[\d.]+|Z)+$/.test(path)) return path;
  return path.replace(/M[^MZ]+/g, (stretch) => {
    const steps = stretch
      .slice(1)
      .split('L')
      .map((step): Step => {
        const [x = 0, y = 0] = step.split(',').map(Number);
        return [x, y];
      });
    return written(corners(steps));
  });
}

/** Without steps that lead nowhere, or onward on the same level line or plumb line. */
function corners(steps: readonly Step[]): Step[] {
  const kept: Step[] = [];
  for (const step of steps) {
    const last = kept.at(-1);
    const before = kept.at(-2);
    if (last !== undefined && last[0] === step[0] && last[1] === step[1]) continue;
    if (last !== undefined && before !== undefined && goesOn(before, last, step)) kept.pop();
    kept.push(step);
  }
  return kept;
}

function goesOn(a: Step, b: Step, c: Step): boolean {
  const isLevel = a[1] === b[1] && b[1] === c[1] && b[0] > a[0] === c[0] > b[0];
  const isPlumb = a[0] === b[0] && b[0] === c[0] && b[1] > a[1] === c[1] > b[1];
  return isLevel || isPlumb;
}

function written(steps: readonly Step[]): string {
  return steps
    .map(([x, y], i) => {
      const last = steps[i - 1];
      if (last === undefined) return `M${x},${y}`;
      if (last[1] === y) return `H${x}`;
      return last[0] === x ? `V${y}` : `L${x},${y}`;
    })
    .join('');
}
