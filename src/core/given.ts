/** The same without members that are undefined or null. */
export type Given<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

/** Members that were given: neither undefined nor null. */
export function given<T extends object>(values: T): Given<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as Given<T>;
}
