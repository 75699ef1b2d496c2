/** Lines of a CSV file; those of a simulated run carry one more column, `simulated`, which others do not have. */
export function* labelledCsv(lines: Iterable<string>, simulated: boolean): Generator<string> {
  let isHeading = true;
  for (const line of lines) {
    yield simulated ? line.replace(/\n$/, isHeading ? ',simulated\n' : ',true\n') : line;
    isHeading = false;
  }
}

/** A report of another program's shape; that of a simulated run begins with `simulated: true`, which others do not have. */
export function labelledReport(report: object, simulated: boolean): object {
  return simulated ? { simulated: true, ...report } : report;
}
