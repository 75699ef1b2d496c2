import { buildProgram } from '../../src/cli/program.ts';
import { referenceText } from './reference.ts';
import { troubleshootingText } from './troubleshooting.ts';

/** Pages that are written from tables of the program, by their path in the repository. */
export function writtenPages(): ReadonlyMap<string, string> {
  const program = buildProgram({
    version: '',
    elevation: { guard: null, dropped: false, reason: null },
    exitCode: 0,
  });
  return new Map([
    ['src/cli/REFERENCE.md', referenceText(program)],
    ['src/cli/TROUBLESHOOTING.md', troubleshootingText()],
  ]);
}
