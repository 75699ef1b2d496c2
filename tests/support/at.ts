/** What lies at a path of parsed JSON; undefined where it leads nowhere. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? Object.entries(inner).find(([name]) => name === String(key))?.[1]
        : undefined,
    value,
  );
}

/** A response's body, and what lies at a path of it. */
export async function bodyAt(response: Response, ...path: readonly (string | number)[]): Promise<unknown> {
  return at(await response.json(), ...path);
}
