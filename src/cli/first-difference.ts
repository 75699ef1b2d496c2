/** The first place, in document order, at which two JSON values differ; `undefined` values are not there on that side. */
export interface Difference {
  /** `summary[2].net_JPerTok.value`; empty: the whole. */
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** Null where both say the same. Pure. */
export function firstDifference(a: unknown, b: unknown, path = ''): Difference | null {
  if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b))
    return Object.is(a, b) ? null : { path, a, b };
  const others = new Map(Object.entries(b));
  for (const [key, value] of Object.entries(a)) {
    const found = firstDifference(value, others.get(key), joined(path, key, Array.isArray(a)));
    if (found !== null) return found;
    others.delete(key);
  }
  const [extra] = others;
  return extra === undefined
    ? null
    : { path: joined(path, extra[0], Array.isArray(a)), a: undefined, b: extra[1] };
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function joined(path: string, key: string, isList: boolean): string {
  if (isList) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
