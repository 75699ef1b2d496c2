/** A field of `--query-gpu`, best name first: newer drivers renamed some and dropped old names. Source: nvidia-smi --help-query-gpu, drivers 470 to 610. */
const WANTED: readonly (readonly string[])[] = [
  ['timestamp'],
  ['count'],
  ['index'],
  ['uuid'],
  ['name'],
  ['driver_version'],
  ['compute_cap'],
  ['power.draw.instant'],
  ['power.draw.average'],
  ['power.draw'],
  ['power.limit', 'enforced.power.limit'],
  ['utilization.gpu'],
  ['memory.used'],
  ['temperature.gpu'],
  ['clocks.sm', 'clocks.current.sm'],
  ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'],
  ['mig.mode.current'],
];

/** Without these there is nothing to read. */
const NEEDED = ['index'];
const POWER = ['power.draw.instant', 'power.draw.average', 'power.draw'];

/** The names that mean the same, as the parser calls them: the first of each group. */
export function canonicalField(name: string): string {
  return WANTED.find((names) => names.includes(name))?.[0] ?? name;
}

/** What is asked for where nothing is known of the driver. */
export const DEFAULT_FIELDS: readonly string[] = WANTED.map(([best = '']) => best);

/** Of `--help-query-gpu`, the fields to ask for; the default ones where the text names none. */
export function fieldsOfHelp(help: string): readonly string[] {
  const known = new Set([...help.matchAll(/"([a-z][a-z0-9_.]*)"/gi)].map((match) => match[1] ?? ''));
  const fields = WANTED.flatMap((names) => names.find((name) => known.has(name)) ?? []);
  return isEnough(fields) ? fields : DEFAULT_FIELDS;
}

/** The fields without the one that the tool refuses: by its other name, where it has one. Null: too few are left. */
export function fieldsWithout(fields: readonly string[], refused: string): readonly string[] | null {
  const left = fields.flatMap((field) => {
    if (field !== refused) return [field];
    const names = WANTED.find((group) => group.includes(field)) ?? [];
    return names.slice(names.indexOf(field) + 1, names.indexOf(field) + 2);
  });
  return left.join() !== fields.join() && isEnough(left) ? left : null;
}

/** The field that a line of the tool refuses, or null. */
export function refusedField(text: string): string | null {
  return /^Field "([^"]*)" is not a valid field to query/im.exec(text)?.[1] ?? null;
}

function isEnough(fields: readonly string[]): boolean {
  return NEEDED.every((name) => fields.includes(name)) && POWER.some((name) => fields.includes(name));
}
