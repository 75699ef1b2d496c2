/** The time in a UUIDv7, to the millisecond: unique enough to name a run, and short enough to type. */
export function shortId(runId: string): string {
  return runId.slice(0, 'xxxxxxxx-xxxx'.length);
}
