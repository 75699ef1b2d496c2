import type { RunDocument } from '../core/result.ts';

/** The one serialisation of a run document: what `--output`, `--json`, `analyze --json` and `export` print, byte for byte. */
export function runText(document: RunDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
