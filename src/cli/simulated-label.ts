/** A report of another program's shape; that of a simulated run begins with `simulated: true`, which others do not have. */
export function labelledReport(report: object, simulated: boolean): object {
  return simulated ? { simulated: true, ...report } : report;
}
