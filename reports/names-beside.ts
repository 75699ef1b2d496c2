/** A point with a name; x and y as the axes have them. */
export interface NamedPoint {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

/** Where a name may stand beside its point, the best place first. */
export interface Corner {
  readonly side: 'left' | 'right';
  readonly dy_px: number;
}

/** Below the cheapest there is room. */
export const CORNERS: readonly Corner[] = [-9, 9, 23].flatMap((dy_px) =>
  (['right', 'left'] as const).map((side) => ({ side, dy_px })),
);

/** Plot in pixels, from the least to the greatest x and from 0 to the greatest y. */
export interface Plot {
  readonly width_px: number;
  readonly height_px: number;
  readonly named: readonly NamedPoint[];
  /** Points that no name may cover. */
  readonly all: readonly NamedPoint[];
}

export interface PlacedName {
  readonly label: string;
  readonly corner: Corner;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** As drawn: letters of 11 px, and the distance of a name from its point. */
const LETTER_PX = 6.4;
const LINE_PX = 13;
export const NAME_DX_PX = 9;
export const NAME_LIMIT_PX = 220;
const POINT_PX = 5;

/** Each name at the first corner of its point where it covers nothing and leaves the plot nowhere; others get none. */
export function namesBeside({ named, all, width_px, height_px }: Plot): PlacedName[] {
  const least = Math.min(...all.map(({ x }) => x));
  const span = Math.max(...all.map(({ x }) => x)) - least;
  const most = Math.max(...all.map(({ y }) => y));
  const at = ({ x, y }: NamedPoint): readonly [number, number] => [
    span > 0 ? ((x - least) / span) * width_px : width_px / 2,
    most > 0 ? (1 - y / most) * height_px : height_px / 2,
  ];
  const taken: Box[] = all.map((point) => around(at(point)));
  const placed: PlacedName[] = [];
  for (const point of named) {
    const found = CORNERS.map((corner) => ({ corner, box: boxAt(at(point), corner, point.label) })).find(
      ({ box }) =>
        box.left >= 0 &&
        box.right <= width_px &&
        box.bottom <= height_px &&
        !taken.some((other) => areOver(box, other)),
    );
    if (found === undefined) continue;
    taken.push(found.box);
    placed.push({ label: point.label, corner: found.corner });
  }
  return placed;
}

function around([x, y]: readonly [number, number]): Box {
  return { left: x - POINT_PX, right: x + POINT_PX, top: y - POINT_PX, bottom: y + POINT_PX };
}

function boxAt([x, y]: readonly [number, number], corner: Corner, label: string): Box {
  const long = Math.min(NAME_LIMIT_PX, label.length * LETTER_PX);
  const left = corner.side === 'right' ? x + NAME_DX_PX : x - NAME_DX_PX - long;
  const middle = y + corner.dy_px;
  return { left, right: left + long, top: middle - LINE_PX / 2, bottom: middle + LINE_PX / 2 };
}

function areOver(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
